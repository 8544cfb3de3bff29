"""Exporters: schemas kept in step with another registry that speaks this API."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from moorings_compat import Problem
from moorings_registry.commands import (
    ChangeExporter,
    Command,
    CreateExporter,
    DeleteExporter,
    ResetExporter,
    SetExporterPaused,
)
from moorings_registry.commands.exporters import Export
from moorings_registry.errors import ExporterExists, ExporterNotFound, RequestInvalid
from moorings_registry.http.confluent.answers import answer, empty_answer
from moorings_registry.http.confluent.bodies import read_object, text_of
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.requests import current_caller, current_registry, current_state, wrote
from moorings_registry.state import Exporter


def list_exporters() -> Response:
    """List the names of the exporters, sorted."""
    return answer(sorted(current_state().exporters))


def create_exporter() -> Response:
    """Create an exporter, which begins to work at once."""
    body = read_object()
    return _done(CreateExporter(text_of(body, "name") or "", _export(body)))


def show_exporter(name: str) -> Response:
    """Show what an exporter does."""
    exporter = _known(name)
    shown = {
        "name": exporter.name,
        "contextType": exporter.context_type,
        "context": exporter.context or ".",
        "subjects": list(exporter.subjects),
        "subjectRenameFormat": exporter.rename_format,
        "config": exporter.config,
    }
    return answer(shown)


def change_exporter(name: str) -> Response:
    """Change what an exporter does; absent members stay. It exports from the beginning again."""
    return _done(ChangeExporter(name, _export(read_object())))


def delete_exporter(name: str) -> Response:
    """Delete an exporter; what it exported stays where it is."""
    _, state = current_registry().execute(DeleteExporter(name), current_caller())
    return wrote(empty_answer(), state)


def show_exporter_status(name: str) -> Response:
    """Show how an exporter fares, and the position up to which its target is in step."""
    status = current_registry().exports.of(_known(name))
    trace = {"trace": status.trace} if status.trace else {}
    return answer({"name": name, "state": status.state, "offset": status.offset, "ts": status.ts, **trace})


def show_exporter_config(name: str) -> Response:
    """Show where an exporter exports to."""
    return answer(_known(name).config)


def change_exporter_config(name: str) -> Response:
    """Change where an exporter exports to."""
    return _done(ChangeExporter(name, Export(config=read_object())))


def pause_exporter(name: str) -> Response:
    """Let an exporter rest."""
    return _done(SetExporterPaused(name, paused=True))


def resume_exporter(name: str) -> Response:
    """Let an exporter go on where it was."""
    return _done(SetExporterPaused(name, paused=False))


def reset_exporter(name: str) -> Response:
    """Let an exporter go through everything again, and bring back what differs in the target."""
    return _done(ResetExporter(name))


def _known(name: str) -> Exporter:
    exporter = current_state().exporters.get(name)
    if exporter is None:
        raise ExporterNotFound(name)
    return exporter


def _done(command: Command) -> Response:
    outcome, state = current_registry().execute(command, current_caller())
    return wrote(answer({"name": outcome.subject}), state)


def _export(body: Mapping[str, Any]) -> Export:
    subjects, config = body.get("subjects"), body.get("config")
    if subjects is not None and not (isinstance(subjects, list) and all(isinstance(one, str) for one in subjects)):
        raise RequestInvalid("subjects takes a list of strings", [Problem("/subjects", "not a list of strings")])
    if config is not None and not isinstance(config, Mapping):
        raise RequestInvalid("config takes an object", [Problem("/config", "not an object")])
    return Export(
        context_type=text_of(body, "contextType"),
        context=text_of(body, "context"),
        subjects=None if subjects is None else tuple(subjects),
        rename_format=text_of(body, "subjectRenameFormat"),
        config=config,
    )


_ONE = (ExporterNotFound,)
_CHANGE = (ExporterNotFound, RequestInvalid)
_NOTE = (
    "The only setting is `schema.registry.url`, without user and password: the ledger keeps no secrets. An automatic "
    "context is named after the exporter."
)
_STATUS_NOTE = (
    "The offset is a position of the ledger. After a restart, an exporter goes on at most 1,000 entries before where "
    "it was."
)

ROUTES = (
    Route("GET", "/exporters", list_exporters),
    Route("POST", "/exporters", create_exporter, (), (ExporterExists, RequestInvalid), _NOTE),
    Route("GET", "/exporters/<name>", show_exporter, (), _ONE),
    Route("PUT", "/exporters/<name>", change_exporter, (), _CHANGE),
    Route("DELETE", "/exporters/<name>", delete_exporter, (), _ONE),
    Route("GET", "/exporters/<name>/status", show_exporter_status, (), _ONE, _STATUS_NOTE),
    Route("GET", "/exporters/<name>/config", show_exporter_config, (), _ONE),
    Route("PUT", "/exporters/<name>/config", change_exporter_config, (), _CHANGE),
    Route("PUT", "/exporters/<name>/pause", pause_exporter, (), _ONE),
    Route("PUT", "/exporters/<name>/resume", resume_exporter, (), _ONE),
    Route("PUT", "/exporters/<name>/reset", reset_exporter, (), _ONE),
)
