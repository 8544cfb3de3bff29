"""What an import comes to, found out before anything is written: every step is decided on the state to be.

An import only adds. Where something else is there already, that is a conflict, and nothing is written.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from moorings_compat import Format
from moorings_registry.commands import (
    Command,
    CreateDek,
    CreateKek,
    DeleteDek,
    DeleteKek,
    DeleteVersion,
    Dependencies,
    Draft,
    ImportVersion,
    SetConfig,
    SetMode,
    decide,
    simulate,
)
from moorings_registry.configuration import read_settings
from moorings_registry.encryption_keys import deks_of
from moorings_registry.errors import CompilerUnavailable, IdMismatch, OperationNotPermitted, Refusal
from moorings_registry.facts import Fact, InvalidSchemaKept, SchemaAliased
from moorings_registry.migration.imported import (
    ImportedDek,
    ImportedKek,
    ImportedRegistry,
    ImportedVersion,
    Json,
    Place,
    SourceUnreadable,
)
from moorings_registry.modes import READWRITE
from moorings_registry.names import REGISTRY_SCOPE, Scope, Subject
from moorings_registry.state import Dek, DekAlgorithm, Kek, State

MODE = "mode"
_CONFLICTS = (IdMismatch, OperationNotPermitted)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The steps of an import, and its conflicts."""

    commands: tuple[Command, ...]
    """In order; those alone that change something."""
    conflicts: tuple[str, ...]
    """What is here already and is something else there."""
    refused: tuple[str, ...]
    """What this registry cannot hold, each with the reason."""
    skipped: frozenset[Place]
    """The versions among those."""
    skipped_settings: frozenset[tuple[str, str]]
    """The settings among those: a scope and a name, which for its mode is `MODE`."""
    renamed: int = 0
    """The commands for versions that are here already, and only get their guid of the other registry."""
    unreadable: tuple[str, ...] = ()
    """What is kept as it is there although it is not a valid schema here, each with the reason."""
    state: State = field(default_factory=State, compare=False, repr=False)
    """What the registry holds after these steps."""
    skipped_keys: frozenset[str] = frozenset()
    """The labels of keys that cannot be stored here."""

    def count(self, kind: type[Command]) -> int:
        return sum(isinstance(one, kind) for one in self.commands)


