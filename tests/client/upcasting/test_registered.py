"""Mappings that the registry has: a reader of the next major needs nothing but the registry's address."""

import tomllib
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import moorings
from moorings_compat import Budget, Format, Schema
from moorings_compat.mappings.reading import read_steps
from moorings_compat.mappings.trial import try_mapping
from moorings_compat.policies import DEFAULT_POLICY
from tests.client.upcasting import contracts
from tests.client.upcasting.contracts import SUBJECT

NAMES = ("AVRO", "JSON", "PROTO")


def majors(name: str) -> tuple[Schema, Schema]:
    return getattr(contracts, f"{name}_1"), getattr(contracts, f"{name}_2")


def steps_of(name: str) -> list[dict[str, Any]]:
    return list(tomllib.loads(getattr(contracts, f"{name}_MAPPING"))["step"])


def registered(registry: moorings.Registry, name: str, *, mapped: bool = True) -> None:
    registry.api.put_domain("shop.orders", {"owner": "team"})
    for schema, major in zip(majors(name), (1, "next"), strict=True):
        registry.api.register(SUBJECT, schema.text, schema.format, major=major)
    if mapped:
        registry.api.put_migration(SUBJECT, 2, steps_of(name))


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@given(data=st.data())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_events_of_the_major_before_are_read(
    data: st.DataObject, name: str, http: httpx2.BaseTransport, registry: moorings.Registry
) -> None:
    if registry.api.event(SUBJECT) is None:
        registered(registry, name)
    event = data.draw(getattr(contracts, f"{name}_EVENTS"))
    written = registry.event(SUBJECT, 1).encode(event)
    with moorings.connect(http=http, drift=False) as other:
        reader = other.event(SUBJECT, 2)
        read = reader.decode(written)
        assert reader.validate(read) == []


@pytest.mark.parametrize("left_out", range(8))
def test_what_was_tried_is_what_clients_do(name: str, left_out: int, registry: moorings.Registry) -> None:
    """A mapping that the trial passes leads the events of its witness's kind to valid ones, else it does not."""
    tables = [one for number, one in enumerate(steps_of(name)) if number != left_out]
    before, after = majors(name)
    steps, problems = read_steps(tables)
    assert problems == ()
    trial = try_mapping(steps, before, after, "OrderPlaced", DEFAULT_POLICY, Budget(1_000_000))
    registered(registry, name, mapped=False)
    if trial.failure is not None:
        with pytest.raises(moorings.RegistryRefused) as caught:
            registry.api.put_migration(SUBJECT, 2, tables)
        assert caught.value.code == "MIGRATION_UNFIT"
        return
    registry.api.put_migration(SUBJECT, 2, tables)
    writer, reader = registry.event(SUBJECT, 1), registry.event(SUBJECT, 2)
    doubtful = {one.path for one in trial.may_fail}

    @given(getattr(contracts, f"{name}_EVENTS"))
    @settings(max_examples=25, deadline=None)
    def read(event: Any) -> None:
        try:
            decoded = reader.decode(writer.encode(event))
        except moorings.EventUnreadable as error:
            if error.path not in doubtful:
                raise
        else:
            assert reader.validate(decoded) == []

    read()


def test_majors_are_mapped_one_after_the_other(registry: moorings.Registry, http: httpx2.BaseTransport) -> None:
    for name, major in (("a", 1), ("b", 2), ("c", 3)):
        text = f'{{"type": "record", "name": "OrderPlaced", "fields": [{{"name": "{name}", "type": "int"}}]}}'
        registry.api.register(SUBJECT, text, Format.AVRO, major=major)
    data = registry.event(SUBJECT, 1).encode({"a": 7})
    registry.api.put_migration(SUBJECT, 2, [{"rename": "/a", "to": "b"}])
    with moorings.connect(http=http, drift=False) as other:
        handle = other.event(SUBJECT, 3)
        with pytest.raises(moorings.EventUnreadable):
            handle.decode(data)
        registry.api.put_migration(SUBJECT, 3, [{"rename": "/b", "to": "c"}])
        handle.refresh()
        assert handle.decode(data) == {"c": 7}


def test_a_mapping_of_the_handle_comes_before_the_registrys(registry: moorings.Registry, tmp_path: Path) -> None:
    registered(registry, "JSON")
    data = registry.event(SUBJECT, 1).encode({"id": 1, "total": 2})
    file = tmp_path / "mine.toml"
    file.write_text(
        f'event = "{SUBJECT}"\nfrom = 1\nto = 2\n' + contracts.JSON_MAPPING.replace('value = "EUR"', 'value = "CHF"')
    )
    assert registry.event(SUBJECT, 2).decode(data)["amount"]["currency"] == "EUR"
    assert registry.event(SUBJECT, 2, upcasts=file).decode(data)["amount"]["currency"] == "CHF"


def test_an_event_that_is_not_mapped_says_why(registry: moorings.Registry) -> None:
    registered(registry, "AVRO", mapped=False)
    registry.api.put_migration(SUBJECT, 2, reason="orders had no customer then")
    event = {"customer": "c", "placed_at": 0, "lines": [], "city": None, "colour": "RED", "legacy": {}}
    data = registry.event(SUBJECT, 1).encode(event)
    with pytest.raises(moorings.EventUnreadable, match="no mapping to major 2: orders had no customer then"):
        registry.event(SUBJECT, 2).decode(data)


def test_a_mapping_is_used_without_a_registry(
    registry: moorings.Registry, http: httpx2.BaseTransport, tmp_path: Path
) -> None:
    registered(registry, "JSON")
    data = registry.event(SUBJECT, 1).encode({"id": 1, "total": 2})
    with moorings.connect(http=http, cache=tmp_path, drift=False) as online:
        expected = online.event(SUBJECT, 2).decode(data)
    with moorings.connect("http://127.0.0.1:9", cache=tmp_path, retries=0, drift=False) as offline:
        assert offline.event(SUBJECT, 2).decode(data) == expected
