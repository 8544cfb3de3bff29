"""Registers a whole folder: domains first, then contracts, each after those that it uses. Idempotent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moorings.api.responses import Domain, Registered, Version
from moorings.errors import NotAllowed, RegistryRefused, SchemaIncompatible
from moorings.layout.contract_file import ContractFile
from moorings.sync.matching import Matching, domain_differs, major_of
from moorings_compat import Reference


@dataclass(frozen=True, slots=True)
class PushStep:
    """The outcome for one domain or contract; in a dry run, the expected one.

    `action` is ``unchanged``, ``created``, ``changed``, ``registered``, ``opened`` (a new major), ``refused`` or
    ``blocked`` (something it uses was refused).
    """

    name: str
    action: str
    detail: str = ""
    contract: ContractFile | None = None
    version: Version | None = None
    report: Mapping[str, Any] | None = None
    forbidden: bool = False

    @property
    def failed(self) -> bool:
        return self.action in ("refused", "blocked")


def push(matching: Matching, *, dry_run: bool = False) -> Iterator[PushStep]:
    """Register what the folder has and the registry does not; yield each result when it is known.

    A refused contract does not stop the others; contracts that use it are blocked. With *dry_run* nothing is written.
    """
    folder = matching.parsed.folder
    known = {domain.domain: domain for domain in matching.api.domains()}
    for domain in folder.domains:
        yield _push_domain(matching, domain.domain, domain.settings(), known.get(domain.domain), dry_run)
    waiting: set[tuple[str, int]] = set()
    for contract in matching.parsed.in_order():
        step = _push_contract(matching, contract, waiting, dry_run)
        if step.failed or (dry_run and step.action != "unchanged"):
            waiting.add((contract.subject, contract.major))
        yield step


def _push_domain(
    matching: Matching, name: str, settings: dict[str, Any], known: Domain | None, dry_run: bool
) -> PushStep:
    changed = domain_differs(settings, known)
    if not changed:
        return PushStep(name, "unchanged")
    try:
        if not dry_run:
            matching.api.put_domain(name, settings, known.etag if known else "")
    except RegistryRefused as refused:
        return PushStep(name, "refused", str(refused), forbidden=isinstance(refused, NotAllowed))
    if known is None:
        return PushStep(name, "created", f"owner {settings['owner']}")
    return PushStep(name, "changed", ", ".join(changed))


def _push_contract(
    matching: Matching, contract: ContractFile, waiting: set[tuple[str, int]], dry_run: bool
) -> PushStep:
    uses = [use for use in matching.parsed.uses(contract) if (use.subject, use.major) in waiting]
    if uses:
        names = ", ".join(f"{use.subject} v{use.major}" for use in uses)
        if dry_run:
            return PushStep(contract.label, "registered", f"after {names}", contract)
        return PushStep(contract.label, "blocked", f"it uses {names}", contract)
    references = matching.references(contract)
    if references is None:
        return PushStep(contract.label, "blocked", "it uses an unregistered contract", contract)
    version = matching.version(contract)
    if version is not None:
        return PushStep(contract.label, "unchanged", version.label, contract, version)
    major = major_of(matching.event(contract.subject), contract)
    action = "opened" if major == "next" else "registered"
    if dry_run:
        return PushStep(contract.label, action, "new event" if major is None else "", contract)
    try:
        registered = _register(matching, contract, references, major)
    except SchemaIncompatible as refused:
        return PushStep(contract.label, "refused", refused.detail, contract, report=refused.report)
    except RegistryRefused as refused:
        return PushStep(contract.label, "refused", str(refused), contract, forbidden=isinstance(refused, NotAllowed))
    matching.note(contract, registered.version)
    return PushStep(contract.label, action, registered.version.label, contract, registered.version)


def _register(
    matching: Matching, contract: ContractFile, references: Sequence[Reference], major: int | str | None
) -> Registered:
    """Register the file with the metadata and rules of its major, which files do not have, so that none are lost."""
    before = matching.newest(contract)
    return matching.api.register(
        contract.subject,
        contract.text,
        contract.format,
        references,
        major,
        metadata=before.metadata if before else None,
        rule_set=before.rule_set if before else None,
    )
