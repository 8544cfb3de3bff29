"""What to type in order to start the next major with a change that was refused."""

import json
import shlex
from dataclasses import dataclass

from moorings_compat import Format
from moorings_registry.reports import DerivedReport
from moorings_registry.state import State
from moorings_registry.web.links import versions_api

_SUFFIXES = {Format.AVRO: "avsc", Format.JSON: "schema.json", Format.PROTOBUF: "proto"}


@dataclass(frozen=True, slots=True)
class NextMajor:
    """The number that the next major gets, and two ways to open it."""

    number: int
    path: str
    """Where the contract lies as a file; empty for a subject outside any domain."""
    push: str
    """The command for a folder of contracts; empty where there is no path."""
    curl: str


def next_major(state: State, derived: DerivedReport, base_url: str) -> NextMajor | None:
    """Tell how to open the major after the newest; None when the event is gone."""
    record, definition = derived.record, derived.definition
    held = state.subject(record.subject)
    if held is None:
        return None
    number = max(held.majors) + 1
    file = f"{record.subject.event}.v{number}.{_SUFFIXES[definition.format]}"
    domain = record.subject.domain
    path = f"schemas/{domain}/{file}" if domain in state.domains else ""
    references = [{"name": one.name, "subject": one.subject, "version": one.version} for one in definition.references]
    refer = f", references: {json.dumps(references, ensure_ascii=False)}" if references else ""
    body = f'{{schema: ., format: "{definition.format}"{refer}, major: "next"}}'
    url = shlex.quote(base_url + versions_api(record.subject))
    curl = (
        f"jq -Rs {shlex.quote(body)} {shlex.quote(path or file)} \\\n"
        f"  | curl --fail-with-body -H 'Content-Type: application/json' --data-binary @- \\\n    {url}"
    )
    return NextMajor(number, path, f"moorings --url {shlex.quote(base_url)} push" if path else "", curl)
