"""The feed: valid Atom, of what may be read, once for each state."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

import pytest

from tests.registry.granting import ANN, OPERATOR, in_days
from tests.webhooks.sending import World

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def shop() -> World:
    world = World(sign_in=True)
    world.domain("shop.orders")
    world.domain("crm")
    world.version()
    world.version("crm.PersonAdded")
    world.call(OPERATOR, "POST", "/subjects/shop.orders.OrderPlaced/versions", {"schema": '"int"'})
    world.grant(ANN, "shop", "read")
    return world


def titles(world: World, who: object, query: str = "") -> list[str]:
    reply = world.get(who, f"/v1/feed.atom{query}")  # type: ignore[arg-type]
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(reply.body)
    require_atom(feed)
    return [str(one.findtext(f"{ATOM}title")) for one in feed.findall(f"{ATOM}entry")]


def require_atom(feed: ET.Element) -> None:
    """What RFC 4287 demands of a feed and of its entries (sections 4.1.1 and 4.1.2)."""
    assert feed.tag == f"{ATOM}feed"
    for parent in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(parent.findall(f"{ATOM}{name}")) == 1
            assert parent.findtext(f"{ATOM}{name}")
        assert len(parent.findall(f"{ATOM}content") + parent.findall(f"{ATOM}link")) >= 1
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    assert feed.find(f"{ATOM}link[@rel='self']") is not None
    ids = [one.findtext(f"{ATOM}id") for one in feed.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))


def test_the_feed_is_newest_first_and_of_what_may_be_read(shop: World) -> None:
    everything = titles(shop, OPERATOR)
    assert everything[0] == "AccessGranted: shop"
    assert everything[-2:] == ["DomainRegistered: shop.orders", "IssuersConfigured"]
    assert titles(shop, ANN) == [
        "SchemaRefused: shop.orders.OrderPlaced",
        "SchemaRegistered: shop.orders.OrderPlaced",
        "DomainRegistered: shop.orders",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?domain=crm", ["SchemaRegistered: crm.PersonAdded", "DomainRegistered: crm"]),
        ("?domain=shop&kind=SchemaRefused", ["SchemaRefused: shop.orders.OrderPlaced"]),
        ("?kind=SchemaRefused&kind=AccessGranted", ["AccessGranted: shop", "SchemaRefused: shop.orders.OrderPlaced"]),
        ("?limit=1", ["AccessGranted: shop"]),
        ("?domain=nothing", []),
    ],
)
def test_by_domain_and_kind(shop: World, query: str, found: list[str]) -> None:
    assert titles(shop, OPERATOR, query) == found


def test_what_becomes_of_a_hidden_waiver_is_hidden_too(shop: World) -> None:
    seen = titles(shop, ANN)
    for domain in ("crm", "shop.orders"):
        wish = {"kind": "purge", "domain": domain, "reason": "r", "until": in_days(30)}
        number = shop.call(OPERATOR, "POST", "/v1/waivers", wish).json["id"]
        shop.call(OPERATOR, "DELETE", f"/v1/waivers/{number}")
    assert titles(shop, OPERATOR)[2] == "WaiverWithdrawn: crm"
    news = titles(shop, ANN)[: -len(seen)]
    assert news == ["WaiverWithdrawn: shop.orders", "WaiverRequested: shop.orders"]


@pytest.mark.parametrize("query", ["?kind=Nothing", "?limit=0", "?page=2"])
def test_what_is_not_a_query_is_refused(shop: World, query: str) -> None:
    assert shop.get(OPERATOR, f"/v1/feed.atom{query}").code == "REQUEST_INVALID"


def test_who_has_it_already_gets_no_answer(shop: World) -> None:
    def ask(who: object, **headers: str) -> tuple[int, str, Mapping[str, str]]:
        reply = shop.get(who, "/v1/feed.atom?domain=shop", **headers)  # type: ignore[arg-type]
        return reply.status, reply.headers["etag"], reply.headers

    status, etag, headers = ask(ANN)
    assert (status, headers["cache-control"]) == (200, "private, no-cache")
    assert ask(ANN, If_None_Match=etag)[0] == 304
    assert ask(OPERATOR, If_None_Match=etag)[0] in (200, 304)
    shop.version("crm.Another")
    assert ask(ANN, If_None_Match=etag)[0] == 304
    shop.version(b=1)
    assert ask(ANN, If_None_Match=etag)[0] == 200


def test_no_character_breaks_the_feed(shop: World) -> None:
    waiver = {"kind": "level", "domain": "crm", "reason": "a\u0001b <&> \ufffe", "until": in_days(30)}
    assert shop.call(OPERATOR, "POST", "/v1/waivers", waiver).status == 201
    assert titles(shop, OPERATOR)[0] == "WaiverRequested: crm"


def test_the_texts_of_schemas_are_not_in_it(shop: World) -> None:
    body = shop.get(OPERATOR, "/v1/feed.atom?limit=200").body
    assert b"fields" not in body
