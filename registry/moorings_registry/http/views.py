"""How values of the registry look as JSON, for the native API, the pages and the command line alike."""

from typing import Any

from moorings_compat import Comparison, Finding, Position, Positions, Reference, Report, Rule, Schema
from moorings_registry.entries import Entry
from moorings_registry.policy import (
    domain_formats,
    domain_level,
    domain_names,
    domain_protobuf_level,
    effective_level,
    owning_domains,
)
from moorings_registry.settings import Settings
from moorings_registry.state import CheckRecord, Definition, Domain, State, SubjectState, Version

Json = dict[str, Any]


def finding_view(finding: Finding, places: tuple[Position | None, Position | None] | None = None) -> Json:
    """One finding; with *places*, where its paths lead in the reader's text and in the writer's."""
    witness, suggestion = finding.witness, finding.suggestion
    view = {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "reader_path": finding.reader_path,
        "writer_path": finding.writer_path,
        "reader_has": finding.reader_has,
        "writer_has": finding.writer_has,
        "message": finding.message,
        "advice": finding.advice,
        "tolerated_by": finding.tolerated_by,
        "witness": {name: getattr(witness, name) for name in ("payload", "encoded", "engine", "error")}
        if witness
        else None,
        "suggestion": {name: getattr(suggestion, name) for name in ("action", "path", "value", "title")}
        if suggestion
        else None,
    }
    if places is not None:
        view["reader_position"], view["writer_position"] = (_position_view(one) for one in places)
    return view


def _position_view(place: Position | None) -> Json | None:
    return None if place is None else {"line": place.line, "column": place.column}


def _finding_views(comparison: Comparison, positions: Positions | None) -> list[Json]:
    if positions is None:
        return [finding_view(one) for one in comparison.findings]
    return [
        finding_view(one, places) for one, places in zip(comparison.findings, positions.of(comparison), strict=True)
    ]


def report_view(report: Report, labels: dict[int, str], positions: Positions | None = None) -> Json:
    """The report itself; *labels* names each version compared (``2.1``)."""
    return {
        "format": str(report.format),
        "level": str(report.level),
        "verdict": str(report.verdict),
        "comparisons": [
            {
                "version": one.version,
                "label": labels.get(one.version, ""),
                "promise": str(one.promise),
                "reader": "candidate" if one.promise == "replay_safe" else labels.get(one.version, ""),
                "writer": labels.get(one.version, "") if one.promise == "replay_safe" else "candidate",
                "verdict": str(one.verdict),
                "findings": _finding_views(one, positions),
            }
            for one in report.comparisons
        ],
        "failing": list(dict.fromkeys(labels.get(one.version, str(one.version)) for one in report.failing)),
    }


def candidate_view(schema: Schema, guid: str, references: tuple[Reference, ...]) -> Json:
    return {
        "guid": guid,
        "format": str(schema.format),
        "schema": schema.text,
        "references": [reference_view(one) for one in references],
        "fingerprint": schema.fingerprint,
    }


def check_view(record: CheckRecord) -> Json:
    """One line of the list of reports."""
    return {
        "id": record.id,
        "subject": str(record.subject),
        "guid": record.guid,
        "major": record.major,
        "version": record.number,
        "accepted": record.accepted,
        "level": record.level,
        "verdict": record.verdict,
        "rules": list(record.rules),
        "compared": list(record.compared),
        "at": record.at,
        "by": record.by,
    }


def reference_view(reference: Reference) -> Json:
    return {"name": reference.name, "subject": reference.subject, "version": reference.version}


def definition_view(definition: Definition) -> Json:
    return {
        "guid": definition.guid,
        "format": str(definition.format),
        "schema": definition.text,
        "references": [reference_view(one) for one in definition.references],
        "metadata": definition.metadata,
        "rule_set": definition.rule_set,
    }


def version_view(state: State, version: Version, *, text: bool = True) -> Json:
    definition = definition_view(state.definitions[version.guid])
    if not text:
        del definition["schema"]
    held = state.subject(version.subject)
    return {
        "subject": str(version.subject),
        "version": version.number,
        "major": version.major,
        "revision": version.revision,
        "label": version.label,
        "id": version.id,
        **definition,
        "state": str(held.life(version.major).state) if held else "active",
        "deleted": version.deleted,
        "registered_at": version.registered_at,
        "registered_by": version.registered_by,
        "position": version.position,
    }


def event_view(state: State, held: SubjectState, settings: Settings) -> Json:
    owners = owning_domains(state, held.subject)
    latest = held.latest
    return {
        "subject": str(held.subject),
        "domain": held.subject.domain,
        "event": held.subject.event,
        "owner": owners[0].owner if owners else None,
        "contacts": list(owners[0].contacts) if owners else [],
        "format": str(state.definitions[held.versions[-1].guid].format),
        "level": str(effective_level(state, held.subject, settings)),
        "latest": {"version": latest.number, "label": latest.label, "id": latest.id} if latest else None,
        "majors": [_major_view(held, major) for major in held.majors],
        "consumers": [],
    }


def _major_view(held: SubjectState, major: int) -> Json:
    life = held.life(major)
    return {
        "major": major,
        "state": str(life.state),
        "sunset": life.sunset or None,
        "revisions": [
            {
                "version": one.number,
                "label": one.label,
                "id": one.id,
                "guid": one.guid,
                "deleted": one.deleted,
                "registered_at": one.registered_at,
                "registered_by": one.registered_by,
            }
            for one in held.versions
            if one.major == major
        ],
    }


def domain_view(state: State, domain: Domain, settings: Settings) -> Json:
    events = sum(1 for one in state.active_subjects() if within(one.subject.domain, domain.name))
    return {
        "domain": domain.name,
        "owner": domain.owner,
        "contacts": list(domain.contacts),
        "description": domain.description,
        "policy": dict(domain.policy),
        "effective": {
            "level": str(domain_level(state, domain.name, settings)),
            "names": domain_names(state, domain.name),
            "formats": domain_formats(state, domain.name),
            "protobuf_level": str(domain_protobuf_level(state, domain.name)),
        },
        "events": events,
        "registered_at": domain.registered_at,
        "changed_at": domain.changed_at,
    }


def within(domain: str | None, ancestor: str) -> bool:
    """Whether *domain* is *ancestor* or lies below it."""
    return domain is not None and (domain == ancestor or domain.startswith(ancestor + "."))


def entry_view(entry: Entry) -> Json:
    return {
        "position": entry.position,
        "recorded_at": entry.recorded_at,
        "actor": entry.actor,
        "correlation_id": entry.correlation_id,
        "idempotency_key": entry.idempotency_key,
        "facts": [dict(fact) for fact in entry.facts],
        "previous": entry.previous,
        "digest": entry.digest,
    }


def rule_view(rule: Rule) -> Json:
    return {
        "code": rule.code,
        "format": str(rule.format) if rule.format else None,
        "severity": str(rule.severity),
        "title": rule.title,
        "why": rule.why,
        "fix": rule.fix,
        "source": rule.source,
        "mirror": rule.mirror,
        "example": rule.example,
    }
