"""Bringing a target into step: what a plan says, done by requests."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moorings_registry.exporting.plain import PlainSubjects
from moorings_registry.exporting.planning import ExportPlan, Held, is_same, plan_export
from moorings_registry.exporting.selecting import (
    Selection,
    Touched,
    qualified,
    settings_there,
    version_body,
    with_references,
)
from moorings_registry.exporting.target import Target, TargetRefuses, versions_path
from moorings_registry.migration.imported import read_own_settings
from moorings_registry.migration.peer import segment
from moorings_registry.migration.verifying import same_text
from moorings_registry.names import DEFAULT_CONTEXT, Scope, Subject
from moorings_registry.state import Place, State, Version

IMPORTING = ("IMPORT", "FORWARD")
_REFERRED_TO = 42206
_UNCHECKED = "NONE"


class NotOurs(Exception):
    """The target holds something of its own where the export would go; nothing of that is touched."""


@dataclass(frozen=True, slots=True)
class NoImport:
    """The target does not take given ids somewhere, and why."""

    where: str
    reason: str


class Syncing:
    """Keeps one target in step; remembers what it has seen there, so that it does not ask twice."""

    def __init__(self, selection: Selection, target: Target) -> None:
        self._selection = selection
        self._target = target
        self._plain = PlainSubjects(selection, target)
        self._seen: dict[Place, int] = {}
        """A version here to the entry that registered it, once the target is known to hold that very version."""

    def bring(self, state: State, touched: Touched) -> None:
        """Bring the versions and the settings of what was touched into step with *state*.

        Raises:
            TargetAway, TargetRefuses, LeaseLost, NotOurs
        """
        chosen = [one for one in touched.versions if self._selection.includes(state, one)]
        chosen = list(dict.fromkeys(same for one in chosen for same in self._selection.of_one_name(state, one)))
        places = with_references(state, chosen)
        subjects = dict.fromkeys((*chosen, *(subject for subject, _ in places)))
        targets = dict.fromkeys(self._selection.target(one) for one in subjects)
        wanted = self._wanted(places)
        held = {target: self._held(target) for target in targets}
        for target, has in held.items():
            if target in wanted:
                of_it = [place for place in places if place[0] == wanted[target]]
                held[target] = self._made_ready(state, target, of_it, has)
            elif has != Held() and not self._takes_imports(target):
                held[target] = Held()  # of the target's own, under a name that stands for nothing here
        other = [place for place in places if self._holds_other(state, place, held)]
        self._carry_out(state, plan_export(state, self._selection, places, held, other))
        changed = [one for one in touched.settings if self._selection.includes(state, one)]
        self._set_subjects(state, [*wanted.values(), *changed])
        for context in touched.contexts:
            if self._selection.includes_settings(context):
                scope = f":{self._selection.target_context(context)}:"
                self._set(scope, state.configs.get(Scope(context).key, {}))

    def _wanted(self, places: Iterable[Place]) -> dict[Subject, Subject]:
        """The subjects of the target that are to hold something, and which one here each stands for.

        Raises:
            NotOurs: one would have to stand for two.
        """
        wanted: dict[Subject, Subject] = {}
        for subject, _ in places:
            target = self._selection.target(subject)
            if wanted.setdefault(target, subject) != subject:
                raise NotOurs(f"subjects {wanted[target]} and {subject} would both be {target} in the target")
        return wanted

    def _held(self, subject: Subject) -> Held:
        path = versions_path(qualified(subject))
        every = _numbers(self._target.find(f"{path}?deleted=true"), path)
        active = _numbers(self._target.find(path), path) if every else frozenset()
        return Held(active, every - active)

    def _made_ready(self, state: State, subject: Subject, places: list[Place], has: Held) -> Held:
        """Make ready that *subject* of the target takes *places*, and return what it has of them, by our numbers.

        Where the target does not take given ids, and has nothing there but what it has from us, it gives its own.

        Raises:
            TargetAway, TargetRefuses, LeaseLost
            NotOurs: it holds schemas that came from elsewhere.
        """
        refused = self._let_import(subject)
        if refused is None:
            self._plain.discard(subject)
            return has
        self._plain.add(subject)
        found = self._plain.held(state, places, has)
        if has.active and not found.active:
            what = f"{refused.where} cannot take ids of another registry; empty it, or choose another"
            raise NotOurs(f"{what}: {refused.reason}")
        return found

    def _let_import(self, subject: Subject) -> "NoImport | None":
        """Have the target take given ids: in the whole context where it is the exporter's, else for the subject."""
        if self._takes_imports(subject):
            return None
        whole = self._selection.exporter.context_type in ("AUTO", "CUSTOM") and subject.context != DEFAULT_CONTEXT
        scope = segment(f":{subject.context}:" if whole else qualified(subject))
        try:
            self._target.ask("PUT", f"/mode/{scope}", {"mode": "IMPORT"})
        except TargetRefuses as error:
            where = f"context {subject.context}" if whole else f"subject {subject}"
            return NoImport(where, str(error))
        return None

    def _takes_imports(self, subject: Subject) -> bool:
        told = self._target.find(f"/mode/{segment(qualified(subject))}?defaultToGlobal=true")
        return isinstance(told, dict) and told.get("mode") in IMPORTING

    def _holds_other(self, state: State, place: Place, held: dict[Subject, Held]) -> bool:
        """Whether the target has something else under the number of *place*."""
        version = state.version_at(place)
        target = self._selection.target(place[0])
        if version is None or self._plain.has(place[0]) or place[1] not in held[target].active | held[target].deleted:
            return False
        if self._seen.get(place) == version.position:
            return False
        told = self._version(target, place[1])
        if told is not None and is_same(version, told) and _says_the_same(state, version, told):
            self._seen[place] = version.position
            return False
        return True

    def _carry_out(self, state: State, todo: ExportPlan) -> None:
        self._repeatedly(todo.purge, self._purge)
        for subject in dict.fromkeys(subject for subject, _ in todo.register):
            self._lift(subject)
        for place in todo.register:
            self._register(state, place)
            version = state.version_at(place)
            if version is not None:
                self._seen[place] = version.position
        for place in todo.restore:
            self._restore(state, place)
        self._repeatedly(todo.hide, self._hide)

    def _lift(self, subject: Subject) -> None:
        """Take away what would change or refuse versions that were accepted here; settings are brought back later."""
        path = f"/config/{segment(qualified(self._selection.target(subject)))}"
        told = self._target.find(f"{path}?defaultToGlobal=true")
        there = read_own_settings(told, path) if told is not None else {}
        lifted: dict[str, Any] = {"normalize": False} if there.get("normalize") else {}
        if self._plain.has(subject) and there.get("compatibility") != _UNCHECKED:
            lifted["compatibility"] = _UNCHECKED
        if lifted:
            self._target.ask("PUT", path, lifted)

    def _register(self, state: State, place: Place) -> None:
        if self._plain.has(place[0]):
            self._plain.register(state, place)
            return
        body = version_body(state, self._selection, place, self._plain.number)
        self._target.ask("POST", versions_path(qualified(self._selection.target(place[0]))), body)

    def _repeatedly(self, places: Iterable[Place], work: Callable[[Place], None]) -> None:
        """Do *work* for each; what something else refers to waits until that is gone.

        Raises:
            TargetRefuses: what refers to it does not go.
        """
        left = list(places)
        while left:
            refused: list[tuple[Place, TargetRefuses]] = []
            for place in left:
                try:
                    work(place)
                except TargetRefuses as error:
                    if error.code != _REFERRED_TO:
                        raise
                    refused.append((place, error))
            if len(refused) == len(left):
                raise refused[0][1]
            left = [place for place, _ in refused]

    def _purge(self, place: Place) -> None:
        """Permanently delete a version of the target, if it is one of that very subject and not of an alias."""
        told = self._version(*place)
        if told is None:
            return
        if Subject.parse(str(told.get("subject"))) != place[0]:
            raise NotOurs(
                f"{place[0]} is an alias of {str(told.get('subject'))[:200]} in the target: remove that alias"
            )
        path = f"{versions_path(qualified(place[0]))}/{place[1]}"
        if not told.get("deleted") and place[1] in self._held(place[0]).active:
            self._target.ask("DELETE", path)
        self._target.ask("DELETE", f"{path}?permanent=true")

    def _restore(self, state: State, place: Place) -> None:
        subject = qualified(self._selection.target(place[0]))
        path = f"{versions_path(subject)}/{self._plain.number(place)}"
        try:
            self._target.ask("POST", f"{path}/undelete")
        except TargetRefuses as error:
            if error.code not in (404, 405):
                raise
            self._register(state, place)  # a registry that cannot undelete gets the version registered again

    def _hide(self, place: Place) -> None:
        path = versions_path(qualified(self._selection.target(place[0])))
        self._target.ask("DELETE", f"{path}/{self._plain.number(place)}")

    def _set_subjects(self, state: State, subjects: Iterable[Subject]) -> None:
        """Give subjects of the target the settings that they have here."""
        for subject in dict.fromkeys(subjects):
            self._set(qualified(self._selection.target(subject)), state.configs.get(str(subject), {}))

    def _set(self, scope: str, own: Mapping[str, Any]) -> None:
        """Give a scope of the target the settings *own* that it has here."""
        path = f"/config/{segment(scope)}"
        told = self._target.find(path)
        there = {} if told is None else dict(read_own_settings(told, path))
        wanted = settings_there(own)
        if wanted and wanted != there:
            self._target.ask("PUT", path, {**dict.fromkeys(there), **wanted})
        elif there and not wanted:
            self._target.ask("DELETE", path)

    def _version(self, subject: Subject, number: int) -> dict[str, Any] | None:
        told = self._target.find(f"{versions_path(qualified(subject))}/{number}?deleted=true")
        return told if isinstance(told, dict) else None


def _says_the_same(state: State, version: Version, told: dict[str, Any]) -> bool:
    definition = state.definitions[version.guid]
    return same_text(str(definition.format), definition.text, str(told.get("schema")))


def _numbers(told: Any, path: str) -> frozenset[int]:
    if told is None:
        return frozenset()
    if not isinstance(told, list) or not all(type(one) is int for one in told):
        raise NotOurs(f"{path} does not answer with version numbers: is this a registry?")
    return frozenset(told)