def plan_import(
    state: State,
    imported: ImportedRegistry,
    dependencies: Dependencies,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> ImportPlan:
    """Decide what has to be done on *state* for it to hold what was read.

    *progress* is called with the versions that are decided, and with how many there are.

    Raises:
        SourceUnreadable: versions refer to one another in a circle.
        CompilerUnavailable: Protobuf cannot be read on this machine.
    """
    planner = _Planner(state, dependencies)
    ordered = in_order_of_references(imported.versions)
    for scope, settings in imported.configs.items():  # first: one names the groups in which versions are compared
        planner.take_settings(scope, settings)
    for done, version in enumerate(ordered, 1):
        planner.take_version(version)
        progress(done, len(ordered))
    for version in reversed(ordered):  # referrers before what they refer to
        if version.deleted:
            planner.hide_version(version)
    planner.take_keys(imported)
    for scope, mode in imported.modes.items():  # last: from here on, a scope may be read-only
        planner.take_mode(scope, mode)
    return planner.finish()


def in_order_of_references(versions: tuple[ImportedVersion, ...]) -> list[ImportedVersion]:
    """Sort versions so that each follows what it refers to, and where that allows it the version before.

    Raises:
        SourceUnreadable: they refer to one another in a circle.
    """
    by_place = {one.place: one for one in sorted(versions, key=lambda one: one.place)}
    referred = {place: set(_referred(one)) & by_place.keys() for place, one in by_place.items()}
    try:
        order = list(TopologicalSorter(_with_versions_before(referred)).static_order())
    except CycleError:
        try:
            order = list(TopologicalSorter(referred).static_order())
        except CycleError as error:
            circle = " -> ".join(f"{subject} version {number}" for subject, number in error.args[1])
            raise SourceUnreadable(f"versions refer to one another in a circle: {circle}") from None
    return [by_place[place] for place in order]


def _with_versions_before(referred: dict[Place, set[Place]]) -> dict[Place, set[Place]]:
    chained, before = {}, ("", 0)
    for place, targets in referred.items():
        chained[place] = targets | {before} if before[0] == place[0] else targets
        before = place
    return chained


def _referred(version: ImportedVersion) -> Iterator[Place]:
    try:
        context = Subject.parse(version.subject).context
        for one in version.references:
            yield str(Subject.parse(one.subject, context=context)), one.version
    except Refusal:
        return  # a name that this registry does not take; said when the version is looked at


class _Planner:
    """Decides step after step, each on the state that the ones before lead to."""

    def __init__(self, state: State, dependencies: Dependencies) -> None:
        self._state = state
        self._dependencies = dependencies
        self._commands: list[Command] = []
        self._conflicts: list[str] = []
        self._refused: list[str] = []
        self._skipped: set[Place] = set()
        self._skipped_settings: set[tuple[str, str]] = set()
        self._skipped_keys: set[str] = set()
        self._renamed = 0
        self._unreadable: list[str] = []

    def finish(self) -> ImportPlan:
        return ImportPlan(
            tuple(self._commands),
            tuple(self._conflicts),
            tuple(self._refused),
            frozenset(self._skipped),
            frozenset(self._skipped_settings),
            self._renamed,
            tuple(self._unreadable),
            self._state,
            frozenset(self._skipped_keys),
        )

    def take_version(self, version: ImportedVersion) -> None:
        if version.format not in tuple(Format):
            self._refuse(version.label, f"the schema type {version.format!r} is not one of {', '.join(Format)}")
            self._skipped.add(version.place)
            return
        try:
            draft = Draft(Format(version.format), version.text, version.references, version.metadata, version.rule_set)
            subject = Subject.parse(version.subject)
            facts = self._step(ImportVersion(subject, draft, version.id, version.number, version.guids))
            kept = [one for one in facts if isinstance(one, InvalidSchemaKept)]
            self._unreadable += (f"{version.label}: {one.reason}" for one in kept)
        except CompilerUnavailable:
            raise
        except (Refusal, ValueError) as error:
            self._stop(version.label, error)
            self._skipped.add(version.place)

    def hide_version(self, version: ImportedVersion) -> None:
        if version.place in self._skipped:
            return
        subject = Subject.parse(version.subject)
        held = self._state.version_at((subject, version.number))
        if held is None or held.deleted:
            return
        try:
            self._step(DeleteVersion(subject, version.number))
        except Refusal as error:
            self._stop(f"the soft delete of {version.label}", error)

    def take_keys(self, imported: ImportedRegistry) -> None:
        """Take KEKs, the keys that they wrap, and at last what is soft-deleted of both."""
        for kek in imported.keks:
            self._take_kek(kek)
        for dek in imported.deks:
            self._take_dek(dek)
        for dek in imported.deks:
            here = self._dek_here(dek) if dek.deleted and dek.label not in self._skipped_keys else None
            if here is not None and not here.deleted:
                delete = DeleteDek(dek.kek[1], Subject.parse(dek.subject), here.algorithm, dek.version)
                self._try(f"the soft delete of {dek.label}", delete)
        for kek in imported.keks:
            known = self._state.keks.get(kek.place)
            if kek.deleted and known is not None and not known.deleted:
                self._try(f"the soft delete of {kek.label}", DeleteKek(kek.name, kek.context))

    def _take_kek(self, kek: ImportedKek) -> None:
        here = self._state.keks.get(kek.place)
        if here is None:
            told = (kek.kms_type, kek.kms_key_id, kek.kms_props, kek.doc)
            self._try(kek.label, CreateKek(kek.name, kek.context, *told, shared=False))
        elif not is_same_kek(kek, here):
            self._conflicts.append(f"{kek.label}: described otherwise here")

    def _take_dek(self, dek: ImportedDek) -> None:
        try:
            here, algorithm = self._dek_here(dek), DekAlgorithm(dek.algorithm)
        except (Refusal, ValueError) as error:
            self._stop(dek.label, error)
            self._skipped_keys.add(dek.label)
            return
        if here is None:
            material = dek.encrypted_key_material
            create = CreateDek(dek.kek[1], Subject.parse(dek.subject), algorithm, dek.version, material)
            self._try(dek.label, create)
        elif here.encrypted_key_material != dek.encrypted_key_material:
            self._conflicts.append(f"{dek.label}: another key here")

    def _dek_here(self, dek: ImportedDek) -> Dek | None:
        known = deks_of(self._state, dek.kek[1], Subject.parse(dek.subject))
        return next((one for one in known if (str(one.algorithm), one.version) == (dek.algorithm, dek.version)), None)

    def _try(self, label: str, command: Command) -> None:
        try:
            self._step(command)
        except Refusal as error:
            self._stop(label, error)
            self._skipped_keys.add(label)

    def take_settings(self, scope: str, settings: Json) -> None:
        label = f"the settings of {scope or 'the registry'}"
        try:
            named = Scope.of_key(scope)
            changes = self._valid_settings(scope, settings)
            here = self._state.configs.get(named.key, {})
            other = sorted(name for name in here.keys() & changes.keys() if here[name] != changes[name])
            if other:
                self._conflicts.append(f"{label}: {', '.join(other)} set otherwise here")
            else:
                self._step(SetConfig(named, changes))
        except (Refusal, ValueError) as error:
            self._stop(label, error)
            self._skipped_settings.update((scope, name) for name in settings)

    def _valid_settings(self, scope: str, settings: Json) -> dict[str, Any]:
        """Those that this registry has, as it keeps them; one that it refuses leaves the others as they are."""
        valid: dict[str, Any] = {}
        for name in settings:
            try:
                valid |= read_settings({name: settings[name]})
            except (Refusal, ValueError) as error:
                self._refuse(f"the setting {name} of {scope or 'the registry'}", str(error))
                self._skipped_settings.add((scope, name))
        return {name: value for name, value in valid.items() if value is not None}

    def take_mode(self, scope: str, mode: str) -> None:
        label = f"the mode of {scope or 'the registry'}"
        try:
            named = Scope.of_key(scope)
            here = self._state.modes.get(named.key)
            if here not in (None, mode):
                self._conflicts.append(f"{label}: {here} here, {mode} there")
            elif here is None and not (named == REGISTRY_SCOPE and mode == READWRITE):
                self._step(SetMode(named, mode, force=True))
        except Refusal as error:
            self._stop(label, error)
            self._skipped_settings.add((scope, MODE))

    def _step(self, command: Command) -> tuple[Fact, ...]:
        facts = decide(self._state, command, self._dependencies).facts
        if facts:
            self._state = simulate(self._state, facts)
            self._commands.append(command)
            self._renamed += all(isinstance(fact, SchemaAliased) for fact in facts)
        return facts

    def _stop(self, label: str, error: Exception) -> None:
        if isinstance(error, _CONFLICTS):
            self._conflicts.append(f"{label}: {error}")
        else:
            self._refuse(label, str(error))

    def _refuse(self, label: str, reason: str) -> None:
        self._refused.append(f"{label}: {reason}")


def is_same_kek(there: ImportedKek, here: Kek) -> bool:
    """Whether two registries say the same of a KEK."""
    told = (there.kms_type, there.kms_key_id, dict(there.kms_props), there.doc)
    return told == (here.kms_type, here.kms_key_id, dict(here.kms_props), here.doc)


def without_skipped(imported: ImportedRegistry, plan: ImportPlan) -> ImportedRegistry:
    """What is left of *imported* when that is not taken over which this registry cannot hold."""
    gone = plan.skipped_settings
    return ImportedRegistry(
        tuple(one for one in imported.versions if one.place not in plan.skipped),
        {
            scope: {name: value for name, value in settings.items() if (scope, name) not in gone}
            for scope, settings in imported.configs.items()
        },
        {scope: mode for scope, mode in imported.modes.items() if (scope, MODE) not in gone},
        imported.left_out,
        tuple(one for one in imported.keks if one.label not in plan.skipped_keys),
        tuple(one for one in imported.deks if one.label not in plan.skipped_keys),
    )
