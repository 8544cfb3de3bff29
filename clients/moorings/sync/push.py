"""Pushes a folder: each domain as one request, after those that it uses; all of a domain is written, or nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorings.api.domain_contracts import DomainContracts
from moorings.errors import NotAllowed, RegistryRefused, advice_of, places_of
from moorings.layout.contract_file import ContractFile
from moorings.layout.domain_file import DomainFile
from moorings.sync.matching import Matching
from moorings.sync.push_plan import DOMAIN, EVENT, LIFECYCLE, MIGRATION, VERSION, Part, Plan, plan_push
from moorings.sync.push_results import PushResults, PushStep
from moorings.sync.setting_changes import (
    content_changes,
    domain_changes,
    event_changes,
    lifecycle_changes,
    migration_changes,
)
from moorings.sync.synced import SyncedState

STATE_CHANGED = "STATE_CHANGED"


def push(
    matching: Matching,
    *,
    domains: tuple[str, ...] | None = None,
    dry_run: bool = False,
    synced: SyncedState | None = None,
) -> Iterator[PushStep]:
    """Write what the folder says of *domains*, by default of all; yield the results of each domain when they are known.

    A refused domain does not stop the others; contracts that use it are blocked. With *dry_run* nothing is written.
    *synced* tells what was changed in the registry since this checkout has seen it.
    """
    waiting: set[tuple[str, int]] = set()
    for domain in _in_order(matching, domains):
        plan = plan_push(matching, domain, waiting)
        yield from _push_domain(matching, domain, plan, waiting, synced, dry_run=dry_run)


def _in_order(matching: Matching, domains: tuple[str, ...] | None) -> list[DomainFile]:
    """Order the domains: each after those above it and those that it uses, otherwise by name."""
    folder = matching.parsed.folder
    ordered: dict[str, DomainFile] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        domain = folder.domain(name)
        if domain is None or name in ordered or name in above or (domains is not None and name not in domains):
            return
        visit(name.rpartition(".")[0], (*above, name))
        for contract in (one for one in folder.contracts if one.domain == name):
            for use in matching.parsed.uses(contract):
                visit(use.subject.rpartition(".")[0], (*above, name))
        ordered[name] = domain

    for one in folder.domains:
        visit(one.domain, ())
    return list(ordered.values())


def _push_domain(
    matching: Matching,
    domain: DomainFile,
    plan: Plan,
    waiting: set[tuple[str, int]],
    synced: SyncedState | None,
    *,
    dry_run: bool,
) -> Iterator[PushStep]:
    known = matching.registered(plan.domain)
    own = [one for one in matching.parsed.folder.contracts if one.domain == plan.domain]
    held_back = list(_held_back(matching, plan, known, synced, dry_run=dry_run))
    if any(step.failed for step in held_back):
        waiting.update(_unregistered(matching, own))
        yield from held_back
        yield _nothing_pushed(plan, dry_run=dry_run)
        return
    try:
        written = matching.api.put_contracts(plan.domain, plan.body, known.etag if known else "", dry_run=dry_run)
    except RegistryRefused as refused:
        waiting.update(_unregistered(matching, own))
        yield from _refused(plan, refused, dry_run=dry_run)
        return
    now = known
    if not dry_run and any(one.change != "unchanged" for one in written.parts):
        matching.forget(plan.domain)
        now = matching.registered(plan.domain)
    if not dry_run and synced is not None and now is not None and now.etag == written.etag:
        synced.note(now)
    results = PushResults(matching, domain, known, now, plan, written)
    if dry_run:
        waiting.update(results.registered())
        waiting.update((contract.subject, contract.major) for contract, _ in plan.blocked)
    yield from held_back
    yield from results


def _held_back(
    matching: Matching, plan: Plan, known: DomainContracts | None, synced: SyncedState | None, *, dry_run: bool
) -> Iterator[PushStep]:
    """Yield what keeps a domain from being pushed: contracts that use unregistered ones, and changes from elsewhere."""
    for contract, reason in plan.blocked:
        if dry_run:
            yield PushStep(contract.label, "registered", reason.replace("it uses", "after"), contract)
        else:
            yield PushStep(contract.label, "blocked", reason, contract)
    if known is not None and synced is not None:
        elsewhere = synced.changed_elsewhere(known)
        for part in plan.parts:
            changed = [_change(matching, known, part)] if part.name in elsewhere else []
            if part.kind == VERSION and f"{part.name} rules" in elsewhere:
                changed.append(_content_change(matching, known, part))
            for change in filter(None, changed):
                detail = f"changed in the registry since this folder was last pulled or pushed: {change}"
                yield PushStep(part.name, "refused", f"{detail}; run moorings pull first", part.contract)


def _change(matching: Matching, known: DomainContracts, part: Part) -> str:
    """Say in which way a part of the folder differs from the registry; empty where it does not."""
    folder, event = matching.parsed.folder, known.event(part.subject)
    major = event.major(part.major) if event is not None else None
    if part.kind == VERSION:
        version = matching.version(part.contract) if part.contract is not None else None
        if major is None or (version is not None and version.version == major.version.version):
            return ""
        return f"the newest revision is {major.version.label}, and the file is another one"
    file = folder.domain(known.domain.domain)
    changes = {
        DOMAIN: lambda: domain_changes(file, known.domain) if file is not None else [],
        EVENT: lambda: event_changes(folder.event(part.subject), event),
        LIFECYCLE: lambda: lifecycle_changes(folder.major(part.subject, part.major), major),
        MIGRATION: lambda: migration_changes(folder.major(part.subject, part.major), major),
    }[part.kind]()
    return "; ".join(one.sides() for one in changes)


def _content_change(matching: Matching, known: DomainContracts, part: Part) -> str:
    """Say in which way metadata and rules that a file says differ from those of the registry."""
    event = known.event(part.subject)
    major = event.major(part.major) if event is not None else None
    changes = content_changes(matching.parsed.folder.major(part.subject, part.major), major)
    return "; ".join(one.sides() for one in changes if one.file is not None)


def _unregistered(matching: Matching, contracts: list[ContractFile]) -> Iterator[tuple[str, int]]:
    """Yield the contracts that the registry does not have as the folder has them."""
    for contract in contracts:
        if matching.version(contract) is None:
            yield contract.subject, contract.major


def _nothing_pushed(plan: Plan, *, dry_run: bool) -> PushStep:
    return PushStep(plan.domain, "blocked", f"nothing of it {'would be' if dry_run else 'was'} pushed")


def _refused(plan: Plan, refused: RegistryRefused, *, dry_run: bool) -> Iterator[PushStep]:
    """Yield a step for each part that was refused, and one for the rest of the domain."""
    if refused.code == STATE_CHANGED:
        detail = "changed in the registry while it was pushed; run moorings pull, then push again"
        yield PushStep(plan.domain, "refused", detail)
        return
    named = 0
    for error in refused.errors:
        part = plan.part(str(error.get("pointer", "")))
        if part is None or isinstance(refused, NotAllowed):
            continue
        named += 1
        report = error.get("report")
        yield PushStep(
            part.name,
            "refused",
            _detail(error),
            part.contract,
            report=report if isinstance(report, Mapping) else None,
            forbidden=error.get("code") == "NOT_ALLOWED",
        )
    if not named:
        yield PushStep(plan.domain, "refused", str(refused), forbidden=isinstance(refused, NotAllowed))
    else:
        yield _nothing_pushed(plan, dry_run=dry_run)


def _detail(error: Mapping[str, Any]) -> str:
    """Say why one part was refused, and what to do."""
    inside = error.get("errors")
    found = inside if isinstance(inside, list) else ()
    said = str(error.get("detail", ""))
    code = f"{error['code']}: " if error.get("code") else ""
    fix = f" ({advice})" if (advice := advice_of(error)) else ""
    return f"{code}{said}{places_of(found[:5], said)}{fix}"
