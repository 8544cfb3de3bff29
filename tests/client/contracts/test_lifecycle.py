"""Handles of majors that are drafts, deprecated and retired."""

import json
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

import moorings
from moorings.api.responses import MajorState
from moorings.notices import DraftRefused
from moorings_compat import Format

SUBJECT = "shop.orders.OrderPlaced"
OLD, NEW = (
    json.dumps({"type": "record", "name": "OrderPlaced", "fields": [{"name": name, "type": "string"}]}) for name in "ab"
)


@pytest.fixture
def shop(http: httpx2.BaseTransport, registry: moorings.Registry) -> httpx2.BaseTransport:
    """An event with an active major, and a draft of the next one."""
    registry.api.put_domain("shop.orders", {"owner": "team", "policy": {"notice_days": 0}})
    registry.api.register(SUBJECT, OLD, Format.AVRO)
    body = {"schema": NEW, "format": "AVRO", "major": "next", "state": "draft"}
    registry.api.send("POST", f"/v1/events/{SUBJECT}/versions", body)
    return http


@pytest.mark.parametrize("own", [None, "shop.payments", "shop.order", "shop.orders.eu"])
def test_a_draft_is_not_written_outside_its_domain(shop: httpx2.BaseTransport, own: str | None) -> None:
    told: list[object] = []
    with moorings.connect(http=shop, domain=own, notices=told.append, drift=False) as registry:
        draft = registry.event(SUBJECT, 2)
        with pytest.raises(moorings.ContractDraft, match=r"only applications of domain shop\.orders write with it"):
            draft.encode({"b": "x"})
        assert DraftRefused(SUBJECT, 2, "2.0") in told
        assert registry.event(SUBJECT, 1).encode({"a": "x"})


@pytest.mark.parametrize("own", ["shop.orders", "shop"])
def test_a_draft_is_written_in_its_domain_and_read_everywhere(shop: httpx2.BaseTransport, own: str) -> None:
    with moorings.connect(http=shop, domain=own, drift=False) as registry:
        data = registry.event(SUBJECT, 2).encode({"b": "x"})
    with moorings.connect(http=shop, drift=False) as registry:
        assert registry.event(SUBJECT, 2).decode(data) == {"b": "x"}


def test_the_environment_names_the_domain(shop: httpx2.BaseTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOORINGS_DOMAIN", "shop.orders")
    with moorings.connect(http=shop, drift=False) as registry:
        assert registry.event(SUBJECT, 2).encode({"b": "x"})


def test_a_draft_that_becomes_active_is_written(shop: httpx2.BaseTransport) -> None:
    with moorings.connect(http=shop, drift=False) as registry:
        draft = registry.event(SUBJECT, 2)
        with pytest.raises(moorings.ContractDraft):
            draft.encode({"b": "x"})
        event = registry.api.set_lifecycle(SUBJECT, 2, MajorState.ACTIVE)
        assert [str(one.state) for one in event.majors] == ["active", "active"]
        draft.refresh()
        assert draft.encode({"b": "x"})


def test_a_retired_major_says_what_to_write_instead(shop: httpx2.BaseTransport) -> None:
    with moorings.connect(http=shop, drift=False) as registry:
        handle = registry.event(SUBJECT, 1)
        stored = handle.encode({"a": "x"})
        registry.api.set_lifecycle(SUBJECT, 2, MajorState.ACTIVE)
        people = {"kind": "retire", "domain": "shop.orders", "requested_by": "ann", "approved_by": "bob"}
        registry.api.grant_waiver({**people, "reason": "nobody uses it", "until": _soon()})
        registry.api.set_lifecycle(SUBJECT, 1, MajorState.RETIRED)
        handle.refresh()
        with pytest.raises(moorings.ContractRetired, match="is retired; write major 2 instead"):
            handle.encode({"a": "x"})
        assert handle.decode(stored) == {"a": "x"}


def _soon() -> str:
    return (datetime.now(UTC) + timedelta(days=2)).isoformat(timespec="seconds")


def test_the_warning_of_a_deprecation_names_what_to_use(
    http: httpx2.BaseTransport, registry: moorings.Registry
) -> None:
    subject = "shop.orders.OrderLabelled"
    for text, major in ((OLD, None), (NEW, "next")):
        registry.api.register(subject, text.replace("OrderPlaced", "OrderLabelled"), Format.AVRO, major=major)
    registry.api.set_lifecycle(
        subject, 1, MajorState.DEPRECATED, sunset="2099-01-31", page="https://wiki.example/orders"
    )
    said = r"maintained until 2099-01-31; use major 2 instead \(https://wiki\.example/orders\)"
    with pytest.warns(moorings.ContractDeprecated, match=said), moorings.connect(http=http) as other:
        other.event(subject, 1)


def test_what_keeps_a_major_from_being_retired_is_asked(shop: httpx2.BaseTransport) -> None:
    with moorings.connect(http=shop, drift=False) as registry:
        found = registry.api.retirement(SUBJECT, 1)
        assert (found["allowed"], found["earliest"]) == (False, None)
        with pytest.raises(moorings.RegistryRefused) as caught:
            registry.api.set_lifecycle(SUBJECT, 1, MajorState.RETIRED)
        assert caught.value.code == "RETIREMENT_BLOCKED"
        assert [one["detail"] for one in caught.value.errors] == [one["message"] for one in found["blockers"]]
