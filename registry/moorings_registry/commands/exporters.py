"""Exporters: what is kept in step with another registry, and where that one is."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from moorings_compat import Problem
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.errors import ExporterExists, ExporterNotFound, RequestInvalid, SubjectInvalid
from moorings_registry.facts import (
    ExporterAdvanced,
    ExporterChanged,
    ExporterCreated,
    ExporterDeleted,
    ExporterPaused,
    ExporterReset,
    ExporterResumed,
)
from moorings_registry.names import Subject, context_name, is_qualified, split_qualified
from moorings_registry.settings import Settings
from moorings_registry.state import Exporter, State

CONTEXT_TYPES = ("AUTO", "CUSTOM", "NONE", "DEFAULT")
URL = "schema.registry.url"
AUTHORITY = "moorings.ssl.ca"
"""The setting with the name of the target's certificate authority."""
PLACEHOLDER = "${subject}"
MOST_PATTERNS = 1_000
MOST_EXPORTERS = 100
"""Each is asked after in turn by one thread."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}", re.ASCII)
_ENDLESS = 500


@dataclass(frozen=True, slots=True)
class Export:
    """What an exporter is to do, as somebody asks for it; None keeps what is set, or takes the default."""

    context_type: str | None = None
    context: str | None = None
    subjects: tuple[str, ...] | None = None
    rename_format: str | None = None
    config: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CreateExporter:
    """Keep another registry in step from now on."""

    name: str
    export: Export


@dataclass(frozen=True, slots=True)
class ChangeExporter:
    """Let an exporter do something else from now on."""

    name: str
    export: Export = field(default_factory=Export)


@dataclass(frozen=True, slots=True)
class DeleteExporter:
    """End an exporter; what it exported stays where it is."""

    name: str


@dataclass(frozen=True, slots=True)
class SetExporterPaused:
    """Pause an exporter, or resume it."""

    name: str
    paused: bool


@dataclass(frozen=True, slots=True)
class ResetExporter:
    """Let an exporter go through the whole ledger again."""

    name: str


@dataclass(frozen=True, slots=True)
class RecordExport:
    """Remember how far an exporter has come, in the run that the entry *begun* started."""

    name: str
    begun: int
    position: int


def create_exporter(state: State, command: CreateExporter, dependencies: Dependencies) -> Decision:
    """Decide a new exporter.

    Raises:
        ExporterExists, RequestInvalid
    """
    if command.name in state.exporters:
        raise ExporterExists(command.name)
    if not _NAME.fullmatch(command.name):
        problem = Problem("/name", "not 1 to 200 letters, digits, '_', '.' and '-', without '.' or '-' in front")
        raise RequestInvalid("An exporter needs a name", [problem])
    if len(state.exporters) >= MOST_EXPORTERS:
        raise RequestInvalid(f"There are {MOST_EXPORTERS} exporters already, which is the maximum")
    fact = ExporterCreated(command.name, **_defined(state, command.name, command.export, None, dependencies.settings))
    return Decision((fact,), Outcome(subject=command.name, created=True))


def change_exporter(state: State, command: ChangeExporter, dependencies: Dependencies) -> Decision:
    """Decide what an exporter does from now on; the same again is nothing new.

    Raises:
        ExporterNotFound, RequestInvalid
    """
    before = _known(state, command.name)
    wanted = _defined(state, command.name, command.export, before, dependencies.settings)
    outcome = Outcome(subject=command.name)
    return Decision(() if wanted == _definition(before) else (ExporterChanged(command.name, **wanted),), outcome)


def delete_exporter(state: State, command: DeleteExporter, _dependencies: Dependencies) -> Decision:
    """Decide the end of an exporter.

    Raises:
        ExporterNotFound
    """
    _known(state, command.name)
    return Decision((ExporterDeleted(command.name),), Outcome(subject=command.name))


def set_exporter_paused(state: State, command: SetExporterPaused, _dependencies: Dependencies) -> Decision:
    """Decide to pause or resume an exporter; it may be so already.

    Raises:
        ExporterNotFound
    """
    same = _known(state, command.name).paused == command.paused
    fact = ExporterPaused(command.name) if command.paused else ExporterResumed(command.name)
    return Decision(() if same else (fact,), Outcome(subject=command.name))


def reset_exporter(state: State, command: ResetExporter, _dependencies: Dependencies) -> Decision:
    """Decide to restart an exporter.

    Raises:
        ExporterNotFound
    """
    _known(state, command.name)
    return Decision((ExporterReset(command.name),), Outcome(subject=command.name))


def record_export(state: State, command: RecordExport, _dependencies: Dependencies) -> Decision:
    """Decide to remember a position; nothing is remembered of a run that has ended meanwhile."""
    known = state.exporters.get(command.name)
    news = known is not None and known.begun == command.begun and known.advanced < command.position
    facts = (ExporterAdvanced(command.name, command.position),) if news else ()
    return Decision(facts, Outcome(subject=command.name))


def _known(state: State, name: str) -> Exporter:
    known = state.exporters.get(name)
    if known is None:
        raise ExporterNotFound(name)
    return known


def _definition(exporter: Exporter) -> dict[str, Any]:
    return {
        "context_type": exporter.context_type,
        "context": exporter.context,
        "subjects": list(exporter.subjects),
        "rename_format": exporter.rename_format,
        "config": dict(exporter.config),
    }


def _defined(state: State, name: str, asked: Export, before: Exporter | None, settings: Settings) -> dict[str, Any]:
    """The whole definition that *asked* comes to.

    Raises:
        RequestInvalid
    """
    context_type = (asked.context_type or (before.context_type if before else "AUTO")).upper()
    if context_type not in CONTEXT_TYPES:
        raise _invalid("contextType", f"not one of {', '.join(CONTEXT_TYPES)}")
    same_type = before is not None and before.context_type == context_type
    kept = before.context if before is not None and same_type else ""
    subjects = asked.subjects if asked.subjects is not None else (before.subjects if before else ("*",))
    config = asked.config if asked.config is not None else (before.config if before else {})
    return {
        "context_type": context_type,
        "context": _context(state, name, context_type, asked.context, kept),
        "subjects": _patterns(subjects or ("*",)),
        "rename_format": _rename_format(asked.rename_format or (before.rename_format if before else PLACEHOLDER)),
        "config": _config(config, settings),
    }


def _context(state: State, name: str, context_type: str, asked: str | None, kept: str) -> str:
    """What is laid before the source's contexts; an automatic one is made up once, and stays."""
    if context_type == "CUSTOM":
        if not (asked or kept):
            raise _invalid("context", "contextType CUSTOM needs a context")
        try:
            return context_name(asked or kept)
        except SubjectInvalid as error:
            raise _invalid("context", str(error)) from None
    if context_type == "AUTO":
        made_up = hashlib.sha256(f"{state.digest}\n{name}".encode()).hexdigest()[:8]
        return kept or f".{name[:60]}-{made_up}"
    if asked and asked != ".":
        raise _invalid("context", f"contextType {context_type} takes none; did you mean CUSTOM?")
    return ""


