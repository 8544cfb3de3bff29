"""Terraform's community providers of schema registries, by the Go client `srclient`.

The vendor's type for bodies, no `Accept`, references always a list, `schemaType` left out for Avro. A subject is taken
over only where it does not exist. Creating registers, then gets the schema by its id alone; the next refresh reads the
newest version and the level in effect. A type that is null is Avro. Any status outside 2xx fails the run with the body.
Destroying permanently sends `permanent=true`, and no soft delete before. It signs in by Basic, or by a token.
"""

import json
from typing import Any, ClassVar
from urllib.parse import quote

import pytest

from tests.confluent.tools.calling import Refused, Tool, read
from tests.confluent.tools.conftest import Pointed
from tests.confluent.tools.content import MONEY_PROTO, SHIPMENT_PROTO, record
from tests.confluent.tools.java_client import REFERENCE

BY_ID = {"schema": str, "schemaType?": ("AVRO", "JSON", "PROTOBUF"), "references?": [REFERENCE], "version?": int}
SCHEMA = {**BY_ID, "subject": str, "version": int, "id": int}
LEVEL = {"compatibilityLevel": str}


class Community(Tool):
    on_page: ClassVar[str] = "Terraform, community providers"

    def is_managed(self, subject: str) -> bool:
        return subject in read(self.get("/subjects"), [str])

    def apply(self, subject: str, schema: str, kind: str = "AVRO", references: Any = (), level: str = "") -> None:
        body = {"schema": schema, "references": list(references), **({} if kind == "AVRO" else {"schemaType": kind})}
        id = read(self.call("POST", f"/subjects/{_escaped(subject)}/versions", body), {"id": int})["id"]
        assert read(self.get(f"/schemas/ids/{id}"), BY_ID).get("schemaType", "AVRO") == kind
        if level:
            answer = self.call("PUT", f"/config/{_escaped(subject)}", {"compatibility": level})
            assert read(answer, {"compatibility": str})["compatibility"] == level

    def refresh(self, subject: str) -> tuple[dict[str, Any], str]:
        newest = read(self.get(f"/subjects/{_escaped(subject)}/versions/latest"), SCHEMA)
        return newest, read(self.get(f"/config/{_escaped(subject)}?defaultToGlobal=true"), LEVEL)["compatibilityLevel"]

    def destroy(self, subject: str, *, hard: bool = False) -> None:
        read(self.call("DELETE", f"/subjects/{_escaped(subject)}{'?permanent=true' if hard else ''}"), [int])


def _escaped(subject: str) -> str:
    return quote(subject, safe=":+$&=@")


def test_a_schema_is_applied_refreshed_changed_and_destroyed(pointed: Pointed) -> None:
    terraform, subject = pointed.at(Community), "tfc-value"
    assert not terraform.is_managed(subject)
    terraform.apply(subject, json.dumps(record("Tfc", "id")), level="FORWARD")
    newest, level = terraform.refresh(subject)
    assert (newest["version"], json.loads(newest["schema"]), level) == (1, record("Tfc", "id"), "FORWARD")
    terraform.apply(subject, json.dumps(record("Tfc", "id", "must")), level="FORWARD")
    assert terraform.refresh(subject)[0]["version"] == 2
    terraform.destroy(subject)
    assert not terraform.is_managed(subject)


def test_every_format_is_applied_with_its_references(pointed: Pointed) -> None:
    terraform = pointed.at(Community)
    terraform.apply("tfc-money.proto", MONEY_PROTO, "PROTOBUF")
    reference = {"name": "common/money.proto", "subject": "tfc-money.proto", "version": 1}
    terraform.apply("tfc-shipment", SHIPMENT_PROTO, "PROTOBUF", [reference])
    newest, level = terraform.refresh("tfc-shipment")
    assert (newest["references"], level) == ([reference], "BACKWARD")
    terraform.apply("tfc-json", '{"type": "object"}', "JSON")
    assert terraform.refresh("tfc-json")[0]["schemaType"] == "JSON"


def test_destroying_for_good_takes_a_soft_delete_before(pointed: Pointed) -> None:
    terraform, subject = pointed.at(Community), "tfc-hard-value"
    terraform.apply(subject, json.dumps(record("Tfc", "id")))
    with pytest.raises(Refused) as refused:
        terraform.destroy(subject, hard=True)
    assert refused.value.code == 40405
    terraform.destroy(subject)
    terraform.destroy(subject, hard=True)
    with pytest.raises(Refused) as refused:
        terraform.refresh(subject)
    assert refused.value.code == 40401


def test_a_change_that_breaks_fails_the_run_with_the_reason(pointed: Pointed) -> None:
    with pytest.raises(Refused, match="must has no default") as refused:
        pointed.at(Community).apply("orders-value", json.dumps(record("Order", "id", "must")))
    assert refused.value.status == 409
