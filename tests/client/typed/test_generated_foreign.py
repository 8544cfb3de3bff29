"""Classes for events of other domains have no field that is internal there; those for own events have all."""

import importlib
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

import moorings
from moorings import typed
from moorings.cli.commands import run
from moorings.cli.session import Session
from tests.client.layout.test_lint import write

AVRO = json.dumps(
    {
        "type": "record",
        "name": "OrderPlaced",
        "namespace": "shop.orders",
        "fields": [
            {"name": "id", "type": "string"},
            {"name": "margin", "type": "double", "confluent:tags": ["Internal"]},
            {"name": "note", "type": "string"},
        ],
    }
)
JSON = json.dumps(
    {
        "title": "OrderPaid",
        "type": "object",
        "required": ["id", "hidden", "to", "back"],
        "properties": {
            "id": {"type": "string"},
            "hidden": {"type": "string"},
            "to": {"$ref": "#/definitions/Place"},
            "back": {"$ref": "#/definitions/Place"},
        },
        "definitions": {
            "Place": {
                "type": "object",
                "required": ["city", "shelf"],
                "properties": {"city": {"type": "string"}, "shelf": {"type": "string"}},
            }
        },
    }
)
PROTO = """syntax = "proto3"; package shop.orders; import "confluent/meta.proto";
message OrderShipped { string id = 1; double margin = 2 [(confluent.field_meta).tags = "internal"]; }"""
FILES = {
    "shop.orders/domain.toml": 'owner = "team-orders"\n[policy]\ncomplete = false\n',
    "shop.orders/OrderPlaced.v1.avsc": AVRO,
    "shop.orders/OrderPlaced.v1.toml": '[metadata.tags]\n"shop.orders.OrderPlaced.note" = ["internal"]\n',
    "shop.orders/OrderPaid.v1.schema.json": JSON,
    "shop.orders/OrderPaid.v1.toml": '[metadata.tags]\n"$.hidden" = ["internal"]\n"$.to.shelf" = ["internal"]\n',
    "shop.orders/OrderShipped.v1.proto": PROTO,
}
PLACES = ("order_placed_v1", "order_paid_v1", "order_shipped_v1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "schemas", FILES)


def attributes(out: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The attributes of every generated class, by its name."""
    monkeypatch.syspath_prepend(str(out.parent))
    importlib.invalidate_caches()
    found: dict[str, list[str]] = {}
    for place in PLACES:
        module: Any = importlib.import_module(f"{out.name}.shop_orders.{place}")
        classes = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
        found.update({one.__name__: sorted(one.__annotations__) for one in classes})
    return {name: [one for one in names if not one.startswith("_")] for name, names in found.items()}


ALL = {
    "OrderPlaced": ["id", "margin", "note"],
    "OrderPaid": ["back", "hidden", "id", "to"],
    "Place": ["city", "shelf"],
    "OrderShipped": ["id", "margin"],
}
FOREIGN = {"OrderPlaced": ["id"], "OrderPaid": ["back", "id", "to"], "Place": ["city", "shelf"], "OrderShipped": ["id"]}


@pytest.mark.parametrize(
    ("owns", "policy", "expected"),
    [
        ("owns", "", ALL),
        ("consumes", "", FOREIGN),
        ("consumes", 'internal = "flag"\n', ALL),
    ],
)
def test_classes_of_a_folder(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owns: str,
    policy: str,
    expected: dict[str, list[str]],
) -> None:
    (tmp_path / "moorings.toml").write_text(f'{owns} = ["shop.orders"]\n')
    (folder / "shop.orders/domain.toml").write_text(FILES["shop.orders/domain.toml"] + policy)
    out = tmp_path / f"made_{owns}_{len(policy)}"
    assert run(["--schemas", str(folder), "generate", "--out", str(out)]) == 0
    assert attributes(out, monkeypatch) == expected


def test_classes_from_a_registry_read_what_the_client_leaves(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, http: httpx2.BaseTransport
) -> None:
    assert run(["--schemas", str(folder), "push"], Session(http=http)) == 0
    (tmp_path / "else").mkdir()
    monkeypatch.chdir(tmp_path / "else")
    events = [f"--event=shop.orders.{one}" for one in ("OrderPlaced", "OrderPaid", "OrderShipped")]
    out = tmp_path / "made_elsewhere"
    command = ["generate", "--url", "http://127.0.0.1", "--out", str(out), *events]
    assert run(["--schemas", str(tmp_path / "else/schemas"), *command], Session(http=http)) == 0
    assert attributes(out, monkeypatch) == FOREIGN
    paid = importlib.import_module("made_elsewhere.shop_orders.order_paid_v1").OrderPaid
    whole = {"id": "a", "hidden": "h", "to": {"city": "x", "shelf": "1"}, "back": {"city": "y", "shelf": "2"}}
    with moorings.connect("http://127.0.0.1", http=http, domain="shop.orders", drift=False) as owner:
        data = owner.event("shop.orders.OrderPaid", major=1).encode(whole)
    with moorings.connect("http://127.0.0.1", http=http, domain="billing", drift=False) as foreign:
        event = typed.event(foreign, paid).decode(data)  # the warning was given when the classes were made
    assert (event.id, event.to.city, event.to.shelf, event.back.shelf) == ("a", "x", None, "2")
