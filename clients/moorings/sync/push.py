"""Pushes a folder: each domain as one request, after those that it uses; all of a domain is written, or nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moorings.api.domain_contracts import ContractsWritten, DomainContracts, PartWritten
from moorings.api.responses import Version
from moorings.errors import NotAllowed, RegistryRefused
from moorings.layout.contract_file import ContractFile
from moorings.layout.domain_file import DomainFile
from moorings.sync.matching import Matching
from moorings.sync.push_plan import DOMAIN, EVENT, LIFECYCLE, MIGRATION, VERSION, Part, Plan, plan_push
from moorings.sync.setting_changes import (
    content_changes,
    domain_changes,
    event_changes,
    lifecycle_changes,
    migration_changes,
)
from moorings.sync.synced import SyncedState

STATE_CHANGED = "STATE_CHANGED"


@dataclass(frozen=True, slots=True)
class PushStep:
    """The outcome for one part: a domain, an event, a contract, a lifecycle; in a dry run, the expected one.

    `action` is ``unchanged``, ``created``, ``changed``, ``declared``, ``registered``, ``opened`` (a new major),
    ``behind`` (an older revision than the registry's newest), ``refused``, or ``blocked`` (held back by what was
    refused).
    """

    name: str
    action: str
    detail: str = ""
    contract: ContractFile | None = None
    number: int | None = None
    """Of a contract: its version."""
    label: str = ""
    version: Version | None = None
    """Of a contract: its version in full, where it is the newest of its major; not in a dry run."""
    report: Mapping[str, Any] | None = None
    forbidden: bool = False

    @property
    def failed(self) -> bool:
        return self.action in ("refused", "blocked")


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
        yield PushStep(plan.domain, "blocked", "nothing of it was pushed")
        return
    try:
        written = matching.api.put_contracts(plan.domain, plan.body, known.etag if known else "", dry_run=dry_run)
    except RegistryRefused as refused:
        waiting.update(_unregistered(matching, own))
        yield from _refused(plan, refused)
        return
    now = known
    if not dry_run and any(one.change != "unchanged" for one in written.parts):
        matching.forget(plan.domain)
        now = matching.registered(plan.domain)
    if not dry_run and synced is not None and now is not None and now.etag == written.etag:
        synced.note(now)
    results = _Results(matching, domain, known, now, plan, written)
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
                detail = f"changed in the registry since this folder was last pulled or pushed; {change}. "
                yield PushStep(part.name, "refused", f"{detail}Run moorings pull first", part.contract)


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
    return "; ".join(map(str, changes))


def _content_change(matching: Matching, known: DomainContracts, part: Part) -> str:
    """Say in which way metadata and rules that a file says differ from those of the registry."""
    event = known.event(part.subject)
    major = event.major(part.major) if event is not None else None
    changes = content_changes(matching.parsed.folder.major(part.subject, part.major), major)
    return "; ".join(str(one) for one in changes if one.file is not None)


def _unregistered(matching: Matching, contracts: list[ContractFile]) -> Iterator[tuple[str, int]]:
    """Yield the contracts that the registry does not have as the folder has them."""
    for contract in contracts:
        if matching.version(contract) is None:
            yield contract.subject, contract.major


def _refused(plan: Plan, refused: RegistryRefused) -> Iterator[PushStep]:
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
        yield PushStep(plan.domain, "blocked", "nothing of it was pushed")


def _detail(error: Mapping[str, Any]) -> str:
    """Say why one part was refused, and what to do."""
    inside = error.get("errors")
    found = inside if isinstance(inside, list) else ()
    places = "".join(f"; at {one.get('pointer') or '/'}: {one.get('detail', '')}" for one in found[:5])
    code = f"{error['code']}: " if error.get("code") else ""
    fix = f" ({error['fix']})" if error.get("fix") else ""
    return f"{code}{error.get('detail', '')}{places}{fix}"


class _Results:
    """What became of the parts of a domain, in the words of a push."""

    def __init__(
        self,
        matching: Matching,
        domain: DomainFile,
        known: DomainContracts | None,
        now: DomainContracts | None,
        plan: Plan,
        written: ContractsWritten,
    ) -> None:
        self._folder = matching.parsed.folder
        self._domain = domain
        self._known = known
        self._now = now
        self._plan = plan
        self._written = {one.pointer: one for one in written.parts}

    def __iter__(self) -> Iterator[PushStep]:
        steps = {
            DOMAIN: self._of_domain,
            EVENT: self._of_event,
            VERSION: self._of_version,
            LIFECYCLE: self._of_lifecycle,
            MIGRATION: self._of_migration,
        }
        for part in self._plan.parts:
            written = self._written.get(part.pointer)
            if written is not None:
                yield steps[part.kind](part, written)

    def registered(self) -> Iterator[tuple[str, int]]:
        """Yield the contracts that get a new version."""
        for part in self._plan.parts:
            written = self._written.get(part.pointer)
            if part.kind == VERSION and written is not None and written.change != "unchanged":
                yield part.subject, part.major

    def _of_domain(self, part: Part, written: PartWritten) -> PushStep:
        if written.change == "unchanged":
            return PushStep(part.name, "unchanged")
        if self._known is None:
            return PushStep(part.name, "created", f"owner {self._domain.owner}")
        changes = domain_changes(self._domain, self._known.domain)
        return PushStep(part.name, "changed", "; ".join(map(str, changes)))

    def _of_event(self, part: Part, written: PartWritten) -> PushStep:
        if written.change == "unchanged":
            return PushStep(part.name, "unchanged")
        event = self._known.event(part.subject) if self._known is not None else None
        file = self._folder.event(part.subject)
        if event is None or event.declaration is None:
            return PushStep(part.name, "declared", f"a {file.kind}" if file is not None else "")
        return PushStep(part.name, "changed", "; ".join(map(str, event_changes(file, event))))

    def _of_lifecycle(self, part: Part, written: PartWritten) -> PushStep:
        if written.change == "unchanged":
            return PushStep(part.name, "unchanged", contract=part.contract)
        event = self._known.event(part.subject) if self._known is not None else None
        known = event.major(part.major) if event is not None else None
        changes = lifecycle_changes(self._folder.major(part.subject, part.major), known)
        return PushStep(part.name, "changed", "; ".join(map(str, changes)), part.contract)

    def _of_migration(self, part: Part, written: PartWritten) -> PushStep:
        if written.change == "unchanged":
            return PushStep(part.name, "unchanged", contract=part.contract)
        file = self._folder.major(part.subject, part.major)
        count = len(file.migration_steps) if file is not None else 0
        detail = "1 step" if count == 1 else f"{count} steps" if count else "the reason why there is not a mapping"
        return PushStep(part.name, "changed", detail, part.contract)

    def _of_version(self, part: Part, written: PartWritten) -> PushStep:
        event = self._known.event(part.subject) if self._known is not None else None
        major = event.major(part.major) if event is not None else None
        detail, about = written.label, (part.contract, written.version, written.label, self._version(part, written))
        if written.change == "unchanged":
            if major is not None and written.version is not None and written.version < major.version.version:
                return PushStep(part.name, "behind", f"{detail}, and the newest is {major.version.label}", *about)
            return PushStep(part.name, "unchanged", detail, *about)
        opens = major is None and event is not None and bool(event.majors)
        return PushStep(part.name, "opened" if opens else "registered", detail, *about)

    def _version(self, part: Part, written: PartWritten) -> Version | None:
        event = self._now.event(part.subject) if self._now is not None else None
        major = event.major(part.major) if event is not None else None
        return major.version if major is not None and major.version.version == written.version else None
