"""The law, and the record that it is kept by: every revision that was ever acknowledged, and what it was held to.

**No sequence of calls leaves two revisions of one major in a registered domain that break each other, unless a waiver
lies between them.** What that means, where it could mean several things:

*What counts.* A revision counts from its acknowledgement for ever: events written with it may lie in an archive when
it is deleted, softly or permanently. It stops counting when it is deleted permanently while a waiver of kind ``purge``
is open for it, which says that no stored event of it is left, or while no registered domain owns its subject, since
nothing is promised then. It counts in the major that it was acknowledged in, in its subject and its context.

*When a promise is checked.* Once, when a revision is accepted in a domain that is registered by then: by a
registration, an import, a tag, an association, or by an undelete, which is checked like a registration. It is compared
with everything of its major that counts, including what was accepted before the domain was registered. Two revisions
that were both accepted before the domain was registered, or before its policy was tightened, may break each other.

*What a domain asks.* What its policy says; if that says nothing, what the domain above it asks; ``FULL_TRANSITIVE``
if there is none above. A domain never asks less than the domains above it do (one that says nothing asks for
``FULL_TRANSITIVE``), nor for nothing: the registry's own floor bounds strength, so a policy of ``NONE`` asks for
``BACKWARD``. Whether formats of JSON Schema are asserted says the nearest domain that says so, as neither value asks
for more. The level of a subject, of a context and of the registry can add to this and take nothing away.

*What a major is held to.* The strictest of all that was asked in its life: a policy may be tightened, and lowering it
holds for the majors that are opened afterwards. A waiver of kind ``level`` that is open when a policy is lowered lets
the lower one hold for the majors in the waiver's scope, too. The same is true of what else a policy weighs: formats of
JSON Schema are asserted unless every policy in the major's life said otherwise, and of Protobuf's surfaces the most
demanding one remains.

*Which revisions are compared.* A level without ``_TRANSITIVE`` asks for the revision accepted just before, deleted or
not; one with it asks for all of them. Older and newer are meant in the order of the ledger, for an undelete too, since
it brings a revision back to its old place: new readers read stored events (`replay`), today's readers read new events
(`consumers`).

*Conditions.* A rule that a reader runs and that refuses an event which a writer of the older revision could write
breaks `replay`, like a schema that cannot read it. What readers of the older revision refuse themselves is nothing
that the newer one breaks. A rule that does not compile refuses every event.

*Waivers.* One of kind ``level`` or ``finding`` that is open for a major when a revision is accepted excuses that
revision towards all before it; one of kind ``import`` excuses what is imported.

*Topics.* Once an event is bound to a topic, the names that Kafka's clients have for that topic are the event: what is
registered under one of them is compared with the revisions of the event.

*Lifecycle.* A major that is retired takes no revision until a waiver has brought it back.

*Names.* A registration under an alias is acknowledged for that name: what is accepted under it is compared with the
revisions that the name itself has. Two revisions with the same value of the property ``major``, by which clients of the
Confluent API choose, belong to one major for them, wherever the registry has put them. A new major is the one that
follows the newest.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Any

from moorings_compat import Format, JsonFields, Policy, ProtobufLevel
from tests.laws.promise.calls import Call, Kind
from tests.laws.promise.families import MODES, Source, admitted, breaks

Key = tuple[str, int, int]
"""Subject, version number, and the entry of the ledger that has it."""


class Reach(IntEnum):
    """Towards whom a promise is kept."""

    NOBODY = 0
    NEWEST = 1
    EVERY = 2


SURFACES = tuple(ProtobufLevel)


@dataclass(frozen=True, slots=True)
class Held:
    """What a major is held to."""

    replay: Reach = Reach.NOBODY
    consumers: Reach = Reach.NOBODY
    formats_asserted: bool = False
    surface: int = 0
    """The place of Protobuf's surface in `SURFACES`."""
    fields: JsonFields = JsonFields.OPEN
    """Which JSON fields count: neither value asks for more, so what was asked first stays."""

    def and_(self, other: "Held") -> "Held":
        """What asks for all that either asks for."""
        return Held(
            max(self.replay, other.replay),
            max(self.consumers, other.consumers),
            self.formats_asserted or other.formats_asserted,
            max(self.surface, other.surface),
            self.fields,
        )

    @property
    def policy(self) -> Policy:
        """How findings are weighed."""
        surface = SURFACES[self.surface]
        return Policy(formats_asserted=self.formats_asserted, protobuf_level=surface, json_fields=self.fields)


def level(name: str) -> tuple[Reach, Reach]:
    """Towards whom a compatibility level keeps `replay` and `consumers`."""
    if name == "NONE":
        return (Reach.NOBODY, Reach.NOBODY)
    direction, _, transitive = name.partition("_")
    reach = Reach.EVERY if transitive else Reach.NEWEST
    return (
        reach if direction in ("BACKWARD", "FULL") else Reach.NOBODY,
        reach if direction in ("FORWARD", "FULL") else Reach.NOBODY,
    )


