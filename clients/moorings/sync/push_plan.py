"""What a push sends for one domain: the body of one request, and what each part of it is about."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from moorings.api.domain_contracts import DomainContracts, MajorContract
from moorings.layout.contract_file import ContractFile
from moorings.layout.domain_file import DomainFile
from moorings.layout.folder import Folder
from moorings.layout.major_file import MajorFile
from moorings.layout.references import ContractUse
from moorings.sync.matching import Matching
from moorings_compat import Reference

DOMAIN, EVENT, VERSION, LIFECYCLE, MIGRATION = "domain", "event", "version", "lifecycle", "migration"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a request, by its JSON Pointer in the body."""

    pointer: str
    kind: str
    name: str
    """As results name it: ``shop.orders``, ``shop.orders.OrderPlaced``, ``shop.orders.OrderPlaced v1``."""
    subject: str = ""
    major: int = 0
    contract: ContractFile | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The request for one domain. `blocked` are contracts that use what is not registered, with the reason."""

    domain: str
    body: dict[str, Any]
    parts: tuple[Part, ...]
    blocked: tuple[tuple[ContractFile, str], ...] = ()

    def part(self, pointer: str) -> Part | None:
        """Return the part that a pointer is in."""
        found = [one for one in self.parts if pointer == one.pointer or pointer.startswith(f"{one.pointer}/")]
        return max(found, key=lambda one: len(one.pointer), default=None)


def plan_push(matching: Matching, domain: DomainFile, waiting: Iterable[tuple[str, int]]) -> Plan:
    """Collect all that the folder says of *domain*; those in *waiting* are not registered as the folder has them."""
    return _Planner(matching, domain, frozenset(waiting)).plan()


@dataclass(slots=True)
class _Planner:
    matching: Matching
    domain: DomainFile
    waiting: frozenset[tuple[str, int]]
    parts: list[Part] = field(default_factory=list)
    blocked: dict[tuple[str, int], tuple[ContractFile, str]] = field(default_factory=dict)
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)
    """The version that each contract of this request has, or will have."""

    def plan(self) -> Plan:
        self.parts.append(Part("/domain", DOMAIN, self.domain.domain))
        known = self.matching.registered(self.domain.domain)
        events = [self._event(at, one, known) for at, one in enumerate(self._subjects())]
        body = {"domain": self.domain.settings(), "events": events}
        return Plan(self.domain.domain, body, tuple(self.parts), tuple(self.blocked.values()))

    def _subjects(self) -> list[str]:
        """Order the events of the domain: each after those that it uses, otherwise by name."""
        folder, parsed = self.matching.parsed.folder, self.matching.parsed
        ordered: dict[str, None] = {}

        def visit(subject: str, above: tuple[str, ...]) -> None:
            if subject in ordered or subject in above:
                return
            for contract in (one for one in folder.contracts if one.subject == subject):
                for use in parsed.uses(contract):
                    target = folder.contract(use.subject, use.major)
                    if target is not None and target.domain == self.domain.domain:
                        visit(use.subject, (*above, subject))
            ordered[subject] = None

        for subject in folder.subjects(self.domain.domain):
            visit(subject, ())
        return list(ordered)

    def _event(self, at: int, subject: str, known: DomainContracts | None) -> dict[str, Any]:
        folder = self.matching.parsed.folder
        event, place = folder.event(subject), f"/events/{at}"
        if event is not None:
            self.parts.append(Part(f"{place}/event", EVENT, subject, subject))
        contracts = sorted((one for one in folder.contracts if one.subject == subject), key=lambda one: one.major)
        majors = [self._major(f"{place}/majors/{n}", one, folder, known) for n, one in enumerate(contracts)]
        return {"subject": subject, "event": event.settings() if event is not None else None, "majors": majors}

    def _major(
        self, place: str, contract: ContractFile, folder: Folder, known: DomainContracts | None
    ) -> dict[str, Any]:
        file = folder.major(contract.subject, contract.major)
        version = self._version(contract, file, known)
        about = (contract.subject, contract.major, contract)
        is_known = known is not None and known.has_major(contract.subject, contract.major)
        said = file if version is not None or is_known else None
        lifecycle = said.lifecycle if said is not None else None
        migration = said.migration_settings() if said is not None else None
        if version is not None:
            self.parts.append(Part(f"{place}/version", VERSION, contract.label, *about))
        if lifecycle is not None:
            self.parts.append(Part(f"{place}/lifecycle", LIFECYCLE, f"{contract.label} lifecycle", *about))
        if migration is not None:
            self.parts.append(Part(f"{place}/migration", MIGRATION, f"{contract.label} migration", *about))
        return {
            "major": contract.major,
            "lifecycle": dict(lifecycle) if lifecycle is not None else None,
            "migration": migration,
            "version": version,
        }

    def _version(
        self, contract: ContractFile, file: MajorFile | None, known: DomainContracts | None
    ) -> dict[str, Any] | None:
        """Make the body of a registration; metadata and rules that no file says are those that the registry has."""
        references = self._references(contract)
        if references is None:
            return None
        event = known.event(contract.subject) if known is not None else None
        metadata, rule_set = content_to_push(file, event.major(contract.major) if event is not None else None)
        return {
            "schema": contract.text,
            "format": str(contract.format),
            "references": [{"name": one.name, "subject": one.subject, "version": one.version} for one in references],
            "metadata": metadata,
            "rule_set": rule_set,
        }

    def _references(self, contract: ContractFile) -> list[Reference] | None:
        """Return the versions that a contract refers to; None, and the reason, where one is not registered."""
        folder = self.matching.parsed.folder
        found = []
        for use in self.matching.parsed.uses(contract):
            key = (use.subject, use.major)
            if key in self.waiting or key in self.blocked:
                self._block(contract, f"it uses {use.subject} v{use.major}")
                return None
            target = folder.contract(*key)
            number = self._number(target) if target is not None and target.domain == self.domain.domain else None
            if number is None:
                version = self.matching.used_version(use)
                number = version.version if version is not None else None
            if number is None:
                self._block(contract, self._unregistered(use))
                return None
            found.append(Reference(use.name, use.subject, number))
        return found

    def _unregistered(self, use: ContractUse) -> str:
        """Say that what is used is not registered, and why a push of its domain first would not do."""
        reason = f"it uses {use.subject} v{use.major}, which is not registered"
        other, own = use.subject.rpartition(".")[0], self.domain.domain
        parsed = self.matching.parsed
        theirs = (one for one in parsed.folder.contracts if one.domain == other)
        back = next((one for one in theirs if any(_is_of(each, own) for each in parsed.uses(one))), None)
        if other == own or back is None:
            return reason
        return (
            f"{reason}, and {back.label} uses a contract of {own}: a push writes a whole domain at a time, "
            f"so move what both need into one of them, or into a third domain"
        )

    def _number(self, target: ContractFile) -> int:
        """Return the version of a contract of this domain: the one that it is, else the next one of its event."""
        key = (target.subject, target.major)
        if key not in self.numbers:
            version = self.matching.version(target)
            if version is not None:
                self.numbers[key] = version.version
            else:
                taken = [number for (subject, _), number in self.numbers.items() if subject == target.subject]
                self.numbers[key] = max([self.matching.last_number(target.subject), *taken]) + 1
        return self.numbers[key]

    def _block(self, contract: ContractFile, reason: str) -> None:
        self.blocked[contract.subject, contract.major] = (contract, reason)


def _is_of(use: ContractUse, domain: str) -> bool:
    return use.subject.rpartition(".")[0] == domain


def content_to_push(
    file: MajorFile | None, known: MajorContract | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return metadata and rules: what the file says of each, else what the registry has."""
    metadata, rule_set = (known.version.metadata, known.version.rule_set) if known is not None else (None, None)
    if file is not None:
        metadata = metadata if file.metadata is None else file.metadata
        rule_set = rule_set if file.rule_set is None else file.rule_set
    return dict(metadata) if metadata else None, dict(rule_set) if rule_set else None
