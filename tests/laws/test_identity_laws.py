"""Laws of identity: whatever way a schema is spelled in, registering it again changes nothing."""

import json
from random import Random
from typing import Any

import pytest

from moorings_compat import Format, SchemaError, parse
from tests.confluent.api import Api, new_api
from tests.laws.avro_worlds import SchemaMaker, respelled
from tests.laws.json_schema_worlds import DRAFTS, World

SPELLINGS = 3


@pytest.fixture(scope="module")
def api() -> Api:
    return new_api()


def registered(api: Api, subject: str, text: str, kind: str) -> dict[str, Any]:
    return api.register(subject, text, schemaType=kind)


@pytest.mark.parametrize("seed", range(40))
def test_any_spelling_of_an_avro_schema_is_the_version_that_is_there(api: Api, seed: int) -> None:
    random = Random(seed)
    made = SchemaMaker(random).schema()
    try:
        parse(json.dumps(made), Format.AVRO)
    except SchemaError:
        pytest.skip("this seed draws no schema")
    first = registered(api, f"avro-{seed}", json.dumps(made), "AVRO")
    for _ in range(SPELLINGS):
        again = json.dumps(respelled(made, random), indent=random.choice([None, 2]))
        assert registered(api, f"avro-{seed}", again, "AVRO") == first, again
        found = api.post(f"/subjects/avro-{seed}", {"schema": again, "schemaType": "AVRO"})
        assert (found.status, found.json["id"], found.json["version"]) == (200, first["id"], 1)


@pytest.mark.parametrize("seed", range(20))
def test_any_spelling_of_a_json_schema_is_the_version_that_is_there(api: Api, seed: int) -> None:
    random = Random(seed)
    made = {**World(random, random.choice(list(DRAFTS))).document(), "title": "caf\u00e9 / \u20ac"}
    try:
        parse(json.dumps(made), Format.JSON)
    except SchemaError:
        pytest.skip("this seed draws no schema")
    first = registered(api, f"json-{seed}", json.dumps(made), "JSON")
    plain = json.dumps(made, ensure_ascii=False)
    for again in (plain, json.dumps(made, indent=2), plain.replace("/", "\\/"), "\ufeff" + plain):
        assert registered(api, f"json-{seed}", again, "JSON") == first, again