SILENT = Held(Reach.EVERY, Reach.EVERY, formats_asserted=True)
"""What a domain asks that says nothing, and has none above it that does."""
FLOOR = Held(*level("BACKWARD"))
"""What a domain asks that says nothing is to be checked."""


class Door(StrEnum):
    """The ways past a promise, by how the newer of two revisions came in or what had become of the older one."""

    RULES = "rules"
    RESTORED = "restored"
    IMPORTED = "imported"
    ALIAS = "alias"
    TOPIC = "topic"
    LABEL = "label"
    PURGED = "purged"
    SOFT_DELETED = "soft-deleted"
    REFERENCES = "references"
    SUBJECT_LEVEL = "subject level"
    DOMAIN_LEVEL = "domain level"
    WEIGHTS = "weights"
    JUMP = "jump"
    RETIRED = "retired"
    ANSWER = "answer"
    UNKNOWN = "unknown"


@dataclass
class Revision:
    """A version that was acknowledged."""

    key: Key
    major: int
    label: str
    """The value of its property ``major``, if it has one."""
    source: Source
    rule_set: Mapping[str, Any] | None
    deleted: bool = False
    purged: bool = False
    counts: bool = True

    @property
    def subject(self) -> str:
        return self.key[0]

    @property
    def order(self) -> tuple[int, int]:
        """Its place in the ledger, and in its entry."""
        return (self.key[2], self.key[1])


@dataclass(frozen=True, slots=True)
class Seen:
    """A version as it is listed."""

    key: Key
    major: int
    deleted: bool


@dataclass(frozen=True, slots=True)
class Waiver:
    """A waiver that was granted."""

    id: str
    kind: str
    domain: str
    subject: str = ""
    major: int = 0

    def covers(self, subject: str, major: int) -> bool:
        """Whether it was granted for *major* of *subject*."""
        return self.domain in domains_above(subject) and self.subject in ("", subject) and self.major in (0, major)


@dataclass(frozen=True, slots=True)
class Breach:
    """Two revisions that break each other, or one that has no business where it is."""

    door: Door
    subject: str
    major: int
    said: str

    def __str__(self) -> str:
        return f"{self.subject}, major {self.major} ({self.door}): {self.said}"


def domains_above(subject: str) -> list[str]:
    """The domains that own a subject where they are registered, nearest first."""
    name = subject.rpartition(":")[2]
    for suffix in ("-key", "-value"):
        name = name.removesuffix(suffix)
    words = name.split(".")[:-1]
    return [".".join(words[:count]) for count in range(len(words), 0, -1)]


