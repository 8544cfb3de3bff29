"""An edit that a person made, as pairing two outlines finds it: before anybody asks what it breaks."""

from dataclasses import dataclass
from enum import StrEnum

from moorings_compat.changes.outline import Part


class EditKind(StrEnum):
    """What was done."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    REPLACED = "replaced"
    """One field is gone, and another is in its place; nothing says that it is the same under another name."""
    MOVED = "moved"
    SPLIT = "split"
    MERGED = "merged"
    CHANGED = "changed"
    """The type, or anything else that a schema says of a field."""
    REORDERED = "reordered"


@dataclass(frozen=True, slots=True)
class Place:
    """A part in one of the two schemas."""

    path: str
    """Dotted: ``items.sku``; empty for the whole."""
    part: Part
    holder: str
    """The location of the definition that declares it."""
    index: int = 0
    """Its position among the parts of that definition."""


@dataclass(frozen=True, slots=True)
class FacetChange:
    """A keyword with another value; None where the schema does not have it."""

    keyword: str
    before: str | None
    after: str | None
    old_pointer: str
    """The location of what the keyword belongs to."""
    new_pointer: str
    of_definition: bool = False
    """Whether it belongs to the definition of the type, and not to the field."""
    shown: bool = True
    """Whether a sentence says it; what the change of a type says already is not said twice."""


@dataclass(frozen=True, slots=True)
class SymbolChange:
    """What happened to the symbols of one enum."""

    old_pointer: str
    new_pointer: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    renumbered: tuple[tuple[str, str, str], ...] = ()
    """Name, number before, number after."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit."""

    kind: EditKind
    path: str
    """The field's dotted path: in the candidate, or in the older version if the candidate does not have it."""
    old: tuple[Place, ...] = ()
    new: tuple[Place, ...] = ()
    type_change: tuple[str, str] | None = None
    facets: tuple[FacetChange, ...] = ()
    symbols: tuple[SymbolChange, ...] = ()
    holders: tuple[str, str] = ("", "")
    """The locations of the two definitions that declare the field: in the older text, and in the candidate's."""

    @property
    def old_pointers(self) -> tuple[str, ...]:
        """Every location of the older text that the edit is about."""
        held = [one.part.pointer for one in self.old] + [one.old_pointer for one in self.facets]
        return tuple(dict.fromkeys([*held, *(one.old_pointer for one in self.symbols)]))

    @property
    def new_pointers(self) -> tuple[str, ...]:
        """Every location of the candidate's text that the edit is about."""
        held = [one.part.pointer for one in self.new] + [one.new_pointer for one in self.facets]
        return tuple(dict.fromkeys([*held, *(one.new_pointer for one in self.symbols)]))

    @property
    def is_structural(self) -> bool:
        """Whether fields came or went, be it under another name; else something about them changed where they are."""
        return self.kind not in (EditKind.CHANGED, EditKind.REORDERED)

    @property
    def is_harmless_kind(self) -> bool:
        """Whether no event can tell: documentation, order."""
        return self.kind is EditKind.REORDERED or (
            self.kind is EditKind.CHANGED
            and self.type_change is None
            and not self.symbols
            and all(one.keyword in ("doc", "description", "title") for one in self.facets)
        )
