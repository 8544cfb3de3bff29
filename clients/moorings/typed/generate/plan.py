"""The contents of one module: a contract, its event model, and the names of its types."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from moorings.event_model.model import EnumerationType, EventModel, RecordType, TypeReference, inner
from moorings.typed.contract_value import Contract
from moorings.typed.generate.names import class_name


@dataclass(frozen=True, slots=True)
class ContractSource:
    """One contract to generate from; `uses` are the subjects and majors that it refers to."""

    contract: Contract
    model: EventModel
    uses: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        return self.contract.subject, self.contract.major


@dataclass(frozen=True, slots=True)
class Imported:
    """A class of another module; `local` is its name in this one."""

    module: str
    name: str
    local: str


@dataclass(frozen=True, slots=True)
class Module:
    """A module to write: `classes` names its own types, `imported` those of other modules, by full name."""

    source: ContractSource
    package: str
    name: str
    classes: Mapping[str, str]
    imported: Mapping[str, Imported]

    def enumerations(self) -> Iterator[tuple[str, EnumerationType]]:
        """Yield its own enumerations, each with its name here; records come after them, since defaults name them."""
        for full, name in self.classes.items():
            if isinstance(one := self.source.model.named[full], EnumerationType):
                yield name, one

    def records(self) -> Iterator[tuple[str, RecordType]]:
        """Yield its own records, each with its name here."""
        for full, name in self.classes.items():
            if isinstance(one := self.source.model.named[full], RecordType):
                yield name, one

    def class_of(self, full: str) -> str:
        return self.classes.get(full) or self.imported[full].local

    @property
    def taken(self) -> frozenset[str]:
        """The names that no attribute of a class may have."""
        return frozenset((*self.classes.values(), *(one.local for one in self.imported.values())))


def plan(source: ContractSource, package: str, name: str, others: Mapping[tuple[str, int], Module]) -> Module:
    """Choose the names of a module; a type that a used contract has in the same form is imported from there."""
    elsewhere: dict[str, tuple[str, str]] = {}
    for other in (others[key] for key in source.uses if key in others):
        for full, known in other.classes.items():
            if full in source.model.named and _is_same_type(full, source.model, other.source.model):
                elsewhere.setdefault(full, (f"..{other.package}.{other.name}", known))
    if isinstance(source.model.root, TypeReference):
        elsewhere.pop(source.model.root.name, None)
    own, used = _own(source.model, elsewhere)
    names: dict[str, str] = {}
    for full in [*own, *used]:
        names[full] = class_name(full, names.values())
    imported = {full: Imported(*elsewhere[full], names[full]) for full in used}
    return Module(source, package, name, {full: names[full] for full in own}, imported)


def _is_same_type(full: str, model: EventModel, others: EventModel) -> bool:
    """Say whether a type and all that it leads to are the same in both models."""
    return model.reached(TypeReference(full)) == others.reached(TypeReference(full))


def _own(model: EventModel, elsewhere: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the types that a module has itself, and those that it uses of others, as they are met."""
    own: dict[str, None] = {}
    used: dict[str, None] = {}
    waiting = [model.root]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, TypeReference):
            waiting.extend(reversed(list(inner(one))))
        elif one.name in elsewhere:
            used[one.name] = None
        elif one.name not in own:
            own[one.name] = None
            waiting.extend(reversed(list(inner(model.named[one.name]))))
    return list(own), list(used)
