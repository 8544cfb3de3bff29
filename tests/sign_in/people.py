"""People in front of the pages: a registry with a clock that tests move, an issuer that says what tests like, and a
browser without a window."""

import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc.jwk import Key
from werkzeug.test import Client, TestResponse

from moorings_registry.app import build_application
from moorings_registry.callers import Caller
from moorings_registry.commands import ConfigureIssuers, GrantAccess
from moorings_registry.engines import open_ledger
from moorings_registry.expiring_records import MemoryRecords
from moorings_registry.issuers import Trust
from moorings_registry.own_keys import OwnKeys
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.signed_in import issuers_file

URL = "http://127.0.0.1:8081"
PAGES = "moorings-pages"
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


class Clock:
    """Seconds of the epoch; tests move it."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


class PeopleRegistry:
    """A registry in memory with sign-in of people."""

    def __init__(self, folder: Path, issuer: ForgingIssuer, now_s: float) -> None:
        self.issuer = issuer
        self.clock = Clock(now_s)
        self.records = MemoryRecords()
        self.own_keys: list[OwnKeys] = []
        path = issuers_file(folder, issuer, f'groups_claim = "groups"\nclient_id = "{PAGES}"')
        self.trust = Trust(path, fetch=issuer.known_keys, clock=self.clock)
        self.application = self.node()
        self.registry = self.application.registry
        self.registry.execute(ConfigureIssuers(self.trust.issuers), Caller())

    def node(self) -> Any:
        """A node of the service: with keys of its own, and what is kept beside the ledger in common."""
        own_keys = OwnKeys(URL, self.records, clock=self.clock)
        own_keys.maintain()
        self.own_keys.append(own_keys)
        return build_application(
            open_ledger("memory:"),
            trust=self.trust,
            own_keys=own_keys,
            records=self.records,
            clock=lambda: datetime.fromtimestamp(self.clock(), UTC),
        )

    def move(self, seconds: float) -> None:
        """Let time pass, in which the threads of a served registry would have done their work."""
        self.clock.now_s += seconds
        for one in self.own_keys:
            one.maintain()

    def grant(self, node: str, *verbs: str, group: str = "", principal: str = "") -> None:
        command = GrantAccess(
            issuer="people", verbs=verbs, node=node, group=group, principal=principal, because="a test",
            expires=self.registry.now().replace(year=self.registry.now().year + 1, day=1),
        )  # fmt: skip
        self.registry.execute(command, Caller())

    def id_token(
        self, nonce: str, /, *, header: Mapping[str, Any] | None = None, key: Key | None = None, **changed: Any
    ) -> str:
        """The ID token of ann with some claims changed; `...` leaves one out."""
        now = int(self.clock())
        good = {"aud": PAGES, "client_id": ..., "jti": ..., "nonce": nonce, "iat": now, "exp": now + 300}
        more = {"auth_time": now, "groups": ["shop-team"], "name": "Ann"}
        return self.issuer.token(header={"typ": ..., **(header or {})}, key=key, **{**good, **more, **changed})


class Person:
    """A browser of one person, who signs in as the issuer says."""

    def __init__(self, site: PeopleRegistry, application: Any = None) -> None:
        self.site = site
        self.issuer_session = uuid.uuid4().hex
        self.client = Client((application or site.application).middleware)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=URL, headers=headers)

    def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str] = OWN_PAGE) -> TestResponse:
        return self.client.post(path, base_url=URL, data=form, headers=dict(headers))

    def send(self, shown: TestResponse, action: str, **fields: str) -> TestResponse:
        """Send the form of a page that is sent to *action*, with its hidden fields and these."""
        return self.post(
            action, {**hidden(shown.text, action), **fields}, {**OWN_PAGE, "Referer": URL + shown.request.path}
        )

    def begin(self, path: str = "/admin/", **more: str) -> dict[str, str]:
        """Begin to sign in; what the issuer is asked."""
        query = "&".join(f"{name}={value}" for name, value in {"to": path, **more}.items())
        reply = self.get(f"/admin/login/people?{query}")
        assert reply.status_code == 303, reply.text
        assert reply.location.startswith(f"{self.site.issuer.url}/authorize?")
        return dict(parse_qsl(urlsplit(reply.location).query))

    def come_back(self, asked: Mapping[str, str], token: str | None = None, **answer: Any) -> TestResponse:
        """Come back from the issuer, which makes *token* of the code."""
        text = self.site.id_token(asked["nonce"], sid=self.issuer_session) if token is None else token
        self.site.issuer.answer_code = lambda: (200, "application/json", json.dumps({"id_token": text}).encode())
        query = {"code": "a-code", "state": asked["state"], "iss": self.site.issuer.url, **answer}
        sent = {name: value for name, value in query.items() if value is not ...}
        return self.client.get("/admin/callback", base_url=URL, query_string=sent)

    def sign_in(self, path: str = "/admin/", **changed: Any) -> TestResponse:
        asked = self.begin(path)
        reply = self.come_back(asked, self.site.id_token(asked["nonce"], **{"sid": self.issuer_session, **changed}))
        assert (reply.status_code, reply.location) == (303, path), reply.text
        return reply

    @property
    def cookie(self) -> str:
        """The value of the session cookie; empty without one."""
        found = self.client.get_cookie("moorings-8081", "127.0.0.1")
        return found.value if found is not None else ""

    def take_cookie(self, value: str) -> None:
        """Have a session cookie, from wherever."""
        self.client.set_cookie("moorings-8081", value, domain="127.0.0.1", path="/")


def hidden(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that is sent to *action*."""
    form = re.search(rf'action="{re.escape(action)}"[^>]*>(.*?)</form>', html, re.DOTALL)
    assert form, f"no form for {action}"
    return dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form[1]))


def query_of(location: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(location).query)
