"""Contracts and schemas for the cases about conditions."""

from typing import Any

from moorings_compat import Contract, Contracts, Format, Level, Policy, Report, Schema, check, parse

NO_RULES = Contract()
SCHEMAS = {
    Format.AVRO: parse(
        """{"type": "record", "name": "OrderPlaced", "namespace": "shop", "fields": [
        {"name": "total", "type": "int"}, {"name": "note", "type": ["null", "string"]},
        {"name": "rush", "type": "boolean"},
        {"name": "size", "type": {"type": "enum", "name": "Size", "symbols": ["S", "M", "L"]}},
        {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
        {"name": "quantity", "type": "long"}]}}}]}""",
        Format.AVRO,
    ),
    Format.JSON: parse(
        """{"type": "object", "required": ["total", "rush", "size", "lines"], "properties": {
        "total": {"type": "integer"}, "note": {"type": ["null", "string"]}, "rush": {"type": "boolean"},
        "size": {"enum": ["S", "M", "L"]}, "lines": {"type": "array", "items": {"$ref": "#/definitions/line"}}},
        "definitions": {"line": {"type": "object", "required": ["quantity"],
        "properties": {"quantity": {"type": "integer"}}}}, "$schema": "http://json-schema.org/draft-07/schema#"}""",
        Format.JSON,
    ),
    Format.PROTOBUF: parse(
        """syntax = "proto3"; package shop;
        message OrderPlaced { int32 total = 1; optional string note = 2; bool rush = 3; Size size = 4;
        repeated Line lines = 5; }
        message Line { int64 quantity = 1; }
        enum Size { S = 0; M = 1; L = 2; }""",
        Format.PROTOBUF,
    ),
}


def rule(expr: str, mode: str = "WRITEREAD", **more: Any) -> dict[str, Any]:
    return {"name": "total", "kind": "CONDITION", "type": "CEL", "mode": mode, "expr": expr, **more}


def rules(*given: dict[str, Any], **more: Any) -> Contract:
    return Contract({"domainRules": list(given), **more})


def condition(expr: str, mode: str = "WRITEREAD", **more: Any) -> Contract:
    return rules(rule(expr, mode, **more))


def report(
    older: tuple[Schema, Contract], candidate: tuple[Schema, Contract], level: Level, steps: int | None = None
) -> Report:
    contracts = Contracts(candidate[1], {1: older[1]}, "OrderPlaced")
    return check(candidate[0], [(1, older[0])], level, Policy(conditions=True), steps, contracts)


def codes(older: Contract, candidate: Contract, level: Level, format: Format) -> list[str]:
    """The rules that fire between two contracts of one schema, less their ``RULE_CONDITION_``."""
    found = report((SCHEMAS[format], older), (SCHEMAS[format], candidate), level)
    return [one.rule.removeprefix("RULE_CONDITION_") for one in found.findings]
