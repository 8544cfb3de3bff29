"""What became of checks: changes that were held back for consumers, and what people said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class ChangeHeldBack:
    """Who reads what the definition refused in this entry would remove or break. Precedes its `SchemaRefused`."""

    subject: str
    guid: str
    readers: list[Mapping[str, Any]]
    """Each with `application`, `team`, `source` (declared or observed), `rule`, `path`, `message` and `payload`."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class CheckReviewed:
    """Somebody said what becomes of a change that was refused, or of one that a CI job checked."""

    about: str
    """``report:ID``, a report of the ledger, or ``check:ID``, a kept check."""
    subject: str
    """The event that it is about."""
    comment: str
    """Empty where nothing was said."""
    assignee: str | None
    """Who is to act on it from now on; empty for nobody, None where that stays as it was."""
    handled: bool | None
    """Whether nothing is left to be done; None where that stays as it was."""
    reviewed_by: str
    v: ClassVar[int] = 1


CheckFact = ChangeHeldBack | CheckReviewed
