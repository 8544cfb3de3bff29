"""One event: its majors and revisions, who answers for it, what refers to it, and the text of a version."""

from dataclasses import dataclass
from typing import Any

from flask import Response, request
from markupsafe import Markup

from moorings_compat import Format, Level, Reference, Verdict
from moorings_compat.fields import pointer_of
from moorings_compat.fields.internal import internal_paths
from moorings_registry.commands import missing_pointers, parsed, unmet_revisions
from moorings_registry.errors import CompilerUnavailable, SchemaNotFound, SchemaUnreadable, SubjectNotFound
from moorings_registry.event_rules import declaration_of, kind_of, missing_parts
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.lifecycle import Successor, successor
from moorings_registry.names import Subject
from moorings_registry.policy import aliased, level_of_major, level_source, owning_domains
from moorings_registry.state import Definition, Lifecycle, Migration, State, SubjectState, Version, Waiver
from moorings_registry.version_queries import without_versions
from moorings_registry.version_selectors import select_version
from moorings_registry.waivers import open_waivers
from moorings_registry.web import query_params
from moorings_registry.web.client_snippets import client_snippets
from moorings_registry.web.contract_details import contract_details
from moorings_registry.web.counts import registered_domains
from moorings_registry.web.drift import drift_shown
from moorings_registry.web.field_table import field_table
from moorings_registry.web.highlighting import markup, tokens
from moorings_registry.web.lifecycle_form import lifecycle_form
from moorings_registry.web.load import load_shown
from moorings_registry.web.readers import readers_shown
from moorings_registry.web.rendering import page
from moorings_registry.web.schema_text import lay_out

MOST_LINES = 2_000
"""Lines of a schema on its page; the whole text is a link away."""
MOST_REVISIONS = 20
"""Revisions of a major that are listed unless all are asked for."""
MOST_REFERRERS = 50


@dataclass(frozen=True, slots=True)
class MajorShown:
    """One major with its newest revisions."""

    number: int
    life: Lifecycle
    successor: Successor | None
    """What to use instead of it, where it is deprecated or retired."""
    migration: Migration | None
    """The mapping from the major before."""
    level: Level
    """What its revisions are held to."""
    revisions: tuple[Version, ...]
    """Newest first, deleted ones too."""
    hidden: int
    """Older revisions that are not listed."""


@dataclass(frozen=True, slots=True)
class TextShown:
    """A schema's text as lines of HTML."""

    lines: tuple[Markup, ...]
    hidden: int
    """Lines that are not shown."""


def show_event(subject: str) -> Response:
    """Show the event called *subject*, one of its versions opened.

    Raises:
        SubjectInvalid, SubjectNotFound, VersionInvalid, VersionNotFound
    """
    return consult(lambda state: _show(state, held_event(state, subject)))


def show_event_asked() -> Response:
    """Show the event that the query names: the way to those whose name does not fit in a path."""
    return show_event(request.args.get("subject", ""))


def held_event(state: State, text: str) -> SubjectState:
    """The event that a page asks for, or the one that the name is an alias of; also one whose versions are deleted.

    A name that has versions of its own is shown with them: the APIs hide what an alias covers, and its history is here.

    Raises:
        SubjectInvalid, SubjectNotFound
    """
    subject = Subject.parse(text)
    held = state.subject(subject)
    if held is None and subject in state.declarations:
        return without_versions(subject)
    if held is None:
        held = state.subject(aliased(state, subject))
    if held is None:
        raise SubjectNotFound(text)
    return held


def parents(state: State, held: SubjectState) -> list[str]:
    """The registered domains that an event lies in, from the top down."""
    return registered_domains(state, held.subject)[::-1]


def _show(state: State, held: SubjectState) -> Response:
    if not held.versions:
        return _show_without_versions(state, held)
    asked = query_params.text("version")
    opened = select_version(held, asked, deleted=True) if asked else held.latest or held.versions[-1]
    definition = state.definitions[opened.guid]
    owners = owning_domains(state, held.subject)
    places = state.referrers.get((held.subject, opened.number), ())
    referrers = [place for place in places if state.version_at(place) is not None]
    registry = current_registry()
    readers = readers_shown(state, opened)
    fields = field_table(state, held, opened, definition, readers.every)
    return page(
        "event.html",
        title=str(held.subject),
        section="Events",
        state=state,
        held=held,
        parents=parents(state, held),
        owner=owners[0] if owners else None,
        level=level_source(state, held.subject, registry.settings),
        waivers=waivers_about(state, held.subject),
        unmet=frozenset(one.version.number for one in unmet_revisions(state, held, registry.dependencies)),
        majors=_majors(state, held, show_all=query_params.flag("all")),
        drift=drift_shown(held, show_all=query_params.flag("all")),
        readers=readers,
        fields=fields,
        example=text_shown(fields.example, Format.JSON).lines if fields.example else (),
        snippets=client_snippets(opened, request.host_url.rstrip("/")),
        unchecked=_unchecked(state, held),
        opened=opened,
        before=_before(held, opened),
        definition=definition,
        contract=contract_details(definition),
        internal=_internal(state, opened),
        text=text_shown(definition.text, Format.PROTOBUF if definition.unreadable else definition.format),
        references=_references(state, definition, held.subject.context),
        referrers=referrers[:MOST_REFERRERS],
        referrers_total=len(referrers),
        twins=[
            one for one in state.places_of(opened.guid, held.subject.context) if one != (held.subject, opened.number)
        ],
        version_at=state.version_at,
        form=lifecycle_form(state, held),
        load=load_shown(state, held.subject),
        **_declaration(state, held.subject),
    )


