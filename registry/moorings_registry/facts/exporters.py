"""Exporters to other registries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class ExporterCreated:
    """An exporter was created and started: it keeps another registry in step."""

    name: str
    context_type: str
    """``AUTO``, ``CUSTOM``, ``NONE`` or ``DEFAULT``: how a source's context becomes a target's."""
    context: str
    """What is laid before the source's context; empty for ``NONE`` and ``DEFAULT``."""
    subjects: list[str]
    """Patterns of the subjects that are exported; ``*`` matches any characters."""
    rename_format: str
    """What a subject is called there: ``eu-${subject}``."""
    config: Mapping[str, Any]
    """Where to; never a secret."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterChanged:
    """The whole definition of an exporter as it is from now on; it exports from the beginning again."""

    name: str
    context_type: str
    context: str
    subjects: list[str]
    rename_format: str
    config: Mapping[str, Any]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterPaused:
    """An exporter was paused."""

    name: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterResumed:
    """An exporter was resumed where it stopped."""

    name: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterReset:
    """An exporter was restarted from the beginning of the ledger."""

    name: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterAdvanced:
    """The target is in step up to a position. Recorded rarely, so that a restart need not begin from the start."""

    name: str
    position: int
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterDeleted:
    """An exporter was deleted; its exports remain in the target."""

    name: str
    v: ClassVar[int] = 1


ExporterFact = (
    ExporterCreated
    | ExporterChanged
    | ExporterPaused
    | ExporterResumed
    | ExporterReset
    | ExporterAdvanced
    | ExporterDeleted
)
