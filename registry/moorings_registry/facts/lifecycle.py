"""The lifecycle of majors, and the mappings between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class MajorsHeld:
    """A policy asks for less from now on, and the majors that are open stay held to what they were promised under.

    `scope` is ``domain:`` and a domain, or a subject. An empty policy releases them: a waiver says so.
    """

    scope: str
    policy: Mapping[str, Any]
    """What they stay held to, as far as changed: ``level``, ``formats``, ``json_fields``, ``protobuf_level``,
    ``notice_days``, ``quiet_days``."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class FirstMajorLifecycleChanged:
    """The first form of `MajorLifecycleChanged`, before drafts and replacements."""

    subject: str
    major: int
    state: str
    sunset: str
    stored_as: ClassVar[str] = "MajorLifecycleChanged"
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class MajorLifecycleChanged:
    """A major became a draft, active, deprecated or retired."""

    subject: str
    major: int
    state: str
    sunset: str = ""
    """The day (YYYY-MM-DD) after which consumers must not rely on it; empty where none is set."""
    since: str = ""
    """The day from which it is deprecated; empty for one that is not."""
    replacement: str = ""
    """What to use instead, as a subject or as ``subject@major``; empty: the next major of the same event."""
    page: str = ""
    """The address of a page that says how to migrate."""
    v: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class MajorMigrationChanged:
    """How events of the major before become events of a major, or why there is not a mapping."""

    subject: str
    major: int
    steps: list[Mapping[str, Any]]
    """The steps of the mapping as files have them, in order; empty where there is none."""
    reason: str
    """Why there is not a mapping; empty where there is one, or where nobody said anything."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class SunsetReminded:
    """The sunset of a deprecated major is near, or over, and somebody still reads it. Changes nothing else."""

    subject: str
    major: int
    sunset: str
    days: int
    """At most so many days are left; 0: the sunset is over."""
    readers: list[str]
    """Applications that declare to read it, or were observed to."""
    further: int
    """Readers that are not named."""
    v: ClassVar[int] = 1


LifecycleFact = MajorsHeld | FirstMajorLifecycleChanged | MajorLifecycleChanged | MajorMigrationChanged | SunsetReminded
