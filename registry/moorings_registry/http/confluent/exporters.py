"""Exporters: another registry with this API is kept in step with this one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

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
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import (
    STRING_MAP,
    STRINGS,
    ExporterNameShape,
    ExporterShape,
    ExporterStatusShape,
)
from moorings_registry.http.confluent.body_shapes import ExporterBody, ExporterConfigBody, NewExporterBody
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.requests import current_caller, current_registry, current_state
from moorings_registry.state import Exporter


def list_exporters() -> Answer:
    """List the names of the exporters, sorted."""
    return Answer(sorted(current_state().exporters))


def create_exporter(body: Mapping[str, Any]) -> Answer:
    """Create an exporter; it starts immediately."""
    return _execute(CreateExporter(body["name"], _export(body)))


def show_exporter(name: str) -> Answer:
    """Show what an exporter does."""
    exporter = _known(name)
    return Answer(replace(exporter, context=exporter.context or "."))


def change_exporter(name: str, body: Mapping[str, Any]) -> Answer:
    """Change what an exporter does; absent members stay. It exports from the beginning again."""
    return _execute(ChangeExporter(name, _export(body)))


def delete_exporter(name: str) -> Answer:
    """Delete an exporter; its exports remain."""
    _, state = current_registry().execute(DeleteExporter(name), current_caller())
    return Answer(written=state)


def show_exporter_status(name: str) -> Answer:
    """Show the status of an exporter, and the position up to which its target is in step."""
    status = current_registry().exports.of(_known(name))
    trace = {"trace": status.trace} if status.trace else {}
    return Answer({"name": name, "state": status.state, "offset": status.offset, "ts": status.ts, **trace})


def show_exporter_config(name: str) -> Answer:
    """Show where an exporter exports to."""
    return Answer(_known(name).config)


def change_exporter_config(name: str, body: Mapping[str, Any]) -> Answer:
    """Change where an exporter exports to."""
    return _execute(ChangeExporter(name, Export(config=body)))


def pause_exporter(name: str) -> Answer:
    """Pause an exporter."""
    return _execute(SetExporterPaused(name, paused=True))


def resume_exporter(name: str) -> Answer:
    """Resume an exporter where it was paused."""
    return _execute(SetExporterPaused(name, paused=False))


def reset_exporter(name: str) -> Answer:
    """Restart an exporter: it exports everything again, and restores what differs in the target."""
    return _execute(ResetExporter(name))


def _known(name: str) -> Exporter:
    exporter = current_state().exporters.get(name)
    if exporter is None:
        raise ExporterNotFound(name)
    return exporter


def _execute(command: Command) -> Answer:
    outcome, state = current_registry().execute(command, current_caller())
    return Answer({"name": outcome.subject}, written=state)


def _export(body: Mapping[str, Any]) -> Export:
    subjects = body["subjects"]
    return Export(
        context_type=body["context_type"],
        context=body["context"],
        subjects=None if subjects is None else tuple(subjects),
        rename_format=body["subject_rename_format"],
        config=body["config"],
    )


_READ_ERRORS = (ExporterNotFound,)
_CHANGE_ERRORS = (ExporterNotFound, RequestInvalid)
_NOTE = (
    "The only settings are `schema.registry.url`, without user and password, as the ledger keeps no secrets, and "
    "`moorings.ssl.ca`, the name of a certificate authority that the registry was started with "
    "(`serve --exporter-ca`). An automatic context is named after the exporter."
)
_STATUS_NOTE = (
    "The offset is a position of the ledger. After a restart, an exporter resumes at most 1,000 entries before the "
    "place where it stopped."
)
_NAME = ExporterNameShape()

ROUTES = (
    Route("GET", "/exporters", "listExporters", list_exporters, STRINGS),
    Route(
        "POST",
        "/exporters",
        "createExporter",
        create_exporter,
        _NAME,
        body=NewExporterBody(),
        errors=(ExporterExists, RequestInvalid),
        note=_NOTE,
    ),
    Route("GET", "/exporters/<name>", "getExporter", show_exporter, ExporterShape(), errors=_READ_ERRORS),
    Route(
        "PUT", "/exporters/<name>", "changeExporter", change_exporter, _NAME, body=ExporterBody(), errors=_CHANGE_ERRORS
    ),
    Route("DELETE", "/exporters/<name>", "deleteExporter", delete_exporter, status=204, errors=_READ_ERRORS),
    Route(
        "GET",
        "/exporters/<name>/status",
        "getExporterStatus",
        show_exporter_status,
        ExporterStatusShape(),
        errors=_READ_ERRORS,
        note=_STATUS_NOTE,
    ),
    Route(
        "GET", "/exporters/<name>/config", "getExporterConfig", show_exporter_config, STRING_MAP, errors=_READ_ERRORS
    ),
    Route(
        "PUT",
        "/exporters/<name>/config",
        "changeExporterConfig",
        change_exporter_config,
        _NAME,
        body=ExporterConfigBody(),
        errors=_CHANGE_ERRORS,
    ),
    Route("PUT", "/exporters/<name>/pause", "pauseExporter", pause_exporter, _NAME, errors=_READ_ERRORS),
    Route("PUT", "/exporters/<name>/resume", "resumeExporter", resume_exporter, _NAME, errors=_READ_ERRORS),
    Route("PUT", "/exporters/<name>/reset", "resetExporter", reset_exporter, _NAME, errors=_READ_ERRORS),
)
