"""What deciding needs, and what it yields."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from moorings_compat import Contracts, Level, Policy, Report, Schema, check
from moorings_registry import tracing
from moorings_registry.commands.check_observer import CheckObserver, NoObserver
from moorings_registry.commands.comparison_spans import ComparisonSpans, describe
from moorings_registry.commands.readers import ChangeMemory, Observe, nobody_observed
from moorings_registry.errors import Refusal, VersionNotFound
from moorings_registry.facts import Fact
from moorings_registry.names import Subject
from moorings_registry.principals import LOCAL_PRINCIPAL, Principal
from moorings_registry.schema_cache import SchemaCache
from moorings_registry.settings import Settings
from moorings_registry.state import State, Version


class Part(StrEnum):
    """What a part of a write of contracts is about."""

    DOMAIN = "domain"
    EVENT = "event"
    VERSION = "version"
    LIFECYCLE = "lifecycle"
    MIGRATION = "migration"


class Change(StrEnum):
    """What became of a part."""

    CREATED = "created"
    """The domain or the version is new."""
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class PartResult:
    """What a part came to."""

    pointer: str
    """Its JSON Pointer in the request."""
    part: Part
    subject: str
    """The event; empty for the domain."""
    major: int | None
    change: Change
    version: int | None = None
    """Of a version: its number."""
    label: str = ""
    """Of a version: what people call it, such as ``2.1``."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a command: names, numbers, and the version if it was about a single one."""

    subject: str = ""
    domain: str = ""
    versions: tuple[int, ...] = ()
    """The versions registered, found or deleted."""
    created: bool = False
    """Whether the ledger grew."""
    parts: tuple["PartResult", ...] = ()
    """Of a write in several parts: what each came to."""
    version: Version | None = field(default=None, compare=False)
    """The single one of `versions`, as it is now; None if there are several, or it was permanently deleted since."""

    @property
    def existing_version(self) -> Version:
        """The single version that the command was about.

        Raises:
            VersionNotFound: this answers a repeated request, and the version was permanently deleted in the meantime.
        """
        if self.version is None:
            raise VersionNotFound(self.versions[0])
        return self.version

    def on(self, state: State) -> "Outcome":
        """This outcome with the version that it speaks of, as it is in *state*."""
        if len(self.versions) != 1:
            return self
        return replace(self, version=state.version_at((Subject.parse(self.subject), self.versions[0])))


@dataclass(frozen=True, slots=True)
class Decision:
    """The facts to append, and the answer to the caller: an outcome, or a refusal that is recorded itself."""

    facts: tuple[Fact, ...]
    outcome: Outcome
    refusal: Callable[[int], Refusal] | None = None
    """Makes the refusal from the position at which it was recorded."""


def _everything(_subject: Subject) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What decisions depend on: pure, or caches of something pure."""

    settings: Settings
    schema_cache: SchemaCache
    reports: "ReportMemory"
    now: Callable[[], str]
    """The moment at which a decision is reached, as entries have them: waivers end by themselves."""
    principal: Principal = LOCAL_PRINCIPAL
    """Who asks."""
    changes: ChangeMemory = field(default_factory=ChangeMemory)
    observe: Observe = nobody_observed
    sees: Callable[[Subject], bool] = _everything
    """Whether a subject may be named to whoever asks."""


class ReportMemory:
    """A cache of derived reports. A check depends on its inputs alone, so its report never changes.

    Safe from any thread; what was derived first goes first.
    """

    def __init__(self, steps: int, capacity: int = 20_000, observer: CheckObserver | None = None) -> None:
        """*capacity* counts findings; a comparison without any counts as one."""
        self._steps = steps
        self._observer = observer or NoObserver()
        self._capacity = capacity
        self._size = 0
        self._kept: dict[tuple[Any, ...], Report] = {}
        self._lock = threading.Lock()

    def check(
        self,
        candidate: tuple[str, Schema],
        history: list[tuple[int, str, Schema]],
        level: Level,
        policy: Policy,
        *,
        resolved_in: tuple[str, int] = ("", 0),
        contracts: Contracts | None = None,
        subject: Subject | None = None,
    ) -> Report:
        """Check (guid, schema) against (number, guid, schema) of every older version of the major, oldest first.

        *resolved_in* says where references were resolved: the context, and `State.purged` of the state. *contracts* are
        those of the guids, for a policy that asks for their conditions. *subject* is for the observer only.
        """
        guid, schema = candidate
        compared = tuple((number, older) for number, older, _ in history)
        event = contracts.event if contracts is not None else ""
        key = (guid, compared, level, policy, resolved_in, event)
        kept = self._kept.get(key)
        if kept is None:
            older_schemas = [(number, older) for number, _, older in history]
            begun = time.perf_counter()
            with tracing.step("check") as span:
                told = None if span is None else ComparisonSpans()
                kept = check(schema, older_schemas, level, policy, self._steps, contracts, told)
                if span is not None:
                    describe(span, kept, len(compared))
            self._observer.worked_out(kept, time.perf_counter() - begun, subject)
            self._keep(key, kept)
        return kept

    def _keep(self, key: tuple[Any, ...], report: Report) -> None:
        with self._lock:
            if self._kept.setdefault(key, report) is not report:
                return
            self._size += _size(report)
            while self._size > self._capacity and len(self._kept) > 1:
                oldest = next(iter(self._kept))
                self._size -= _size(self._kept.pop(oldest))


def _size(report: Report) -> int:
    return 1 + sum(max(1, len(one.findings)) for one in report.comparisons)