def _patterns(subjects: tuple[str, ...]) -> list[str]:
    if len(subjects) > MOST_PATTERNS:
        raise _invalid("subjects", f"more than {MOST_PATTERNS}")
    for index, one in enumerate(subjects):
        name = split_qualified(one)[1] if is_qualified(one) else one
        if not one or len(one) > _ENDLESS or not one.isprintable() or (is_qualified(name) and one != name):
            raise _invalid(f"subjects/{index}", "neither a subject nor a pattern such as 'shop.*' or ':.tenant:*'")
    return list(dict.fromkeys(subjects))


def _rename_format(sent: str) -> str:
    try:
        renamed = Subject.parse(sent.replace(PLACEHOLDER, "s"))
    except SubjectInvalid:
        renamed = None
    if renamed is None or is_qualified(sent) or sent.count(PLACEHOLDER) != 1 or len(sent) > 200:
        raise _invalid("subjectRenameFormat", "not a subject with ${subject} in it once, such as 'eu-${subject}'")
    return sent


def _config(sent: Mapping[str, Any], settings: Settings) -> dict[str, str]:
    """Settings that may be stored in the ledger, which everybody reads and nobody changes: no secret among them.

    Raises:
        RequestInvalid
    """
    for key in sent:
        if key not in (URL, AUTHORITY):
            why = f"{URL} and {AUTHORITY} are the only settings; the ledger keeps no secrets and none that are not used"
            raise _invalid(f"config/{str(key)[:80]}", f"not taken: {why}")
    url = sent.get(URL)
    if not isinstance(url, str) or len(url) > 1_000 or not url.isascii() or not url.isprintable() or " " in url:
        raise _invalid(f"config/{URL}", "the base URL of a registry is needed")
    try:
        parts = urlsplit(url)
        parsed = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        parsed = False
    if not parsed or parts.query or parts.fragment:
        raise _invalid(f"config/{URL}", "not http://host:port or https://host:port, perhaps with a path")
    if "@" in parts.netloc:
        raise _invalid(f"config/{URL}", "holds a user or a password, and the ledger keeps no secrets")
    return {URL: url.rstrip("/"), **_authority(sent, parts.scheme, settings)}


def _authority(sent: Mapping[str, Any], scheme: str, settings: Settings) -> dict[str, str]:
    """The authority that the target is verified by, by the name that the operator gave it; none: those of the machine.

    Never a path: whoever creates an exporter does not choose which files the registry opens.

    Raises:
        RequestInvalid
    """
    if AUTHORITY not in sent:
        return {}
    name, known = sent[AUTHORITY], sorted(name for name, _ in settings.exporter_authorities)
    if scheme != "https":
        raise _invalid(f"config/{AUTHORITY}", "is for https alone")
    if name not in known:
        listed = f"those are {', '.join(known)}" if known else "there is none: serve --exporter-ca NAME=FILE"
        raise _invalid(f"config/{AUTHORITY}", f"not an authority that the registry was started with; {listed}")
    return {AUTHORITY: str(name)}


def _invalid(member: str, what: str) -> RequestInvalid:
    return RequestInvalid(f"The exporter's {member} cannot be taken: {what}", [Problem(f"/{member}", what)])
