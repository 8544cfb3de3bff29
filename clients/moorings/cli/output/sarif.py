"""SARIF 2.1.0, the format in which code scanners hand their findings to forges."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moorings.cli.catalogue import known_rules
from moorings.cli.output.file_references import file_uri
from moorings.cli.results import Checked, CheckFinding
from moorings.layout.issues import Issue
from moorings_compat import Rule

_SARIF_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def sarif(checked: Sequence[Checked]) -> str:
    """Write one run with a result for each issue; other facts of a finding are in its property bag."""
    issues = [pair for one in checked for pair in _issues(one)]
    codes = sorted({issue.code for issue, _ in issues})
    rules, _ = known_rules()
    driver = {"name": "moorings", "rules": [_rule_descriptor(code, rules) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(issue, found, codes) for issue, found in issues],
    }
    document = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _issues(checked: Checked) -> Iterator[tuple[Issue, CheckFinding | None]]:
    """Yield each issue with its finding, if it has one: problems come first."""
    findings: list[CheckFinding | None] = [None] * len(checked.problems)
    yield from zip(checked.issues(), [*findings, *checked.findings], strict=True)


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


def _result(issue: Issue, found: CheckFinding | None, codes: list[str]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": file_uri(issue.file)}}
    if issue.line:
        place["region"] = {"startLine": issue.line, "startColumn": max(issue.column, 1)}
    location: dict[str, Any] = {"physicalLocation": place}
    if issue.place:
        location["logicalLocations"] = [{"fullyQualifiedName": issue.place}]
    identity = "\n".join((file_uri(issue.file), issue.code, issue.place, issue.message))
    result = {
        "ruleId": issue.code,
        "ruleIndex": codes.index(issue.code),
        "level": _SARIF_LEVELS[issue.weight],
        "message": {"text": f"{issue.message} {issue.advice}".strip()},
        "locations": [location],
        "partialFingerprints": {"moorings/v1": hashlib.sha256(identity.encode()).hexdigest()},
    }
    if found is not None:
        result["properties"] = {
            name: value for name, value in found.as_json().items() if value and name not in ("message", "advice")
        }
    return result
