"""People at the issuer for development: chosen in a browser, signed in to the pages of a real registry in memory."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click
import httpx2
import pytest
from werkzeug.test import Client, TestResponse

from moorings_registry.app import build_application
from moorings_registry.callers import Caller
from moorings_registry.cli.dev_issuer import _require_local
from moorings_registry.commands import ConfigureIssuers, GrantAccess, PutDomain
from moorings_registry.dev_issuer import DevIssuer, Person, Service
from moorings_registry.dev_issuer.server import Listening
from moorings_registry.engines import open_ledger
from moorings_registry.expiring_records import MemoryRecords
from moorings_registry.issuers import Trust
from moorings_registry.own_keys import OwnKeys
from moorings_registry.web import links

URL = "http://127.0.0.1:8081"
PAGE = links.domain_href("shop")


@dataclass(slots=True)
class Machine:
    """An issuer on a port, and a registry that trusts it."""

    issuer: DevIssuer
    application: Any
    browser: httpx2.Client
    """What goes to the issuer."""

    def begin(self, client: Client, **more: str) -> str:
        """Where the registry leads a browser that signs in."""
        query = {"to": PAGE, **more}
        return client.get("/admin/login/dev", base_url=URL, query_string=query).location

    def choose(self, asked: str, person: str) -> httpx2.Response:
        form = dict(parse_qsl(urlsplit(asked).query))
        return self.browser.post(f"{self.issuer.url}/authorize", data={**form, "person": person})

    def back(self, client: Client, answer: httpx2.Response) -> TestResponse:
        assert answer.status_code == 303, answer.text
        return client.get(answer.headers["Location"].removeprefix(URL), base_url=URL)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder: Path = tmp_path_factory.mktemp("identities")
    listening = Listening("127.0.0.1", 0, ("127.0.0.1",), plain=True)
    people = (Person.parse("ann=admins,shop-team"), Person.parse("eve"))
    url = f"http://127.0.0.1:{listening.port}"
    issuer = DevIssuer(url, folder, (Service("registry"),), people=people, pages=URL)
    listening.answer_with(issuer)
    threading.Thread(target=listening.server.serve_forever, daemon=True).start()
    trust = Trust(folder / "registry" / "issuers.toml")
    own_keys = OwnKeys(URL, records := MemoryRecords())
    own_keys.maintain()
    application = build_application(open_ledger("memory:"), trust=trust, own_keys=own_keys, records=records)
    registry = application.registry
    registry.execute(ConfigureIssuers(trust.issuers), Caller())
    registry.execute(PutDomain("shop", "team"), Caller())
    ends = registry.now().replace(year=registry.now().year + 1, day=1)
    grant = GrantAccess(issuer="dev", verbs=("read",), node="shop", group="shop-team", because="test", expires=ends)
    registry.execute(grant, Caller())
    with httpx2.Client(trust_env=False) as browser:
        yield Machine(issuer, application, browser)
    listening.server.shutdown()
    listening.server.server_close()


@pytest.mark.parametrize(("person", "page"), [("ann", 200), ("eve", 404)])
def test_whoever_is_chosen_is_signed_in_with_their_groups(machine: Machine, person: str, page: int) -> None:
    client = Client(machine.application.middleware)
    asked = machine.begin(client)
    shown = machine.browser.get(asked)
    assert (shown.status_code, f'name="person" value="{person}"' in shown.text) == (200, True)
    assert machine.back(client, machine.choose(asked, person)).location == PAGE
    seen = client.get(PAGE, base_url=URL)
    assert (seen.status_code, f"dev:{person}" in seen.text) == (page, True)
    again = machine.browser.get(machine.begin(client, renew="1"))  # the issuer remembers the browser
    assert machine.back(client, again).location == PAGE
    machine.browser.cookies.clear()
    other = machine.browser.get(machine.begin(client, renew="1"))
    assert "error=login_required" in other.headers["Location"]


def test_a_code_is_for_once_and_for_whoever_asked(machine: Machine) -> None:
    client = Client(machine.application.middleware)
    answer = machine.choose(machine.begin(client), "ann")
    code = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]
    form = {
        "grant_type": "authorization_code", "code": code, "client_id": "pages",
        "redirect_uri": f"{URL}/admin/callback", "code_verifier": "x" * 43,
    }  # fmt: skip
    for _ in range(2):  # the first one has a wrong verifier, and uses it up
        refused = machine.browser.post(f"{machine.issuer.url}/token", data=form)
        assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})
    assert machine.back(client, answer).status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "http://127.0.0.1:9/admin/callback"}, {"client_id": "other"}, {"response_type": "token"},
        {"code_challenge_method": "plain"}, {"nonce": ""}, {"person": "mallory"},
    ],
)  # fmt: skip
def test_what_is_not_a_sign_in_of_the_pages_leads_nowhere(machine: Machine, changed: dict[str, str]) -> None:
    asked = dict(parse_qsl(urlsplit(machine.begin(Client(machine.application.middleware))).query))
    sent = {**asked, "person": "ann", **changed}
    refused = machine.browser.post(f"{machine.issuer.url}/authorize", data=sent)
    assert (refused.status_code, "Location" in refused.headers) == (400, False)
    if "person" not in changed:
        assert machine.browser.get(f"{machine.issuer.url}/authorize", params=sent).status_code == 400


def test_people_are_for_this_machine_alone() -> None:
    _require_local("127.0.0.1", plain_http=True, people=True, pages=URL)
    _require_local("0.0.0.0", plain_http=False, people=False, pages="")
    for host, plain, people, pages in (
        ("0.0.0.0", True, False, ""), ("0.0.0.0", False, True, URL), ("127.0.0.1", True, True, ""),
        ("127.0.0.1", True, True, "https://registry.example.com"),
    ):  # fmt: skip
        with pytest.raises(click.UsageError):
            _require_local(host, plain_http=plain, people=people, pages=pages)
    for wrong in ("Ann", "ann=a b", "", "ann=<b>"):
        with pytest.raises(ValueError, match="is not 1 to 63"):
            Person.parse(wrong)
