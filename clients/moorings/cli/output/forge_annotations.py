"""Annotations of lines in a change: GitHub's workflow commands, GitLab's code quality report."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from moorings.cli.output.entries import Entry, counted, entries
from moorings.cli.output.file_references import shown_path
from moorings.cli.results import Checked
from moorings.layout.issues import Weight

MOST_ANNOTATIONS = 10
"""GitHub shows ten annotations of each kind for one step, and drops the others without a word."""
_COMMANDS = {Weight.ERROR: "error", Weight.WARNING: "warning", Weight.NOTE: "notice"}
_SEVERITIES = {Weight.ERROR: "critical", Weight.WARNING: "minor", Weight.NOTE: "info"}


def github(checked: Sequence[Checked]) -> str:
    """Write ``::error file=…,line=…::…`` for each of the ten heaviest entries, and a count of the others."""
    listed = entries(checked)
    lines = [_annotation(one) for one in listed[:MOST_ANNOTATIONS]]
    if len(listed) > MOST_ANNOTATIONS:
        rest = f"{counted(len(listed) - MOST_ANNOTATIONS, 'more entry').replace('entrys', 'entries')}"
        lines.append(f"{rest} not shown: moorings check --format markdown lists all of them")
    return "\n".join(lines)


def _annotation(entry: Entry) -> str:
    place = f"file={_property(shown_path(entry.file))},line={entry.line or 1},col={entry.column or 1}"
    title = _property(entry.headline if entry.change else entry.code)
    return f"::{_COMMANDS[entry.weight]} {place},title={title}::{_data(entry.message)}"


def gitlab(checked: Sequence[Checked]) -> str:
    """Write one entry of the report for each; equal ones at one place are one, since fingerprints are unique."""
    written: dict[str, dict[str, Any]] = {}
    for entry in entries(checked):
        identity = f"{shown_path(entry.file)}\n{entry.code}\n{entry.place}\n{entry.headline}"
        fingerprint = hashlib.sha256(identity.encode()).hexdigest()
        written[fingerprint] = {
            "description": entry.message,
            "check_name": entry.code,
            "fingerprint": fingerprint,
            "severity": _SEVERITIES[entry.weight],
            "location": {"path": shown_path(entry.file), "lines": {"begin": entry.line or 1}},
        }
    return json.dumps(list(written.values()), indent=2, ensure_ascii=False)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
