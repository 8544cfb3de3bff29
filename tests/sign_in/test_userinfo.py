"""Groups that an issuer's ID tokens leave out: the pages ask for them at its userinfo endpoint."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from moorings_registry.callers import Caller
from moorings_registry.commands import PutDomain
from moorings_registry.web import links
from tests.sign_in.forging_issuer import ForgingIssuer, Page
from tests.sign_in.people import URL, PeopleRegistry, Person

PAGE = links.domain_href("shop")
ME = {"sub": "ann", "groups": ["shop-team"]}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeopleRegistry]:
    issuer = ForgingIssuer()
    issuer.says["userinfo_endpoint"] = f"{issuer.url}/me"
    folder: Path = tmp_path_factory.mktemp("people")
    site = PeopleRegistry(folder, issuer, time.time())
    site.registry.execute(PutDomain("shop", "shop-team"), Caller())
    site.grant("shop", "read", group="shop-team")
    yield site
    issuer.stop()


@pytest.mark.parametrize(
    ("of_token", "status", "told", "page", "asked"),
    [
        (..., 200, ME, 200, True),
        ([], 200, ME, 404, False),  # it says that there are none
        (..., 200, {"sub": "ann"}, 404, True),
        (..., 403, {"error": "insufficient_scope"}, 404, True),
        (..., 200, {**ME, "sub": "eve"}, "somebody else", True),
        (..., 200, {**ME, "groups": "shop-team"}, "not valid", True),
        (..., 200, [], "", True),
        (..., 500, {}, "", True),
    ],
    ids=["told", "none in the token", "none at all", "refused", "of somebody else", "a text", "a list", "away"],
)
def test_groups_that_the_id_token_leaves_out_are_asked_for(
    site: PeopleRegistry, of_token: Any, status: int, told: Any, page: int | str, asked: bool
) -> None:
    ann, issuer, shown = Person(site), site.issuer, []

    def answer(authorization: str) -> Page:
        shown.append(authorization)
        return status, "application/json", json.dumps(told).encode()

    issuer.answer_userinfo = answer
    begun = ann.begin(PAGE)
    token = site.id_token(begun["nonce"], groups=of_token)
    answered = json.dumps({"id_token": token, "access_token": "opaque", "token_type": "Bearer"}).encode()
    issuer.answer_code = lambda: (200, "application/json", answered)
    query = {"code": "c", "state": begun["state"], "iss": issuer.url}
    back = ann.client.get("/admin/callback", base_url=URL, query_string=query)
    assert shown == (["Bearer opaque"] if asked else [])
    if isinstance(page, str):
        assert back.status_code == (403 if page else 503)
        assert page in back.text
        assert ann.cookie == ""
    else:
        assert (back.status_code, ann.get(PAGE).status_code) == (303, page)


def test_without_an_access_token_nobody_is_asked(site: PeopleRegistry) -> None:
    ann = Person(site)
    site.issuer.answer_userinfo = lambda _shown: (200, "application/json", json.dumps(ME).encode())
    before = site.issuer.seen.count("/me")
    ann.sign_in(PAGE, groups=...)
    assert ann.get(PAGE).status_code == 404
    assert site.issuer.seen.count("/me") == before
