"""`moorings deprecate`, `retire` and `activate` against a real registry."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

import moorings as client
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings_compat import Format

Run = Callable[..., int]
SUBJECT = "shop.orders.OrderPlaced"
OLD, NEW = (
    json.dumps({"type": "record", "name": "OrderPlaced", "fields": [{"name": name, "type": "string"}]}) for name in "ab"
)


def day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


@pytest.fixture
def moorings(http: httpx2.BaseTransport) -> Run:
    with client.connect("http://127.0.0.1", http=http, retries=0, drift=False) as registry:
        policy = {"notice_days": 3, "quiet_days": 3}
        registry.api.put_domain("shop.orders", {"owner": "team", "contacts": [], "policy": policy})
        registry.api.register(SUBJECT, OLD, Format.AVRO)
        registry.api.register(SUBJECT, NEW, Format.AVRO, major="next")
    return lambda *arguments: run([*map(str, arguments)], Session(http=http))


def test_a_major_is_deprecated(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert moorings("deprecate", f"{SUBJECT}@1", "--sunset", day(5)) == 0
    shown = f"{SUBJECT} major 1 is deprecated, with sunset on {day(5)}; its users move to {SUBJECT}@2"
    assert shown in capsys.readouterr().out
    assert moorings("deprecate", f"{SUBJECT}@1", "--sunset", day(4)) == 1
    refused = capsys.readouterr().err
    assert "LIFECYCLE_INVALID" in refused
    assert "; at /sunset" in refused
    assert refused.count("is earlier than the sunset that was announced") == 1, "the reason is written twice"
    assert moorings("deprecate", f"{SUBJECT}@1", "--sunset", day(6), "--format", "json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "subject": SUBJECT,
        "major": 1,
        "state": "deprecated",
        "sunset": day(6),
        "successor": {"subject": SUBJECT, "major": 2},
    }
    assert moorings("activate", f"{SUBJECT}@1") == 0
    assert f"{SUBJECT} major 1 is active\n" in capsys.readouterr().out


@pytest.mark.parametrize("sunset", ["2027-02-31", "31.01.2027", "20270131", "soon"])
def test_a_sunset_has_to_be_a_day(moorings: Run, capsys: pytest.CaptureFixture[str], sunset: str) -> None:
    assert moorings("deprecate", f"{SUBJECT}@1", "--sunset", sunset) == 2
    assert "is not a day: write it as 2027-01-31" in capsys.readouterr().err


def test_a_replacement_that_is_not_there_is_named(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert moorings("deprecate", f"{SUBJECT}@1", "--replacement", f"{SUBJECT}@7") == 1
    assert "at /replacement" in (said := capsys.readouterr().err)
    assert "names no major of this registry that is in use" in said


@pytest.mark.parametrize("options", [[], ["--dry-run"]], ids=["for real", "as a question"])
def test_what_keeps_a_major_from_being_retired_is_listed(
    moorings: Run, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert moorings("retire", f"{SUBJECT}@1", *options) == 1
    assert "NOT_DEPRECATED: Major 1 is active" in capsys.readouterr().out
    moorings("deprecate", f"{SUBJECT}@1", "--sunset", day(4))
    capsys.readouterr()
    assert moorings("retire", f"{SUBJECT}@1", *options) == 1
    out = capsys.readouterr().out
    assert f"cannot be retired before {day(5)}:" in out
    assert f"SUNSET_AHEAD: The sunset of major 1 is {day(4)} (until {day(5)})" in out
    assert moorings("retire", f"{SUBJECT}@1", *options, "--format", "json") == 1
    assert json.loads(capsys.readouterr().out)["earliest"] == day(5)


def test_a_major_is_retired_under_a_waiver_and_comes_back(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    people = ("--requested-by", "ann", "--approved-by", "bob", "--reason", "nobody uses it", "--until", day(2))
    assert moorings("waivers", "grant", "--kind", "retire", "--domain", "shop.orders", *people) == 0
    capsys.readouterr()
    assert moorings("retire", f"{SUBJECT}@1") == 0
    assert f"{SUBJECT} major 1 is retired" in capsys.readouterr().out
    assert moorings("activate", f"{SUBJECT}@1") == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["retire", SUBJECT], "write it as shop.orders.OrderPlaced@1"),
        (["deprecate", f"{SUBJECT}@0"], "write it as shop.orders.OrderPlaced@1"),
        (["deprecate", f"{SUBJECT}@1", "--sunset", "soon"], "write it as 2027-01-31"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    moorings: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert moorings(*arguments) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_an_unknown_major_is_refused(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert moorings("retire", f"{SUBJECT}@7") == 1
    assert "MAJOR_UNKNOWN" in capsys.readouterr().err


@pytest.mark.parametrize("named", ["shop.orders.OrderPlacd", "shop.order.OrderPlaced", "OrderPlaced"])
@pytest.mark.parametrize(
    "command",
    ["deprecate", "retire", "retire --dry-run", "activate", "can-i retire", "can-i break --drop /a", "who reads"],
)
def test_an_unknown_event_is_answered_with_the_one_that_was_meant(
    moorings: Run, capsys: pytest.CaptureFixture[str], command: str, named: str
) -> None:
    assert moorings(*command.split(), f"{named}@1") == 1
    assert f"Subject '{named}' not found; did you mean {SUBJECT}?" in capsys.readouterr().err


def test_an_event_that_is_like_no_other_is_refused_as_it_is(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for named in ("shop.orders.Zebra", "shop.order.Zebra", "Zebra"):
        assert moorings("retire", f"{named}@1") == 1
        refused = capsys.readouterr().err
        assert f"Subject '{named}' not found. (" in refused
        assert "did you mean" not in refused
