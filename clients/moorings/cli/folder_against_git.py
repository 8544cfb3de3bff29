"""`moorings check --against git:REV`: the whole folder compared with a revision of git; no registry is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from moorings.cli.git_revisions import folder_at_revision
from moorings.cli.next_major import with_next_major
from moorings.cli.results import Checked, from_report
from moorings.errors import ExtraMissing
from moorings.layout import ContractFile, Folder, Issue, MajorFile, Parsed, Weight, lint, read_folder
from moorings.layout.lowered_policies import lowered_policies
from moorings_compat import Level, Positions, Report, Schema, check
from moorings_compat.contracts import NO_CONTRACT, Contract, Contracts

_GONE_ADVICE = "Deprecate it, retire it after its sunset, and remove the file then."


@dataclass(frozen=True, slots=True)
class _Compared:
    """The folder now and then."""

    now: Parsed
    then: Parsed
    revision: str
    level: str | None
    """The level that was asked for, in place of the policy's."""


def check_folder_against_git(root: Path, revision: str, level: str | None, domains: tuple[str, ...]) -> list[Checked]:
    """Compare every contract of *domains* with its major at *revision*, and what was decided about it.

    Raises:
        FileNotFoundError: the folder does not exist.
        SourceInvalid: no git, no repository, or no such revision.
    """
    folder, issues = lint(root)
    with folder_at_revision(revision, root) as older:
        before = read_folder(older) if older is not None else Folder(root, (), (), ())
        compared = _Compared(Parsed(folder), Parsed(before), revision, level)
        results = [_contract(compared, one, issues) for one in compared.now.in_order() if one.domain in domains]
        return [*_other_files(folder, issues, domains), *_domains(compared, domains), *results, *_deleted(compared)]


def _other_files(folder: Folder, issues: list[Issue], domains: tuple[str, ...]) -> Iterator[Checked]:
    """Yield the files besides contracts that have errors."""
    schemas = {one.path for one in folder.contracts}
    wrong = [one for one in folder.errors(issues, domains) if one.file not in schemas]
    for file in dict.fromkeys(one.file for one in wrong):
        yield Checked(str(file), "invalid", "", file, problems=tuple(one for one in wrong if one.file == file))


def _contract(compared: _Compared, contract: ContractFile, issues: list[Issue]) -> Checked:
    own = tuple(one for one in issues if one.file == contract.path and one.weight is Weight.ERROR)
    candidate = compared.now.schema(contract)
    if own or candidate is None:
        problems = own or (Issue(contract.path, "NOT_CHECKED", "it uses a contract that only a registry has"),)
        return Checked(contract.label, "invalid", "", contract.path, contract.text, problems=problems)
    before = compared.then.folder.contract(contract.subject, contract.major)
    older = compared.then.schema(before) if before is not None else None
    if before is None or older is None:
        note = f"not in {compared.revision}" if before is None else f"not readable in {compared.revision}"
        return Checked(contract.label, "compatible", "", contract.path, contract.text, note=note)
    return _compare(compared, contract, candidate, before, older)


def _compare(
    compared: _Compared, contract: ContractFile, candidate: Schema, before: ContractFile, older: Schema
) -> Checked:
    now, then = compared.now.folder, compared.then.folder
    level = Level((compared.level or then.policy_value(contract.domain, "level", Level.FULL_TRANSITIVE)).upper())
    rules_then = _rules(then.major(before.subject, before.major), None)
    rules_now = _rules(now.major(contract.subject, contract.major), rules_then)
    contracts = Contracts(rules_now, {1: rules_then}, contract.event)
    policy = then.comparison_policy(contract.domain, conditions=contracts.have_rules)

    def checked(one: Schema) -> Report:
        return check(one, [(1, older)], level, policy, contracts=contracts)

    try:
        report = checked(candidate)
    except ModuleNotFoundError as error:
        raise ExtraMissing("rules", f"comparing the rules of {contract.label}") from error
    positions = Positions(candidate, {1: older}, contract.text, {1: before.text})
    found = from_report(contract.label, report, {1: compared.revision}, positions, checked, file=contract.path)
    return with_next_major(found, contract)


def _rules(major: MajorFile | None, unsaid: Contract | None) -> Contract:
    """Return the rules that a file says; *unsaid* where it says nothing about them."""
    if major is None or (major.rule_set is None and major.metadata is None):
        return unsaid or NO_CONTRACT
    kept = unsaid or NO_CONTRACT
    rule_set = kept.rule_set if major.rule_set is None else major.rule_set
    tags = kept.tags if major.metadata is None else major.metadata.get("tags")
    return Contract(rule_set, tags)


def _domains(compared: _Compared, domains: tuple[str, ...]) -> Iterator[Checked]:
    """Yield the domains whose policy asks for less than it did."""
    now, then = compared.now.folder, compared.then.folder
    for domain in now.domains:
        if domain.domain in domains and then.domain(domain.domain) is not None:
            problems = tuple(lowered_policies(now, then, domain, compared.revision))
            if problems:
                yield Checked(domain.domain, "invalid", "", domain.path, problems=problems)


def _deleted(compared: _Compared) -> Iterator[Checked]:
    """Yield the majors whose files were deleted while events of them may still be written."""
    now, then = compared.now.folder, compared.then.folder
    for before in then.contracts:
        if now.contract(before.subject, before.major) is not None or not _is_ours(now, before.domain):
            continue
        major = then.major(before.subject, before.major)
        if major is not None and (major.lifecycle or {}).get("state") == "retired":
            continue
        file = now.root / before.domain / before.path.name
        renamed = _renamed(compared, before)
        message = f"{before.label} is in {compared.revision}, and its file was deleted{renamed}"
        advice = f"An event keeps its name. {_GONE_ADVICE}" if renamed else _GONE_ADVICE
        yield Checked(before.label, "invalid", "", file, problems=(Issue(file, "CONTRACT_DELETED", message, advice),))


def _is_ours(folder: Folder, domain: str) -> bool:
    return not folder.repository.found or domain in folder.repository.owns


def _renamed(compared: _Compared, before: ContractFile) -> str:
    """Say which new contract looks like the deleted one: the same text but for the name."""
    text = before.text.replace(before.event, "")
    for contract in compared.now.folder.contracts:
        is_new = compared.then.folder.contract(contract.subject, contract.major) is None
        if is_new and contract.format is before.format and contract.text.replace(contract.event, "") == text:
            return f"; it looks renamed to {contract.subject}"
    return ""
