"""SARIF 2.1.0, the format in which code scanners hand their findings to forges."""

import json
from collections.abc import Sequence
from typing import Any

from moorings.cli.results import Checked
from moorings.layout.issues import Issue

_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def sarif(checked: Sequence[Checked]) -> str:
    issues = [issue for one in checked for issue in one.issues()]
    codes = sorted({issue.code for issue in issues})
    driver = {"name": "moorings", "rules": [{"id": code, "shortDescription": {"text": code}} for code in codes]}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(issue, codes) for issue in issues]}],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _result(issue: Issue, codes: list[str]) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": issue.file.as_posix()}}
    if issue.line:
        place["region"] = {"startLine": issue.line, "startColumn": max(issue.column, 1)}
    return {
        "ruleId": issue.code,
        "ruleIndex": codes.index(issue.code),
        "level": _LEVELS[issue.weight],
        "message": {"text": f"{issue.message} {issue.advice}".strip()},
        "locations": [{"physicalLocation": place}],
    }
