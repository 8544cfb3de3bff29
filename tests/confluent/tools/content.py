"""What a registry holds that tools are shown: every format, references, deletes, contexts, odd names, contracts."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.confluent.tools.calling import Tool, escaped

MONEY = {
    "type": "record",
    "name": "Money",
    "namespace": "common",
    "fields": [{"name": "amount", "type": "long"}, {"name": "currency", "type": "string", "default": "EUR"}],
}
ADDRESS = {"$id": "address.json", "type": "object", "properties": {"city": {"type": "string"}}}
CUSTOMER = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"id": {"type": "string"}, "home": {"$ref": "address.json"}},
    "required": ["id"],
}
MONEY_PROTO = 'syntax = "proto3";\npackage common;\n\nmessage Money {\n  int64 amount = 1;\n}\n'
SHIPMENT_PROTO = (
    'syntax = "proto3";\npackage shop;\n\nimport "common/money.proto";\nimport "google/protobuf/timestamp.proto";\n\n'
    "message Shipment {\n  string id = 1;\n  common.Money price = 2;\n  google.protobuf.Timestamp at = 3;\n}\n"
)
RULES = {
    "domainRules": [
        {
            "name": "positive",
            "kind": "CONDITION",
            "mode": "WRITE",
            "type": "CEL",
            "expr": "message.amount > 0",
            "onFailure": "ERROR",
        }
    ]
}
METADATA = {
    "tags": {"Payment.amount": ["PII"]},
    "properties": {"owner": "team-payments", "email": "payments@example.com"},
}
ODD = "größe/a b+c%d-value"
"""A name with a slash, a space, a plus, a percent sign and letters outside ASCII."""


def record(name: str, *fields: str, **defaults: Any) -> dict[str, Any]:
    """An Avro record of strings; the fields named by keyword have that default."""
    listed: list[dict[str, Any]] = [{"name": one, "type": "string"} for one in fields]
    listed += [{"name": one, "type": "string", "default": value} for one, value in defaults.items()]
    return {"type": "record", "name": name, "namespace": "shop", "fields": listed}


@dataclass
class Content:
    """The ids of what was registered, by subject and version."""

    ids: dict[tuple[str, int], int] = field(default_factory=dict)

    def id(self, subject: str, version: int = 1) -> int:
        return self.ids[subject, version]


def fill(tool: Tool) -> Content:
    """Register everything."""
    content = Content()

    def register(subject: str, schema: Any, **more: Any) -> None:
        body = {"schema": schema if isinstance(schema, str) else json.dumps(schema), **more}
        added = tool.call("POST", f"/subjects/{escaped(subject)}/versions", body)
        content.ids[subject, added["version"]] = added["id"]

    register("orders-key", '"string"')
    register("orders-value", record("Order", "id"))
    register("orders-value", record("Order", "id", note=""))
    register("common.Money", MONEY)
    invoice = record("Invoice", "id")
    invoice["fields"].append({"name": "total", "type": "common.Money"})
    register("invoices-value", invoice, references=[{"name": "common.Money", "subject": "common.Money", "version": 1}])
    register("address.json", ADDRESS, schemaType="JSON")
    address = {"name": "address.json", "subject": "address.json", "version": 1}
    register("customers-value", CUSTOMER, schemaType="JSON", references=[address])
    register("common/money.proto", MONEY_PROTO, schemaType="PROTOBUF")
    money = {"name": "common/money.proto", "subject": "common/money.proto", "version": 1}
    register("shipments-value", SHIPMENT_PROTO, schemaType="PROTOBUF", references=[money])
    payment = record("Payment", "id")
    payment["fields"].append({"name": "amount", "type": "double"})
    register("payments-value", payment, metadata=METADATA, ruleSet=RULES)
    register(ODD, record("Odd", "id"))
    register("half-value", record("Half", "id"))
    register("half-value", record("Half", "id", more=""))
    tool.call("DELETE", "/subjects/half-value/versions/1")
    register("gone-value", record("Gone", "id"))
    tool.call("DELETE", "/subjects/gone-value")
    register("fixed-value", record("Fixed", "id"))
    tool.call("PUT", "/config/fixed-value", {"compatibility": "FULL_TRANSITIVE"})
    tool.call("PUT", "/mode/fixed-value", {"mode": "READONLY"})
    register(":.eu:orders-value", record("Order", "id", eu=""))
    register(":.eu:audits-value", record("Audit", "id"))
    return content
