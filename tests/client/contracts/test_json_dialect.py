"""A dialect of another party is read by the client in the draft that its registry chose."""

import json
from pathlib import Path

import httpx2
import pytest

import moorings
from moorings.cli.batch import answer
from moorings.layout.schema_files import read_schema
from moorings_compat import Schema
from moorings_compat.json_schema import validator

pytest.importorskip("moorings_registry.app", reason="the server's packages are not installed")

from tests.registry.calling import Http  # behind the question whether it is there

SUBJECT = "shop.orders.OrderPlaced"
BOUND = {"type": "integer", "maximum": 3, "exclusiveMaximum": True}
TEXT = json.dumps({"$schema": "https://dialects.example.com/tracking#", "type": "object", "properties": {"n": BOUND}})


def test_events_are_validated_in_the_chosen_draft() -> None:
    http = Http()
    policy = {"json_dialect": "draft-04", "type_names": "any", "json_fields": "open"}
    http.put("/v1/domains/shop.orders", {"owner": "team", "policy": policy})
    http.register(TEXT, format="JSON")
    transport = httpx2.WSGITransport(app=http.application.middleware)
    contract = moorings.connect(http=transport, refresh_s=None, drift=False).event(SUBJECT)
    data = contract.encode({"n": 2})
    assert contract.decode(data) == {"n": 2}
    with pytest.raises(moorings.EventInvalid):
        contract.encode({"n": 3})


def test_files_are_read_as_their_domain_says(tmp_path: Path) -> None:
    folder = tmp_path / "shop.orders"
    folder.mkdir()
    (folder / "domain.toml").write_text('owner = "team"\n[policy]\njson_dialect = "draft-04"\n')
    path = folder / "OrderPlaced.v1.schema.json"
    path.write_text(TEXT)
    read: Schema = read_schema(path)
    assert read.dialect == "draft-04"
    assert not validator(read).is_valid({"n": 3})


def test_a_batch_names_the_draft_in_its_policy() -> None:
    question = {"format": "JSON", "old": TEXT, "new": TEXT, "mode": "FULL"}
    assert answer(json.dumps(question).encode())["verdict"] == "invalid"
    told = answer(json.dumps({**question, "policy": {"json_dialect": "draft-04"}}).encode())
    assert told["verdict"] == "compatible"
    wrong = answer(json.dumps({**question, "policy": {"json_dialect": "draft-03"}}).encode())
    assert wrong["verdict"] == "invalid"
