"""What an exporter exports, and what it is called there. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from moorings_registry import facts
from moorings_registry.commands.exporters import PLACEHOLDER
from moorings_registry.entries import Entry
from moorings_registry.names import DEFAULT_CONTEXT, LAST_SCOPE, Scope, Subject, is_qualified, split_qualified
from moorings_registry.state import Exporter, Place, State

_OF_VERSIONS = (
    facts.SchemaRegistered,
    facts.VersionsSoftDeleted,
    facts.VersionsPermanentlyDeleted,
    facts.VersionsRestored,
    facts.FirstMajorLifecycleChanged,
    facts.MajorLifecycleChanged,
)
"""A retired major is soft-deleted in the target, which does not know of lives of majors."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which subjects an exporter exports, and their names in the target."""

    exporter: Exporter

    def names(self, subject: Subject) -> bool:
        """Whether a pattern of the exporter fits *subject*."""
        return any(_fits(pattern, subject) for pattern in self.exporter.subjects)

    def includes(self, state: State, subject: Subject) -> bool:
        """Whether *subject* is exported: it is named, or what is named refers to it, however far away."""
        seen, waiting = {subject}, [subject]
        while waiting:
            one = waiting.pop()
            if self.names(one):
                return True
            held = state.subject(one)
            for version in held.versions if held else ():
                for referrer, number in state.referrers.get((one, version.number), ()):
                    if referrer not in seen and state.version_at((referrer, number)) is not None:
                        seen.add(referrer)
                        waiting.append(referrer)
        return False

    def includes_settings(self, context: str) -> bool:
        """Whether what is set for all of *context* is exported: where it then holds for exported subjects alone."""
        if self.exporter.context_type == "DEFAULT":
            return False
        named = [_parts(pattern) for pattern in self.exporter.subjects]
        if self.exporter.context_type != "NONE":
            return any(where in ("*", context) for where, _ in named)
        whole = any(where in ("*", context) and not name.strip("*") for where, name in named)
        return whole and context != DEFAULT_CONTEXT

    def target(self, subject: Subject) -> Subject:
        """What *subject* is called in the target."""
        name = self.exporter.rename_format.replace(PLACEHOLDER, subject.name)
        return Subject(name, self.target_context(subject.context))

    def of_one_name(self, state: State, subject: Subject) -> list[Subject]:
        """The exported subjects that would share the name of *subject* in the target, itself among them."""
        if self.exporter.context_type != "DEFAULT":
            return [subject]
        others = (Subject(subject.name, context) for context in state.contexts() if context != subject.context)
        return [subject, *(one for one in others if one in state.subjects and self.includes(state, one))]

    def target_context(self, context: str) -> str:
        """Where what lies in *context* lies in the target."""
        kind, before = self.exporter.context_type, self.exporter.context
        if kind == "NONE":
            return context
        if kind == "DEFAULT":
            return DEFAULT_CONTEXT
        return before if context == DEFAULT_CONTEXT else before + context


def qualified(subject: Subject) -> str:
    """The name with its context, even the default one: a plain name may be looked for in other contexts, too."""
    return f":{subject.context}:{subject.name}"


def _fits(pattern: str, subject: Subject) -> bool:
    context, name = _parts(pattern)
    if context not in ("*", subject.context):
        return False
    pieces = (re.escape(piece) for piece in re.split(r"\*+", name))
    return not name or re.fullmatch(".*".join(pieces), subject.name) is not None


def _parts(pattern: str) -> tuple[str, str]:
    return split_qualified(pattern) if is_qualified(pattern) else (DEFAULT_CONTEXT, pattern)


@dataclass(slots=True)
class Touched:
    """What some entries speak of."""

    versions: dict[Subject, None] = field(default_factory=dict)
    """Subjects of whose versions, in order."""
    settings: set[Subject] = field(default_factory=set)
    """Subjects of whose settings."""
    contexts: set[str] = field(default_factory=set)
    """Contexts of whose settings, the default one for those of the registry as a whole."""


def touched_by(entries: Iterable[Entry]) -> Touched:
    """What *entries* speak of."""
    touched = Touched()
    for entry in entries:
        for stored in entry.facts:
            fact = facts.from_json(stored)
            if isinstance(fact, _OF_VERSIONS):
                touched.versions[Subject.parse(fact.subject)] = None
            if isinstance(fact, facts.ConfigChanged):
                scope = Scope.of_key(fact.scope)
                if scope.subject is not None:
                    touched.settings.add(scope.subject)
                elif scope != LAST_SCOPE:
                    touched.contexts.add(scope.context)
            if isinstance(fact, facts.VersionsPermanentlyDeleted):
                touched.settings.add(Subject.parse(fact.subject))  # with its last version, its settings go
    return touched


def with_references(state: State, subjects: Iterable[Subject]) -> list[Place]:
    """Every version of *subjects* and of the subjects that they refer to; what is referred to comes first.

    Whole subjects, so that no version of theirs seems to be too much in the target.
    """
    ordered: dict[Place, None] = {}
    reached = dict.fromkeys(subjects)
    done: set[Subject] = set()
    while len(done) < len(reached):
        for subject in [one for one in reached if one not in done]:
            done.add(subject)
            held = state.subject(subject)
            for version in held.versions if held else ():
                _add(state, (subject, version.number), ordered)
        reached |= dict.fromkeys(subject for subject, _ in ordered)
    return list(ordered)


def _add(state: State, first: Place, ordered: dict[Place, None]) -> None:
    waiting: list[tuple[Place, bool]] = [(first, False)]
    while waiting:
        place, seen = waiting.pop()
        version = state.version_at(place)
        if place in ordered or version is None:
            continue
        if seen:
            ordered[place] = None
            continue
        waiting.append((place, True))
        for reference in state.definitions[version.guid].references:
            used = state.resolve(reference, place[0].context)
            if used is not None:
                waiting.append(((used.subject, used.number), False))


def settings_there(own: Mapping[str, Any]) -> dict[str, Any]:
    """A subject's settings as they are exported: an alias would make the target answer for another subject."""
    return {name: value for name, value in own.items() if name not in ("alias", "aliasForDeks")}


def version_body(
    state: State, selection: Selection, place: Place, number: Callable[[Place], int] = itemgetter(1)
) -> dict[str, Any]:
    """What registers a version in the target, under its id and its number; *number* is what a version has there."""
    version = state.version_at(place)
    assert version is not None, place
    definition = state.definitions[version.guid]
    context = place[0].context
    here = selection.target_context(context)
    references = []
    for one in definition.references:
        subject = Subject.parse(one.subject, context=context)
        used = selection.target(subject)
        name = used.name if used.context == here else qualified(used)
        references.append({"name": one.name, "subject": name, "version": number((subject, one.version))})
    body = {
        "schema": definition.text,
        "schemaType": str(definition.format),
        "references": references,
        "metadata": definition.metadata,
        "ruleSet": definition.rule_set,
        "id": version.id,
        "version": version.number,
    }
    return {name: value for name, value in body.items() if value}
