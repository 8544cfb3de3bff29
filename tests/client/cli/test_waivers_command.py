"""`moorings waivers` against a real registry."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

import moorings as client
from moorings.cli.commands import run
from moorings.cli.session import Session

Run = Callable[..., int]
TODAY = datetime.now(UTC).date()


@pytest.fixture
def moorings(http: httpx2.BaseTransport) -> Run:
    with client.connect("http://127.0.0.1", http=http, retries=0, drift=False) as registry:
        for name in ("shop.orders", "shop.stock"):
            registry.api.put_domain(name, {"owner": "team", "contacts": [], "policy": None})
    return lambda *arguments: run(["waivers", *map(str, arguments)], Session(http=http))


def grant(domain: str = "shop.orders", **more: str) -> list[str]:
    given = {"kind": "level", "domain": domain, "reason": "=Moving in", "requested-by": "ann", "approved-by": "bob"}
    given |= {"until": (TODAY + timedelta(days=30)).isoformat(), **more}
    return ["grant", *(word for name, value in given.items() for word in (f"--{name}", value))]


def found(moorings: Run, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[int]:
    capsys.readouterr()
    assert moorings("list", "--format", "json", *arguments) == 0
    return [one["id"] for one in json.loads(capsys.readouterr().out)["waivers"]]


def test_a_waiver_is_granted_listed_and_withdrawn(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert moorings(*grant()) == 0
    assert f"3  level  shop.orders  until {TODAY + timedelta(days=30)}T23:59:59" in capsys.readouterr().out
    assert moorings(*grant("shop.stock", kind="purge")) == 0
    assert found(moorings, capsys) == [4, 3]
    assert found(moorings, capsys, "--domain", "shop.stock") == [4]
    assert found(moorings, capsys, "--kind", "level") == [3]
    assert moorings("withdraw", 3) == 0
    assert "withdrawn" in capsys.readouterr().out
    assert found(moorings, capsys, "--open") == [4]
    assert found(moorings, capsys, "--ended") == [3]


def test_waivers_are_written_for_machines(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    moorings(*grant(reason="=1+1"))
    capsys.readouterr()
    assert moorings("list", "--format", "csv") == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.startswith("id,kind,domain,subject")
    assert row.endswith(",0,'=1+1")
    assert moorings("list", "--format", "markdown") == 0
    assert "| 3 | level | shop.orders |" in capsys.readouterr().out


REFUSED = [
    ("one person alone", {"approved-by": "ann"}, 1, "WAIVER_INVALID"),
    ("an end that lies too far away", {"until": (TODAY + timedelta(days=200)).isoformat()}, 1, "WAIVER_INVALID"),
    ("an unknown domain", {"domain": "shop.moon"}, 1, "DOMAIN_NOT_FOUND"),
    ("an end that is not a day", {"until": "soon"}, 2, "write 2027-01-31"),
    ("a time without a zone", {"until": "2027-01-31T10:00:00"}, 2, "the time zone is missing"),
]


@pytest.mark.parametrize(("more", "code", "says"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_a_waiver_that_is_refused_says_why(
    moorings: Run, capsys: pytest.CaptureFixture[str], more: dict[str, str], code: int, says: str
) -> None:
    assert moorings(*grant(**{"domain": "shop.orders", **more})) == code
    assert says in capsys.readouterr().err


def test_an_unknown_waiver_cannot_be_withdrawn(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert moorings("withdraw", 7) == 1
    assert "WAIVER_NOT_FOUND" in capsys.readouterr().err
    assert moorings("list") == 0
    assert "no waivers" in capsys.readouterr().out
