"""All contracts of a domain in one go: what `moorings pull` and `diff` read, and `push` writes."""

from collections.abc import Iterator
from typing import Any

from moorings_compat import Problem
from moorings_registry.commands import (
    EventContract,
    MajorContract,
    Outcome,
    PartResult,
    PutContracts,
    PutDomain,
    SetMigration,
)
from moorings_registry.errors import (
    BodyUnreadable,
    CompilerUnavailable,
    ContractsIncompatible,
    ContractsRefused,
    DomainNameInvalid,
    DomainNotFound,
    Refusal,
    RefusedPart,
    RequestInvalid,
    StateChanged,
    SubjectInvalid,
)
from moorings_registry.etags import contract_subjects, contracts_etag
from moorings_registry.http.native.answer_values import (
    declaration_value,
    domain_value,
    full_version_value,
    lifecycle_value,
)
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.contract_shapes import (
    ContractsBody,
    ContractsQuery,
    ContractsShape,
    ContractsWrittenShape,
)
from moorings_registry.http.native.drafts import read_draft
from moorings_registry.http.native.event_shapes import declaration_of_body
from moorings_registry.http.native.lifecycle import lifecycle_command
from moorings_registry.http.requests import (
    consult,
    current_caller,
    current_registry,
    etag_header,
    expected_etags,
    position_header,
)
from moorings_registry.names import DEFAULT_CONTEXT, Subject, domain_name
from moorings_registry.state import State, SubjectState
from moorings_registry.version_queries import known_domain

contracts = NativeBlueprint("contracts", __name__, url_prefix="/v1/domains", description="All contracts of a domain.")


@contracts.get("/<domain>/contracts")
@contracts.operation("showContracts", DomainNotFound, CompilerUnavailable)
@contracts.response(200, ContractsShape)
def show_contracts(domain: str) -> Answer:
    """Show a domain, its own events as declared, and the newest revision of each of their majors."""

    def find(state: State) -> Answer:
        known = known_domain(state, domain)
        settings, etag = current_registry().settings, contracts_etag(state, domain)
        subjects = contract_subjects(state, domain)
        value = {
            "domain": domain_value(state, known, settings),
            "events": [
                {
                    "subject": subject,
                    "event": declaration_value(state, subject),
                    "majors": _majors(state, state.subject(subject)),
                }
                for subject in subjects
            ],
            "etag": etag,
        }
        return value, etag_header(etag)

    return consult(find)


def _majors(state: State, held: SubjectState | None) -> list[dict[str, Any]]:
    newest = {one.major: one for one in held.active} if held else {}
    cache = current_registry().dependencies.schema_cache
    return [
        {
            "major": major,
            "lifecycle": lifecycle_value(held.life(major)),
            "version": full_version_value(state, newest[major], cache),
            "migration": held.migrations.get(major),
        }
        for major in sorted(newest)
        if held is not None
    ]


@contracts.put("/<domain>/contracts")
@contracts.operation(
    "putContracts",
    *WRITING,
    BodyUnreadable,
    CompilerUnavailable,
    ContractsIncompatible,
    ContractsRefused,
    DomainNameInvalid,
    DomainNotFound,
    StateChanged,
)
@contracts.arguments(ContractsQuery, location="query")
@contracts.arguments(ContractsBody)
@contracts.response(200, ContractsWrittenShape)
def put_contracts(query: dict[str, Any], body: dict[str, Any], domain: str) -> Answer:
    """Write what a repository says of a domain: all of it as one entry of the ledger, or nothing of it.

    What the request does not mention stays as it is. Each part is decided as by its own request, on what the parts
    before it lead to: the domain, the declarations, versions and lifecycles in the order of the request, and mappings.
    """
    registry = current_registry()
    command = _read(domain_name(domain), body)
    caller = current_caller()
    if query["dry_run"]:
        return consult(
            lambda state: _written(state, domain, registry.rehearse(state, command, caller.principal), dry_run=True)
        )
    outcome, state = registry.execute(command, caller)
    etag = etag_header(contracts_etag(state, domain))
    return _written(state, domain, outcome, dry_run=False), {**position_header(state), **etag}


def _written(state: State, domain: str, outcome: Outcome, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "results": [_result(state, one) for one in outcome.parts],
        "etag": contracts_etag(state, domain),
    }


def _result(state: State, result: PartResult) -> dict[str, Any]:
    """What `PartResultShape` writes; a version that is not there, in a dry run, has no report yet."""
    place = (Subject.parse(result.subject), result.version) if result.version is not None else None
    version = state.version_at(place) if place else None
    return {
        "pointer": result.pointer,
        "part": result.part,
        "subject": result.subject or None,
        "major": result.major,
        "change": result.change,
        "version": result.version,
        "label": result.label or None,
        "report": version.report if version else None,
    }


def _read(domain: str, body: dict[str, Any]) -> PutContracts:
    """Make the command of a validated body.

    Raises:
        RequestInvalid: a subject of another domain, an event or a major twice.
        ContractsRefused: metadata or rules without their form.
    """
    problems = list(_misplaced(domain, body))
    if problems:
        raise RequestInvalid("The request has events or majors that do not belong there", problems)
    refused: list[RefusedPart] = []
    events = tuple(_read_event(f"/events/{at}", one, refused) for at, one in enumerate(body["events"]))
    if refused:
        raise ContractsRefused(refused)
    said = body["domain"]
    put = None
    if said is not None:
        put = PutDomain(domain, said["owner"], tuple(said["contacts"]), said["description"], said["policy"])
    return PutContracts(domain, put, events, expected_etags())


def _misplaced(domain: str, body: dict[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, event in enumerate(body["events"]):
        place, text = f"/events/{at}", event["subject"]
        try:
            subject = Subject.parse(text)
        except SubjectInvalid as error:
            yield Problem(f"{place}/subject", str(error))
            continue
        if subject.domain != domain or subject.context != DEFAULT_CONTEXT:
            yield Problem(f"{place}/subject", f"not an event of domain {domain} itself")
        if str(subject) in seen:
            yield Problem(f"{place}/subject", "listed twice")
        seen.add(str(subject))
        majors = [one["major"] for one in event["majors"]]
        for number, major in enumerate(majors):
            if major in majors[:number]:
                yield Problem(f"{place}/majors/{number}/major", "listed twice")


def _read_event(place: str, said: dict[str, Any], refused: list[RefusedPart]) -> EventContract:
    declaration = declaration_of_body(said["event"]) if said["event"] is not None else None
    subject = Subject.parse(said["subject"])
    majors = [
        _read_major(subject, f"{place}/majors/{number}", one, refused) for number, one in enumerate(said["majors"])
    ]
    return EventContract(subject, declaration, tuple(majors))


def _read_major(subject: Subject, place: str, said: dict[str, Any], refused: list[RefusedPart]) -> MajorContract:
    lifecycle, draft = None, None
    if said["lifecycle"] is not None:
        lifecycle = lifecycle_command(subject, said["major"], said["lifecycle"], None)
    if said["version"] is not None:
        try:
            draft = read_draft(said["version"])
        except Refusal as refusal:
            refused.append(RefusedPart(f"{place}/version", refusal))
    migration = None
    if said["migration"] is not None:
        migration = SetMigration(subject, said["major"], tuple(said["migration"]["steps"]), said["migration"]["reason"])
    return MajorContract(said["major"], lifecycle, draft, migration)
