"""What became of the parts of a domain, in the words of a push."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moorings.api.domain_contracts import ContractsWritten, DomainContracts, PartWritten
from moorings.api.responses import Version
from moorings.layout.contract_file import ContractFile
from moorings.layout.domain_file import DomainFile
from moorings.sync.matching import Matching
from moorings.sync.push_plan import DOMAIN, EVENT, LIFECYCLE, MIGRATION, VERSION, Part, Plan
from moorings.sync.setting_changes import domain_changes, event_changes, lifecycle_changes


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


class PushResults:
    """A step for each part of a request that was written."""

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
