"""Searches for encryption keys in a state. Pure.

A KEK lies in a context. The keys of a subject are wrapped by the KEK of its own context; where that has none of the
name, by the one of the default context, which clients without contexts of keys register. An event's keys are also
those that were stored under the names of its topics, before they led to it.
"""

from collections.abc import Iterator

from moorings_registry.errors import KeyNotFound
from moorings_registry.names import DEFAULT_CONTEXT, Subject
from moorings_registry.policy import leaves_its_domain
from moorings_registry.state import Dek, DekAlgorithm, Kek, KekPlace, State
from moorings_registry.topics import named_by_topic, names_of_topic

LATEST = -1


def kek_label(name: str, context: str = DEFAULT_CONTEXT) -> str:
    """What messages call a KEK."""
    return f"KEK '{name}'" if context == DEFAULT_CONTEXT else f"KEK '{name}' of context {context}"


def dek_label(kek: str, subject: Subject, algorithm: DekAlgorithm, version: int | None = None) -> str:
    """What messages call a DEK, or one version of it."""
    which = "" if version is None else f" version {'latest' if version == LATEST else version}"
    return f"DEK{which} ({algorithm}) of subject '{subject}' under KEK '{kek}'"


def kek_of(state: State, name: str, context: str, *, deleted: bool = False) -> Kek:
    """The KEK *name* of *context*; with *deleted*, a soft-deleted one too.

    Raises:
        KeyNotFound
    """
    kek = state.keks.get((context, name))
    if kek is None or (kek.deleted and not deleted):
        raise KeyNotFound(kek_label(name, context))
    return kek


def kek_for(state: State, name: str, subject: Subject, *, deleted: bool = False) -> Kek:
    """The KEK *name* for the keys of *subject*: that of its context, else that of the default one.

    Raises:
        KeyNotFound
    """
    contexts = dict.fromkeys((subject.context, DEFAULT_CONTEXT))
    known = [kek for one in contexts if (kek := state.keks.get((one, name))) is not None]
    found = next((one for one in known if deleted or not one.deleted), None)
    if found is None:
        raise KeyNotFound(kek_label(name))
    return found


def subject_of_keys(state: State, named: Subject) -> Subject:
    """Whose keys a name means: the event of its topic, and what its setting ``aliasForDeks`` names.

    Raises:
        TopicAmbiguous
    """
    meant = named_by_topic(state, named)
    alias = state.configs.get(str(meant), {}).get("aliasForDeks")
    target = named_by_topic(state, Subject.parse(alias, context=meant.context)) if alias else meant
    return meant if leaves_its_domain(state, meant, target) else target


def deks_of(state: State, kek: str, subject: Subject, algorithm: DekAlgorithm | None = None) -> list[Dek]:
    """The keys that the KEKs of the name *kek* wrap for *subject*, soft-deleted ones too, by algorithm and version.

    Where a name of a topic has a version of its own, that of the event counts.
    """
    found: dict[tuple[DekAlgorithm, int], Dek] = {}
    for name in (subject, *_other_names(state, subject)):
        for context in dict.fromkeys((subject.context, DEFAULT_CONTEXT)):
            for one in state.deks.get((context, kek, name), ()):
                if algorithm in (None, one.algorithm):
                    found.setdefault((one.algorithm, one.version), one)
    return [found[key] for key in sorted(found)]


def find_dek(
    state: State, kek: str, subject: Subject, algorithm: DekAlgorithm, version: int, *, deleted: bool = False
) -> Dek:
    """One version of a key, or the `LATEST` one; with *deleted*, a soft-deleted one too.

    Raises:
        KeyNotFound
    """
    listed = [one for one in deks_of(state, kek, subject, algorithm) if deleted or not one.deleted]
    wanted = listed[-1:] if version == LATEST else [one for one in listed if one.version == version]
    if not wanted:
        raise KeyNotFound(dek_label(kek, subject, algorithm, version))
    return wanted[0]


def subjects_of(state: State, place: KekPlace, *, deleted: bool) -> list[Subject]:
    """The subjects whose keys the KEK at *place* wraps, sorted; without *deleted*, those with an active one."""
    found = (
        subject
        for (context, kek, subject), listed in state.deks.items()
        if (context, kek) == place and (deleted or not all(one.deleted for one in listed))
    )
    return sorted(found)


def _other_names(state: State, subject: Subject) -> Iterator[Subject]:
    declared = state.declarations.get(subject.of_event)
    for topic in declared.topics if declared is not None else ():
        events = state.topics.get((subject.context, topic), ())
        for name, target in names_of_topic(subject.context, topic, events):
            if target == subject and name != subject:
                yield name
