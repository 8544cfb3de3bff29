"""Handles of types, which other contracts refer to and nobody produces by themselves."""

import json

import httpx2
import pytest

import moorings
from moorings_compat import Format

MONEY = "shop.types.Money"
TEXT = json.dumps(
    {"type": "record", "name": "Money", "namespace": "shop.types", "fields": [{"name": "cents", "type": "int"}]}
)


@pytest.fixture
def shop(http: httpx2.BaseTransport, registry: moorings.Registry) -> httpx2.BaseTransport:
    registry.api.put_domain("shop.types", {"owner": "team", "policy": {"names": "any"}})
    registry.api.register(MONEY, TEXT, Format.AVRO)
    return http


def declare(registry: moorings.Registry, kind: str) -> None:
    registry.api.send("PUT", f"/v1/events/{MONEY}", {"kind": kind})


def test_a_type_is_not_written_by_itself_and_is_read(shop: httpx2.BaseTransport) -> None:
    with moorings.connect(http=shop, drift=False) as registry:
        handle = registry.event(MONEY, 1)
        data = handle.encode({"cents": 1})
        declare(registry, "type")
        handle.refresh()
        with pytest.raises(
            moorings.ContractIsType, match=r"shop\.types\.Money is a type that other contracts refer to"
        ):
            handle.encode({"cents": 1})
        assert handle.decode(data) == {"cents": 1}
        declare(registry, "fact")
        handle.refresh()
        assert handle.encode({"cents": 1}) == data


def test_an_event_of_a_domain_of_types_is_one_whether_declared_or_not(shop: httpx2.BaseTransport) -> None:
    with moorings.connect(http=shop, drift=False) as registry:
        registry.api.put_domain("shop.types", {"owner": "team", "policy": {"names": "any", "kinds": ["type"]}})
        with pytest.raises(moorings.ContractIsType):
            registry.event(MONEY, 1).encode({"cents": 1})