@dataclass
class Record:
    """All that was ever acknowledged, and all that it was held to."""

    revisions: dict[Key, Revision] = field(default_factory=dict)
    policies: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of every registered domain, as it was written last."""
    waivers: list[Waiver] = field(default_factory=list)
    """The open ones."""
    levels: dict[str, str] = field(default_factory=dict)
    """Of subjects that have one of their own; they excuse nothing, and help to name a door."""
    topics: dict[str, Sequence[str]] = field(default_factory=dict)
    """Events to the topics that they are bound to."""
    retired: set[tuple[str, int]] = field(default_factory=set)
    """The majors that are retired now."""
    closed: frozenset[tuple[str, int]] = frozenset()
    """Those that were when the last call was made."""
    grouped: bool = False
    """Whether somebody chose another property than ``major`` to name majors by."""
    held: dict[tuple[str, int], Held] = field(default_factory=dict)
    breaches: list[Breach] = field(default_factory=list)
    compared: int = 0
    """Pairs of revisions that were held against each other."""

    # What was acknowledged besides revisions

    def write_domain(self, name: str, policy: Mapping[str, Any] | None) -> None:
        """Note that a domain was registered or changed; without a *policy*, the one that it has stays."""
        known = self.policies.get(name)
        new = {} if any(one in self.policies for one in domains_above(f"{name}.Any")) else {"json_fields": "declared"}
        kept = new if known is None else {key: value for key, value in known.items() if key == "json_fields"}
        self.policies[name] = {**kept, **((known or {}) if policy is None else policy)}
        for subject, major in {(one.subject, one.major) for one in self.revisions.values() if one.counts}:
            if not self._owned(subject):
                continue
            if self._waived(subject, major, "level"):
                self.held[subject, major] = self.asked(subject)
            else:
                self._hold(subject, major)

    def live(self, subject: str, lives: Mapping[int, Mapping[str, Any] | None]) -> None:
        """Note the lifecycles of majors, as far as something was said of each."""
        for major, life in lives.items():
            if life is not None:
                (self.retired.add if life["state"] == "retired" else self.retired.discard)((subject, major))

    def asked(self, subject: str) -> Held:
        """What the policies ask of *subject* now."""
        asked: Held | None = None
        for name in reversed(self._owned(subject)):
            own = self._own(self.policies[name], asked or SILENT)
            joined = own.and_(asked) if asked else own
            asked = replace(joined, formats_asserted=own.formats_asserted)
        return asked if asked is not None and (asked.replay or asked.consumers) else (asked or SILENT).and_(FLOOR)

    def _own(self, policy: Mapping[str, Any], otherwise: Held) -> Held:
        """What a policy asks; *otherwise* where it says nothing."""
        replay, consumers = level(policy["level"]) if policy.get("level") else (otherwise.replay, otherwise.consumers)
        formats, surface = policy.get("formats"), policy.get("protobuf_level")
        return Held(
            replay,
            consumers,
            formats != "annotations" if formats else otherwise.formats_asserted,
            SURFACES.index(ProtobufLevel(surface)) if surface else otherwise.surface,
            JsonFields(policy.get("json_fields", otherwise.fields)),
        )

    def _hold(self, subject: str, major: int) -> Held:
        asked = self.asked(subject)
        self.held[subject, major] = self.held.get((subject, major), asked).and_(asked)
        return self.held[subject, major]

    def _owned(self, subject: str) -> list[str]:
        return [name for name in domains_above(subject) if name in self.policies]

    def _waived(self, subject: str, major: int, *kinds: str) -> bool:
        return any(one.kind in kinds and one.covers(subject, major) for one in self.waivers)

    # Revisions

    def at(self, subject: str, number: int) -> Revision | None:
        """The revision that has a number now."""
        place = (subject, number)
        return next((one for one in self.revisions.values() if one.key[:2] == place and not one.purged), None)

    def look(self, seen: Sequence[Seen], new: Mapping[Key, Revision], call: Call) -> None:
        """Note what *call* changed: *seen* is all that is listed now, *new* is what is listed for the first time."""
        listed = {one.key for one in seen}
        for revision in self.revisions.values():
            if not revision.purged and revision.key not in listed:
                self._purge(revision)
        for one in seen:
            known = self.revisions.get(one.key)
            if known is not None:
                restored, known.deleted = known.deleted and not one.deleted, one.deleted
                if restored:
                    self._accept(known, call)
        for key in sorted(new, key=lambda key: (key[2], key[1])):
            self._require_next(new[key])
            self._require_open(new[key])
            self.revisions[key] = new[key]
            self._accept(new[key], call)

    def _purge(self, revision: Revision) -> None:
        revision.purged = True
        if not self._owned(revision.subject) or self._waived(revision.subject, revision.major, "purge"):
            revision.counts = False

    def _accept(self, revision: Revision, call: Call) -> None:
        """Hold a revision that comes in, or comes back, against what its major promises."""
        self._accept_by_topic(revision, call)
        subject, major = revision.subject, revision.major
        if self._owned(subject):
            if not any(one.major == major for one in self._others(subject, revision)):
                self.held.pop((subject, major), None)  # nothing is left of an earlier life
            held = self._hold(subject, major)
            kinds = ("level", "finding", "import") if call.kind is Kind.IMPORT else ("level", "finding")
            if not self._waived(subject, major, *kinds):
                others = self._others(subject, revision)
                self._compare(revision, [one for one in others if one.major == major], held, call)
                self._compare(revision, [one for one in others if self._labelled_alike(one, revision)], held, call)
        if call.kind is Kind.REGISTER and call.subject != subject and self._owned(call.subject):
            others = [one for one in self._others(call.subject, revision) if one.major == major]
            before = [one for one in others if one.order < revision.order]
            self._compare(revision, before, self._hold(call.subject, major), call, Door.ALIAS)

    def _accept_by_topic(self, revision: Revision, call: Call) -> None:
        event, major = self.event_of(revision.subject), revision.major
        if not event or call.kind not in (Kind.REGISTER, Kind.IMPORT) or call.subject != revision.subject:
            return
        if self._waived(event, major, "level", "finding", *(("import",) if call.kind is Kind.IMPORT else ())):
            return
        others = [one for one in self._others(event, revision) if one.major == major and one.order < revision.order]
        self._compare(revision, others, self._hold(event, major), call, Door.TOPIC)

    def event_of(self, name: str) -> str:
        """The event that *name* leads to by its topic; empty for none."""
        context, _, plain = name.rpartition(":")
        for event, topics in self.topics.items():
            where, _, own = event.rpartition(":")
            for topic in topics if where == context else ():
                only = [one for one, bound in self.topics.items() if topic in bound] == [event]
                if plain == f"{topic}-{own}" or (only and plain == f"{topic}-value"):
                    return event
        return ""

    def _others(self, subject: str, revision: Revision) -> list[Revision]:
        return [one for one in self.revisions.values() if one is not revision and one.counts and one.subject == subject]

    def _labelled_alike(self, one: Revision, other: Revision) -> bool:
        """Whether two revisions of different majors say that they are of one."""
        return one.major != other.major and bool(one.label) and one.label == other.label and not self.grouped

    def _compare(
        self, revision: Revision, others: Iterable[Revision], held: Held, call: Call, door: Door | None = None
    ) -> None:
        in_order = sorted(others, key=lambda one: one.order)
        before = [one for one in in_order if one.order < revision.order]
        after = [one for one in in_order if one.order > revision.order]
        pairs = [(one, revision, one is before[-1]) for one in before]
        pairs += [(revision, one, one is after[0]) for one in after]
        for older, newer, next_to in pairs:
            self.compared += 1
            for found, said in self._broken(older, newer, held, next_to):
                way = door or found or self._door(older, newer, revision, held, call)
                self.breaches.append(Breach(way, revision.subject, revision.major, said))

    def _broken(self, older: Revision, newer: Revision, held: Held, next_to: bool) -> Iterator[tuple[Door | None, str]]:
        """What *newer* breaks, in words, and the door where that is plain."""
        least = Reach.NEWEST if next_to else Reach.EVERY
        names = f"{_shown(newer)} and {_shown(older)}"
        if held.replay >= least and breaks(newer.source, older.source, held.policy):
            yield None, f"of {names} the newer cannot read what the older wrote"
        elif held.consumers >= least and breaks(older.source, newer.source, held.policy):
            yield None, f"of {names} the older cannot read what the newer writes"
        elif held.replay >= least:
            written = admitted(older.rule_set, *MODES)
            refused = sorted(written - admitted(newer.rule_set, "READ", "WRITEREAD"))
            if refused:
                yield Door.RULES, f"of {names} the newer refuses a total of {refused[0]}, which the older wrote"

    def _door(self, older: Revision, newer: Revision, comes_in: Revision, held: Held, call: Call) -> Door:
        if comes_in is not newer or call.kind is Kind.RESTORE:
            return Door.RESTORED
        if call.kind is Kind.IMPORT:
            return Door.IMPORTED
        if older.major != newer.major:
            return Door.LABEL
        if older.purged:
            return Door.PURGED
        if older.deleted:
            return Door.SOFT_DELETED
        return self._weighed_or_lowered(older, newer, held)

    def _weighed_or_lowered(self, older: Revision, newer: Revision, held: Held) -> Door:
        """The door of a break that the registry saw, or must have seen, and let pass."""
        gentle = replace(held, formats_asserted=False, surface=0).policy
        said = [self.policies[name] for name in self._owned(newer.subject)]
        unasserted = any(one.get("formats") == "annotations" for one in said)
        lowered = held.surface if newer.source.format is Format.PROTOBUF else unasserted
        if lowered and not any(breaks(*pair, gentle) for pair in _both_ways(older, newer)):
            return Door.WEIGHTS
        own = self.levels.get(newer.subject)
        if own and level(own) != (Reach.EVERY, Reach.EVERY):
            return Door.SUBJECT_LEVEL
        levels = [one["level"] for one in said if one.get("level")]
        if any(level(one) != (Reach.EVERY, Reach.EVERY) for one in levels):
            return Door.DOMAIN_LEVEL
        return Door.REFERENCES if older.source.references or newer.source.references else Door.UNKNOWN

    def _require_next(self, new: Revision) -> None:
        """Note a breach where a revision opens a major that is not the next one."""
        ever = {one.major for one in self.revisions.values() if one.subject == new.subject and one.counts}
        waived = self._waived(new.subject, new.major, "import")
        if self._owned(new.subject) and ever and not waived and new.major > max(ever) + 1:
            said = f"the newest major was {max(ever)}"
            self.breaches.append(Breach(Door.JUMP, new.subject, new.major, said))

    def _require_open(self, new: Revision) -> None:
        """Note a breach where a revision comes into a major that was retired before the call, and is still."""
        place = (new.subject, new.major)
        counts = any(one.counts and (one.subject, one.major) == place for one in self.revisions.values())
        if self._owned(new.subject) and counts and place in self.closed and place in self.retired:
            self.breaches.append(Breach(Door.RETIRED, new.subject, new.major, "the major is retired"))


def _both_ways(older: Revision, newer: Revision) -> tuple[tuple[Source, Source], tuple[Source, Source]]:
    return ((newer.source, older.source), (older.source, newer.source))


def _shown(revision: Revision) -> str:
    became = "permanently deleted" if revision.purged else "soft-deleted" if revision.deleted else "active"
    return f"version {revision.key[1]} of entry {revision.key[2]} ({became})"
