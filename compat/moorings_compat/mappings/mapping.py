"""A mapping as a value: the steps that turn an event of one major into one of the next."""

from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

from moorings_compat.mappings.conversions import Conversion
from moorings_compat.mappings.paths import FieldPath


@dataclass(frozen=True, slots=True)
class Rename:
    """A field gets another name, in the same object."""

    path: FieldPath
    name: str


@dataclass(frozen=True, slots=True)
class Move:
    """A field moves within the event, or within an item of an array; objects on its path are created."""

    path: FieldPath
    to: FieldPath
    shared: int
    """How many steps at the beginning the two have in common: up to the last ``*``."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A field is removed."""

    path: FieldPath


@dataclass(frozen=True, slots=True)
class Default:
    """An absent field gets a value; with `or_null` a null field, too."""

    path: FieldPath
    value: Any
    or_null: bool = False


@dataclass(frozen=True, slots=True)
class Convert:
    """A field that is present and not null becomes another kind of value."""

    path: FieldPath
    conversion: Conversion


@dataclass(frozen=True, slots=True)
class Symbols:
    """A text becomes another one, by a table; `otherwise` is for texts that the table lacks."""

    path: FieldPath
    table: Table[str, str]
    otherwise: str | None = None


Step = Rename | Move | Drop | Default | Convert | Symbols


@dataclass(frozen=True, slots=True)
class Mapping:
    """From one major of an event to the next. `subject` is empty where neither file nor folder names it."""

    subject: str
    before: int
    after: int
    steps: tuple[Step, ...] = ()
    source: str = ""
    """Where it was read: a file's path."""

    @property
    def label(self) -> str:
        """Its name in messages: ``shop.orders.OrderPlaced v1 to v2``."""
        return f"{self.subject} v{self.before} to v{self.after}"
