"""Checks contracts against a registry, without registering anything."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from moorings.api.responses import Event
from moorings.cli.kept_checks import KeptChecks
from moorings.cli.next_major import with_next_major
from moorings.cli.results import REGISTERED_AS, Checked, from_answer, from_report
from moorings.contracts.schema_cache import BlockingSchemaCache
from moorings.errors import NotAllowed, RegistryRefused
from moorings.layout.contract_file import ContractFile
from moorings.layout.issues import Issue, Weight
from moorings.layout.positions import position_of
from moorings.sync.matching import Matching, major_of
from moorings.sync.push_plan import content_to_push
from moorings.sync.setting_changes import content_changes
from moorings_compat import (
    LARGEST_LIMITS,
    Level,
    Positions,
    Report,
    ResolvedReference,
    Schema,
    SchemaError,
    check,
    parse,
)

ABOUT_CONTENT = ("RULE_SET_INVALID", "METADATA_INVALID")
"""Refusals that are about the file of a major, not about its schema."""


def check_contract(
    matching: Matching,
    schemas: BlockingSchemaCache,
    contract: ContractFile,
    level: str | None = None,
    kept: KeptChecks | None = None,
) -> Checked:
    """Compare one contract with the revisions of its major in the registry.

    The registry checks what could be registered now. If the contract uses another one that is not registered as
    the folder has it, the check runs here, with the folder's own texts. With *kept*, the registry keeps what it found.
    """
    event = matching.event(contract.subject)
    registered = matching.version(contract)
    file = matching.parsed.folder.major(contract.subject, contract.major)
    newest = matching.registered_major(contract)
    said = any(one.file is not None for one in content_changes(file, newest)) if newest is not None else False
    if registered is not None and not said:
        note = f"{REGISTERED_AS} {registered.label}"
        return Checked(contract.label, "compatible", event.level if event else "", contract.path, note=note)
    if event is None:
        return _kept_new(matching, _unregistered(matching, schemas, contract, "new event"), contract, kept)
    if event.major(contract.major) is None:
        return _kept_new(matching, _unregistered(matching, schemas, contract, "new major"), contract, kept)
    references = matching.references(contract)
    if references is None:
        return _check_here(matching, schemas, contract, event, level)
    metadata, rule_set = content_to_push(file, newest)
    try:
        report = matching.api.check(
            contract.subject,
            contract.text,
            contract.format,
            references,
            major_of(event, contract),
            level,
            metadata=metadata,
            rule_set=rule_set,
            job=kept.job if kept else None,
        )
    except NotAllowed:
        raise
    except RegistryRefused as refused:
        problem = _problem(matching, contract, refused)
        return Checked(contract.label, "invalid", "", contract.path, contract.text, problems=(problem,))
    candidate = partial(matching.parsed.schema, contract)
    link = kept.noted(report) if kept else ""
    found = from_answer(contract.label, report, file=contract.path, text=contract.text, candidate=candidate, link=link)
    return with_next_major(found, contract)


def _problem(matching: Matching, contract: ContractFile, refused: RegistryRefused) -> Issue:
    """Return what the registry says of a contract that it cannot check, at the file that it is about."""
    own = matching.parsed.folder.major(contract.subject, contract.major)
    about_content = refused.code in ABOUT_CONTENT and own is not None
    file = own.path if own is not None and about_content else contract.path
    return Issue(file, refused.code, refused.detail, refused.fix)


def _unregistered(matching: Matching, schemas: BlockingSchemaCache, contract: ContractFile, note: str) -> Checked:
    """Check that the text is a schema, with what only the registry has; there is nothing to compare it with."""
    before = len(matching.parsed.issues)
    known = matching.parsed.schema(contract) is not None
    own = (one for one in matching.parsed.issues[before:] if one.file == contract.path)
    problems = tuple(one for one in own if one.weight is Weight.ERROR)
    if not known and not problems:
        problems = tuple(_problems_with_registry(matching, schemas, contract))
    verdict = "invalid" if problems else "compatible"
    return Checked(contract.label, verdict, "", contract.path, contract.text, problems=problems, note=note)


def _kept_new(matching: Matching, checked: Checked, contract: ContractFile, kept: KeptChecks | None) -> Checked:
    """Have the registry keep a new event or major, too: what comes with a branch is on one page.

    There is nothing to compare it with, so what was found here stands; whatever the registry refuses is not kept.
    """
    references = matching.references(contract)
    if kept is None or checked.problems or references is None:
        return checked
    file = matching.parsed.folder.major(contract.subject, contract.major)
    metadata, rule_set = content_to_push(file, None)
    major = major_of(matching.event(contract.subject), contract)
    known = {"metadata": metadata, "rule_set": rule_set, "job": kept.job}
    try:
        report = matching.api.check(contract.subject, contract.text, contract.format, references, major, None, **known)
    except RegistryRefused as refused:
        kept.not_kept(refused.detail)
        return checked
    return replace(checked, link=kept.noted(report))


def _problems_with_registry(
    matching: Matching, schemas: BlockingSchemaCache, contract: ContractFile
) -> Iterator[Issue]:
    references = matching.references(contract)
    if references is None:
        yield _not_checked(contract)
        return
    versions = [matching.api.version(one.subject, one.version) for one in references]
    resolved = [
        ResolvedReference(reference, schemas.parsed(one.schema, one.format, one.references))
        for reference, one in zip(references, versions, strict=True)
    ]
    try:
        parse(contract.text, contract.format, resolved, LARGEST_LIMITS)
    except SchemaError as error:
        for problem in error.problems:
            line, column = position_of(contract.text, problem.where)
            yield Issue(contract.path, error.code, problem.message, place=problem.where, line=line, column=column)


def _not_checked(contract: ContractFile) -> Issue:
    message = "a contract that it uses is neither in the folder nor in the registry"
    return Issue(contract.path, "NOT_CHECKED", message)


def _check_here(
    matching: Matching, schemas: BlockingSchemaCache, contract: ContractFile, event: Event, level: str | None
) -> Checked:
    candidate = matching.parsed.schema(contract)
    major = event.major(contract.major)
    if candidate is None or major is None:
        return Checked(contract.label, "invalid", "", contract.path, contract.text, problems=(_not_checked(contract),))
    history, labels = [], {}
    for revision in major.revisions:
        if not revision.deleted:
            version = matching.api.version(contract.subject, revision.version)
            older = schemas.parsed(version.schema, version.format, version.references)
            history.append((revision.version, older))
            labels[revision.version] = revision.label
    policy = matching.parsed.folder.comparison_policy(contract.domain)

    def checked(one: Schema) -> Report:
        return check(one, history, Level(level or event.level), policy)

    note = "checked locally: it uses unregistered contracts"
    positions = Positions(candidate, dict(history), contract.text)
    found = from_report(contract.label, checked(candidate), labels, positions, checked, file=contract.path, note=note)
    return with_next_major(found, contract)
