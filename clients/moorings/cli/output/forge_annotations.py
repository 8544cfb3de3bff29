"""Annotations of lines in a change: GitHub's workflow commands, GitLab's code quality report."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from moorings.cli.output.file_references import shown_path
from moorings.cli.results import Checked
from moorings.layout.issues import Weight

_COMMANDS = {Weight.ERROR: "error", Weight.WARNING: "warning", Weight.NOTE: "notice"}
_SEVERITIES = {Weight.ERROR: "critical", Weight.WARNING: "minor", Weight.NOTE: "info"}


def github(checked: Sequence[Checked]) -> str:
    """Write ``::error file=…,line=…::…`` for each issue."""
    lines = []
    for issue in (issue for one in checked for issue in one.issues()):
        place = f"file={_property(shown_path(issue.file))},line={issue.line or 1},col={issue.column or 1}"
        said = _data(f"{issue.message} {issue.advice}".strip())
        lines.append(f"::{_COMMANDS[issue.weight]} {place},title={_property(issue.code)}::{said}")
    return "\n".join(lines)


def gitlab(checked: Sequence[Checked]) -> str:
    """Write one entry for each issue; equal issues at one place are one entry, since fingerprints are unique."""
    entries: dict[str, dict[str, Any]] = {}
    for issue in (issue for one in checked for issue in one.issues()):
        identity = f"{shown_path(issue.file)}\n{issue.code}\n{issue.place}\n{issue.message}"
        fingerprint = hashlib.sha256(identity.encode()).hexdigest()
        entries[fingerprint] = {
            "description": f"{issue.message} {issue.advice}".strip(),
            "check_name": issue.code,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[issue.weight],
            "location": {"path": shown_path(issue.file), "lines": {"begin": issue.line or 1}},
        }
    return json.dumps(list(entries.values()), indent=2, ensure_ascii=False)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