def _show_without_versions(state: State, held: SubjectState) -> Response:
    owners = owning_domains(state, held.subject)
    return page(
        "declared_event.html",
        title=str(held.subject),
        section="Events",
        state=state,
        held=held,
        parents=parents(state, held),
        owner=owners[0] if owners else None,
        load=None,
        **_declaration(state, held.subject),
    )


def _declaration(state: State, subject: Subject) -> dict[str, Any]:
    """What `declaration.html` shows."""
    return {
        "declared": declaration_of(state, subject),
        "kind": kind_of(state, subject),
        "incomplete": missing_parts(state, subject),
        "missing_fields": missing_pointers(state, subject, current_registry().dependencies),
    }


def waivers_about(state: State, subject: Subject) -> list[Waiver]:
    """The open waivers that may allow something for *subject*; none outside the registered domains."""
    now = current_registry().dependencies.now()
    return open_waivers(state, subject.domain or "", now, subject) if owning_domains(state, subject) else []


def _unchecked(state: State, held: SubjectState) -> frozenset[int]:
    """The versions that came after others of their major and were compared with none of them."""
    records = ((one.number, state.check_at(one.report)) for one in held.versions if one.revision)
    return frozenset(number for number, record in records if record and record.verdict == Verdict.UNCHECKED)


def _majors(state: State, held: SubjectState, *, show_all: bool) -> list[MajorShown]:
    shown: list[MajorShown] = []
    for number in reversed(held.majors):
        revisions = tuple(one for one in reversed(held.versions) if one.major == number)
        most = len(revisions) if show_all else MOST_REVISIONS
        level = level_of_major(state, held.subject, number, current_registry().settings)
        life = held.life(number)
        shown.append(
            MajorShown(
                number=number,
                life=life,
                successor=successor(state, held.subject, number) if life.since else None,
                migration=held.migrations.get(number),
                level=level,
                revisions=revisions[:most],
                hidden=max(0, len(revisions) - most),
            )
        )
    return shown


def _before(held: SubjectState, version: Version) -> Version | None:
    """The version before *version*, to compare it with: of its major, else of the one before."""
    older = [one for one in held.versions if one.number < version.number]
    same_major = [one for one in older if one.major == version.major]
    nearest = same_major or older
    return nearest[-1] if nearest else None


def _internal(state: State, version: Version) -> list[str]:
    """The internal fields of a version, as pointers; nothing where its schema cannot be read or compiled now."""
    try:
        schema = parsed(state, version, current_registry().dependencies)
    except (CompilerUnavailable, SchemaUnreadable):
        return []
    paths = internal_paths(schema, version.subject.of_event.name, state.definitions[version.guid].metadata)
    return [pointer_of(one) for one in paths]


def _references(state: State, definition: Definition, context: str) -> list[tuple[Reference, Version | None]]:
    """Each reference with the version that it leads to; None where that is gone."""
    return [(one, state.resolve(one, context)) for one in definition.references]


def text_shown(text: str, format: Format) -> TextShown:
    """Lay a schema out and colour it."""
    lines = lay_out(text, format).lines
    coloured = tokens(lines[:MOST_LINES], format)
    return TextShown(tuple(markup(line) for line in coloured), max(0, len(lines) - MOST_LINES))


def show_text(guid: str) -> Response:
    """Hand out the text of a definition, as it was registered.

    Raises:
        SchemaNotFound: no such definition, or none that any version or report still shows.
    """
    return consult(lambda state: _text(state, guid))


def _text(state: State, guid: str) -> Response:
    definition = state.definitions.get(guid)
    if definition is None or not (state.is_live(guid) or _was_refused(state, guid)):
        raise SchemaNotFound(guid)
    return Response(definition.text, content_type="text/plain; charset=utf-8")


def _was_refused(state: State, guid: str) -> bool:
    return any(not record.accepted for record in state.checks.with_guid(guid))
