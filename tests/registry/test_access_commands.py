"""The commands about access, and `moorings waivers approve`, against a registry that callers sign in to."""

import json
from collections.abc import Callable

import httpx2
import pytest

from moorings.cli.commands import run
from moorings.cli.session import Session
from tests.registry.granting import ANN, BOB, Guarded, in_days

Run = Callable[..., int]


@pytest.fixture
def guarded() -> Guarded:
    guarded = Guarded()
    guarded.domain("shop")
    guarded.grant(ANN, "shop", "govern")
    guarded.everybody_is(ANN)
    return guarded


@pytest.fixture
def moorings(guarded: Guarded) -> Run:
    http = httpx2.WSGITransport(app=guarded.application.middleware)
    return lambda *arguments: run([str(one) for one in arguments], Session(http=http))


def test_a_grant_is_given_listed_explained_and_revoked(
    guarded: Guarded, moorings: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (
        "grant",
        "shop.orders",
        "register",
        "--to",
        "people:bob",
        "--expires",
        in_days(30)[:10],
        "--because",
        "new",
    )
    assert moorings(*given, "--format", "json") == 0
    id = json.loads(capsys.readouterr().out)["grants"][0]["id"]
    assert moorings("grants", "--node", "shop.orders") == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[-1].startswith(f"{id}  shop.orders  register  people:bob, until {in_days(30)[:10]}T23:59:59")
    assert moorings("explain-access", "--as", "people:bob", "register", "shop.orders.X") == 0
    assert f"people:bob: allowed. Grant {id} allows register on 'shop.orders'" in capsys.readouterr().out
    assert moorings("explain-access", "--as", "people:bob", "govern", "shop.orders.X") == 1
    assert "not allowed" in capsys.readouterr().out
    assert moorings("revoke", id, "--because", "left") == 0
    assert moorings("explain-access", "--as", "people:bob", "register", "shop.orders.X", "--format", "json") == 1
    guarded.everybody_is(BOB)
    assert moorings("grants") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no grants"


def test_a_caller_asks_about_themselves_by_claims_too(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert moorings("explain-access", "govern", "shop") == 0
    assert "people:ann: allowed" in capsys.readouterr().out
    claims = ("--issuer", "k8s", "--claim", "service_account_uid=u-1")
    assert moorings("grant", "shop", "read", *claims, "--because", "report") == 0
    assert moorings("explain-access", *claims, "read", "shop.X") == 0
    assert moorings("explain-access", "--issuer", "k8s", "--claim", "service_account_uid=u-2", "read", "shop.X") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("grant", "crm", "read", "--to", "people:bob", "--because", "x"), 4, "Permission 'govern' is missing"),
        (("grant", "shop", "read", "--because", "x"), 1, "issuer is empty"),
        (("grant", "shop", "read", "--to", "people:*", "--because", "x"), 1, "wildcard in a principal"),
        (("grant", "shop", "read", "--issuer", "k8s", "--claim", "u", "--because", "x"), 2, "not a name and a value"),
        (("grant", "shop", "own", "--to", "people:bob", "--because", "x"), 2, "own"),
        (("grant", "shop", "read", "--to", "people:bob", "--expires", "soon", "--because", "x"), 2, "not a day"),
        (("revoke", "99"), 1, "Grant 99 not found"),
    ],
)
def test_what_is_refused_says_why(
    moorings: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, says: str
) -> None:
    assert (moorings(*arguments), says) == (code, says)
    assert says in capsys.readouterr().err


def test_a_waiver_is_approved_by_another_caller(
    guarded: Guarded, moorings: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    guarded.grant(BOB, "shop", "govern")
    asked = ("waivers", "grant", "--kind", "level", "--domain", "shop", "--reason", "x", "--until", in_days(5)[:10])
    assert moorings(*asked) == 0
    told = capsys.readouterr().out.splitlines()[-1]
    assert "waits for approval" in told
    id = told.split()[0]
    assert moorings("waivers", "approve", id) == 4
    guarded.everybody_is(BOB)
    assert moorings("waivers", "approve", id) == 0
    assert "until" in capsys.readouterr().out


def test_an_application_is_held_and_handed_over(
    guarded: Guarded, moorings: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy = ("deployed", "--app", "billing", "--env", "production", "--version")
    assert moorings(*deploy, "1") == 0
    assert moorings("consumers", "hold", "billing", "--by", "people:bob", "--domain", "shop") == 0
    assert "billing is held by people:bob, and whoever governs shop" in capsys.readouterr().out
    assert moorings(*deploy, "2") == 0  # she governs the domain
    assert moorings("consumers", "hold", "billing", "--by", "people:bob") == 0
    assert moorings(*deploy, "3") == 4
    assert "Application 'billing' is held by other callers" in capsys.readouterr().err
    assert moorings("explain", "APPLICATION_OF_OTHERS") == 0
