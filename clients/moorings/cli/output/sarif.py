"""SARIF 2.1.0, the format in which code scanners hand their findings to forges."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from moorings.cli.catalogue import known_rules
from moorings.cli.check_changes import CheckChange
from moorings.cli.output.entries import Entry, entries
from moorings.cli.output.file_references import file_uri
from moorings.cli.results import Checked
from moorings_compat import Rule

_SARIF_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def sarif(checked: Sequence[Checked]) -> str:
    """Write one run with a result for each entry; other facts of a change are in its property bag."""
    listed = entries(checked)
    codes = sorted({entry.code for entry in listed})
    rules, _ = known_rules()
    return _document([_rule_descriptor(code, rules) for code in codes], [_result(entry, codes) for entry in listed])


def sarif_error(message: str) -> str:
    """Write a run that did not succeed, and why."""
    notification = {"level": "error", "message": {"text": message}}
    invocation = {"executionSuccessful": False, "toolExecutionNotifications": [notification]}
    return _document([], [], [invocation])


def _document(
    rules: list[dict[str, Any]], results: list[dict[str, Any]], invocations: list[dict[str, Any]] | None = None
) -> str:
    run: dict[str, Any] = {
        "tool": {"driver": {"name": "moorings", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    if invocations:
        run["invocations"] = invocations
    document = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _rule_descriptor(code: str, rules: Mapping[str, Rule]) -> dict[str, Any]:
    rule = rules.get(code)
    if rule is None:
        return {"id": code, "shortDescription": {"text": code}}
    return {
        "id": code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.fix} Source: {rule.source}."},
    }


def _result(entry: Entry, codes: list[str]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": file_uri(entry.file)}}
    if entry.line:
        place["region"] = {"startLine": entry.line, "startColumn": max(entry.column, 1)}
    location: dict[str, Any] = {"physicalLocation": place}
    if entry.place:
        location["logicalLocations"] = [{"fullyQualifiedName": entry.place}]
    identity = "\n".join((file_uri(entry.file), entry.code, entry.place, entry.headline))
    result = {
        "ruleId": entry.code,
        "ruleIndex": codes.index(entry.code),
        "level": _SARIF_LEVELS[entry.weight],
        "message": {"text": entry.message},
        "locations": [location],
        "partialFingerprints": {"moorings/v1": hashlib.sha256(identity.encode()).hexdigest()},
    }
    if entry.change is not None:
        result["properties"] = _properties(entry.change)
    return result


def _properties(change: CheckChange) -> dict[str, Any]:
    """The change, with the payload that shows it first of all."""
    held = {name: value for name, value in change.as_json().items() if value and name not in ("sentence", "ways")}
    if change.shown_by and change.shown_by[0].witness:
        held["witness"] = change.shown_by[0].witness
    return held
