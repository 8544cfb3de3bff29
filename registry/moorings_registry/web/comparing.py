"""Any two revisions of an event beside each other: what changed, and which promises that keeps."""

from dataclasses import replace

from flask import Response, request

from moorings_compat import Level, Promise, Report, Schema, catalogue
from moorings_compat.changes import changes_of
from moorings_registry.commands import contracts_of, parsed
from moorings_registry.http.check_metrics import count_comparison
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.policy import comparison_policy
from moorings_registry.report_changes import ChangeWithWays
from moorings_registry.second_opinion import ComparedSchemas, second_opinions
from moorings_registry.state import State, SubjectState, Version
from moorings_registry.version_selectors import select_version
from moorings_registry.web import query_params
from moorings_registry.web.changes import marks_of, shown_changes
from moorings_registry.web.event import held_event, parents
from moorings_registry.web.rendering import page
from moorings_registry.web.side_by_side import Side, side_by_side


def compare(subject: str) -> Response:
    """Compare two versions of the event called *subject*.

    Raises:
        SubjectInvalid, SubjectNotFound, VersionInvalid, VersionNotFound
    """
    return consult(lambda state: _compare(state, held_event(state, subject)))


def compare_asked() -> Response:
    """Compare two versions of the event that the query names."""
    return compare(request.args.get("subject", ""))


def _compare(state: State, held: SubjectState) -> Response:
    newest = held.latest or held.versions[-1]
    reader = _requested_version(held, "reader") or newest
    writer = _requested_version(held, "writer") or _neighbour(held, reader)
    report, compared = _report(state, held, writer, reader)
    count_comparison(current_registry(), report.format, report.verdict, held.subject)
    opinions = second_opinions(report, compared)
    found = changes_of(report, compared.candidate, compared.older)
    changes = shown_changes(map(ChangeWithWays, found), {writer.number: writer.label}, opinions)
    writer_marks, reader_marks = marks_of(changes.found, writer.number)
    sides = Side.of(_schema(state, writer), writer_marks), Side.of(_schema(state, reader), reader_marks)
    return page(
        "compare.html",
        title=f"{held.subject}: {writer.label} and {reader.label}",
        section="Events",
        state=state,
        held=held,
        writer=writer,
        reader=reader,
        verdicts={one.promise: one.verdict for one in report.comparisons},
        promises=tuple(Promise),
        changes=changes,
        opinions=opinions,
        parents=parents(state, held),
        candidate=reader.label,
        rules=catalogue(),
        difference=side_by_side(*sides, unfolded=query_params.flag("lines")),
    )


def _requested_version(held: SubjectState, side: str) -> Version | None:
    text = query_params.text(side)
    return select_version(held, text, deleted=True) if text else None


def _neighbour(held: SubjectState, version: Version) -> Version:
    """The version before *version*; itself where it is the first."""
    return next((one for one in reversed(held.versions) if one.number < version.number), version)


def _schema(state: State, version: Version) -> Schema:
    return parsed(state, version, current_registry().dependencies)


def _report(state: State, held: SubjectState, writer: Version, reader: Version) -> tuple[Report, ComparedSchemas]:
    """Both promises between the two, as a check of *reader* against *writer* finds them."""
    written, read = _schema(state, writer), _schema(state, reader)
    definition = state.definitions[reader.guid]
    contracts = contracts_of(state, held.subject, definition.rule_set, definition.metadata, (writer,))
    policy = replace(comparison_policy(state, held.subject, reader.major), conditions=contracts is not None)
    report = current_registry().dependencies.reports.check(
        (reader.guid, read),
        [(writer.number, writer.guid, written)],
        Level.FULL,
        policy,
        contracts=contracts,
        subject=held.subject,
    )
    return report, ComparedSchemas(read, {writer.number: written}, policy)
