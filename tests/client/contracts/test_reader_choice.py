"""What events are read as: a version, a revision, a file or a class, and values of a class in place of dicts."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import httpx2
import pytest

import moorings
from moorings.codecs.failures import Invalid
from moorings.violations import Broken, Violation
from moorings_compat import Format

SUBJECT = "shop.orders.OrderPlaced"
FIELDS: list[dict[str, Any]] = [{"name": "order_id", "type": "string"}]
FIRST = {"type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "fields": FIELDS}
SECOND = {**FIRST, "fields": [*FIELDS, {"name": "note", "type": "string", "default": "none"}]}
THIRD = {**SECOND, "fields": [*SECOND["fields"], {"name": "n", "type": "int", "default": 7}]}  # type: ignore[misc]
EVENT = {"order_id": "o-1"}


@pytest.fixture
def shop(http: httpx2.BaseTransport) -> moorings.Registry:
    registry = moorings.connect(http=http, refresh_s=None)
    for schema in (FIRST, SECOND):
        registry.api.register(SUBJECT, json.dumps(schema), Format.AVRO)
    return registry


def as_first(tmp_path: Path) -> Path:
    (tmp_path / "reader.avsc").write_text(json.dumps(FIRST))
    return tmp_path / "reader.avsc"


READERS: list[tuple[Callable[[Path], Any], str, dict[str, Any]]] = [
    (lambda folder: None, "1.1", {**EVENT, "note": "none"}),
    (lambda folder: 1, "1.0", EVENT),
    (lambda folder: "1.0", "1.0", EVENT),
    (lambda folder: "1.1", "1.1", {**EVENT, "note": "none"}),
    (as_first, "reader.avsc", EVENT),
    (lambda folder: str(as_first(folder)), "reader.avsc", EVENT),
]


@pytest.mark.parametrize(("reader", "label", "event"), READERS)
def test_a_reader_can_be_chosen(shop: Any, tmp_path: Path, reader: Any, label: str, event: Any) -> None:
    contract = shop.event(SUBJECT, reader=reader(tmp_path))
    assert (contract.latest.label, contract.reads_as) == ("1.1", label)
    assert contract.decode(contract.encode(EVENT)) == event


def test_a_chosen_reader_stays_while_the_writer_moves_on(shop: moorings.Registry) -> None:
    contract, plain = shop.event(SUBJECT, reader="1.0"), shop.event(SUBJECT)
    shop.api.register(SUBJECT, json.dumps(THIRD), Format.AVRO)
    shop.refresh()
    assert (contract.latest.label, contract.reads_as, plain.reads_as) == ("1.2", "1.0", "1.2")
    assert contract.decode(plain.encode({**EVENT, "n": 1})) == EVENT


@pytest.mark.parametrize("reader", [9, "7.0", 44])
def test_an_unknown_revision_is_an_error(shop: moorings.Registry, reader: Any) -> None:
    with pytest.raises(moorings.ContractUnknown, match="no version"):
        shop.event(SUBJECT, reader=reader)


BAD_FILES = [("absent.avsc", None), ("x.avsc", b"{"), ("x.avsc", b"\xff"), ("x.txt", b"{}"), ("x.proto", b"nonsense")]


@pytest.mark.parametrize(("name", "content"), BAD_FILES)
def test_a_file_that_is_not_a_schema_is_an_error(
    shop: moorings.Registry, tmp_path: Path, name: str, content: Any
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(moorings.SettingInvalid, match=name):
        shop.event(SUBJECT, reader=tmp_path / name)


def test_a_file_in_a_folder_of_contracts_finds_what_it_refers_to(shop: moorings.Registry, tmp_path: Path) -> None:
    folder = tmp_path / "shop.orders"
    folder.mkdir()
    (folder / "domain.toml").write_text('owner = "team"\n')
    (folder / "Money.v1.avsc").write_text('{"type": "fixed", "name": "shop.orders.Money", "size": 2}')
    fields = [{"name": "order_id", "type": "string"}, {"name": "m", "type": ["null", "Money"], "default": None}]
    (folder / "OrderPlaced.v1.avsc").write_text(json.dumps({**FIRST, "fields": fields}))
    contract = shop.event(SUBJECT, reader=folder / "OrderPlaced.v1.avsc")
    assert contract.decode(contract.encode(EVENT)) == {**EVENT, "m": None}
    with pytest.raises(moorings.SettingInvalid, match=r"Absent\.v1\.avsc"):
        shop.event(SUBJECT, reader=folder / "Absent.v1.avsc")


def a_class(shop: moorings.Registry, version: str = "1.0", **changes: Any) -> type:
    """Make a class as `moorings generate` does."""
    found = shop.api.version(SUBJECT, version)
    facts = {
        "subject": SUBJECT,
        "major": 1,
        "label": found.label,
        "guid": str(found.guid),
        "format": "AVRO",
        "schema": found.schema,
    }
    return type("OrderPlaced", (), {"__moorings_contract__": SimpleNamespace(**(facts | changes))})


def test_a_class_is_written_and_read_as_what_it_was_made_from(shop: moorings.Registry) -> None:
    contract = shop.event(SUBJECT, reader=a_class(shop))
    shop.api.register(SUBJECT, json.dumps(THIRD), Format.AVRO)
    shop.refresh()
    assert (contract.latest.label, contract.reads_as) == ("1.0", "1.0")
    assert contract.decode(shop.event(SUBJECT, reader="1.1").encode(EVENT)) == EVENT
    with pytest.raises(moorings.EventInvalid):
        contract.encode({**EVENT, "note": "x"})


def test_a_class_of_a_revision_that_nobody_registered_reads_as_itself(shop: moorings.Registry) -> None:
    kind = a_class(shop, label=None, guid=None, schema=json.dumps(THIRD))
    contract = shop.event(SUBJECT, reader=kind)
    assert (contract.latest.label, contract.reads_as) == ("1.1", "class OrderPlaced")
    assert contract.decode(contract.encode(EVENT)) == {**EVENT, "note": "none", "n": 7}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"guid": "00000000-0000-0000-0000-000000000000"}, "another schema"),
    ({"subject": "shop.orders.OrderLost"}, "OrderLost"),
    ({"major": 2}, "major 2"),
    ({"format": "XML"}, "moorings generate"),
    ({"guid": "nonsense"}, "moorings generate"),
    ({"label": None, "guid": None, "schema": "{"}, "cannot be parsed"),
]


@pytest.mark.parametrize(("changes", "says"), WRONG)
def test_a_class_of_another_contract_is_an_error(shop: moorings.Registry, changes: Any, says: str) -> None:
    with pytest.raises(moorings.SettingInvalid, match=says):
        shop.event(SUBJECT, reader=a_class(shop, **changes))
    with pytest.raises(moorings.SettingInvalid, match="moorings generate"):
        shop.event(SUBJECT, reader=dict)


@dataclass(frozen=True)
class Order:
    order_id: str
    made: ClassVar[int] = 0

    @classmethod
    def of(cls, event: dict[str, Any]) -> "Order":
        return cls(event["order_id"])

    def event(self) -> dict[str, Any]:
        if self.order_id == "refused":
            raise Invalid([Violation("/order_id", "another id", Broken.TEXT_INVALID)])
        return {"order_id": self.order_id}


def test_values_of_a_class_are_written_and_read(shop: moorings.Registry) -> None:
    contract = shop.event(SUBJECT, into=Order.of, out_of=Order.event)
    assert contract is shop.event(SUBJECT, into=Order.of, out_of=Order.event)
    for framing in ("id", "guid"):
        same = shop.event(SUBJECT, framing=framing, into=Order.of, out_of=Order.event)
        assert same.decode(same.encode(Order("o-1"))) == Order("o-1")
    assert contract.encode(Order("o-1")) == shop.event(SUBJECT).encode(EVENT)
    assert contract.validate(Order("o-1")) == []


REFUSED: list[tuple[Any, str, Broken]] = [
    (Order("refused"), "/order_id", Broken.TEXT_INVALID),
    (Order(5), "/order_id", Broken.TYPE_WRONG),  # type: ignore[arg-type]
    (None, "", Broken.TYPE_WRONG),
    ({"order_id": "hunter2"}, "", Broken.TYPE_WRONG),
]


@pytest.mark.parametrize(("value", "pointer", "rule"), REFUSED)
def test_a_value_that_does_not_fit_its_class_is_refused(
    shop: moorings.Registry, value: Any, pointer: str, rule: Broken
) -> None:
    contract = shop.event(SUBJECT, into=Order.of, out_of=Order.event)
    with pytest.raises(moorings.EventInvalid) as caught:
        contract.encode(value)
    assert [(one.pointer, one.rule) for one in caught.value.violations] == [(pointer, rule)]
    assert contract.validate(value) == list(caught.value.violations)
    assert "hunter2" not in str(caught.value)


def test_an_event_that_the_class_cannot_take_is_unreadable(shop: moorings.Registry) -> None:
    contract = shop.event(SUBJECT, into=lambda event: {}[event["order_id"]])
    data = shop.event(SUBJECT).encode({"order_id": "hunter2"})
    with pytest.raises(moorings.EventUnreadable, match="does not fit the handle's class") as caught:
        contract.decode(data)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(moorings.EventUnreadable, match="not readable"):
        contract.decode(data[:7])


def test_the_warning_of_a_deprecated_major_points_at_the_service(shop: Any, http: Any) -> None:
    put = httpx2.Client(transport=http, base_url="http://localhost").put
    put(f"/v1/events/{SUBJECT}/majors/1", json={"state": "deprecated", "sunset": "2099-01-31"})
    with pytest.warns(moorings.ContractDeprecated, match="2099-01-31") as warned:
        shop.event(SUBJECT)
    assert [Path(one.filename) for one in warned] == [Path(__file__)]


def test_cached_content_that_does_not_match_its_guid_is_fetched_again(shop: Any, http: Any, tmp_path: Path) -> None:
    data = shop.event(SUBJECT).encode(EVENT)
    moorings.connect(http=http, cache=tmp_path).event(SUBJECT, reader="1.0").decode(data)
    for file in tmp_path.iterdir():
        file.write_text(file.read_text().replace("order_id", "user_id"))
    contract = moorings.connect(http=http, cache=tmp_path).event(SUBJECT, reader="1.0")
    assert contract.decode(data) == EVENT
