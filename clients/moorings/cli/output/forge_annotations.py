"""Annotations of lines in a change: GitHub's workflow commands, Azure's logging commands, GitLab's code quality."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from moorings.cli.output.entries import Entry, counted, entries
from moorings.cli.output.file_references import shown_path
from moorings.cli.results import Checked
from moorings.layout.issues import Weight

MOST_ANNOTATIONS = 10
"""GitHub shows ten annotations of each kind for one step, and drops the others without a word."""
_COMMANDS = {Weight.ERROR: "error", Weight.WARNING: "warning", Weight.NOTE: "notice"}
_AZURE_TYPES = {Weight.ERROR: "error", Weight.WARNING: "warning"}
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


def github_error(message: str) -> str:
    """Annotate the job with why nothing could be checked."""
    return f"::error title=moorings::{_data(message)}"


def azure(checked: Sequence[Checked]) -> str:
    """Write ``##vso[task.logissue …]`` for each error and warning; notes are plain lines, which Azure has no type for.

    Source: Azure Pipelines, "Logging commands", LogIssue, and its table of characters to escape.
    """
    return "\n".join(_azure_line(one) for one in entries(checked))


def azure_error(message: str) -> str:
    """Log why nothing could be checked."""
    return f"##vso[task.logissue type=error]{_azure_data(message)}"


def azure_summary(markdown: Path) -> str:
    """Write the command that shows a Markdown file beside the run."""
    return f"##vso[task.uploadsummary]{_azure_data(str(markdown.absolute()))}"


def _azure_line(entry: Entry) -> str:
    kind = _AZURE_TYPES.get(entry.weight)
    path, line, column = shown_path(entry.file), entry.line or 1, entry.column or 1
    if kind is None:
        # A command is read anywhere in a line, and texts of a contract must not become one.
        return _azure_data(f"{path}:{line}: {entry.message}").replace("##", "# #")
    place = f"sourcepath={_azure_property(path)};linenumber={line};columnnumber={column}"
    return f"##vso[task.logissue type={kind};{place};code={entry.code}]{_azure_data(entry.message)}"


def _azure_data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _azure_property(text: str) -> str:
    return _azure_data(text).replace(";", "%3B").replace("]", "%5D")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
