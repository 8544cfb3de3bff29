"""A model of the registry, simple enough to be seen to be right: lists, dictionaries, and the words of the design.

It shares no code with the registry. A schema is modelled by its fields, each required or with a default; whether one
reads another is then plain: a reader needs every field that it requires.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Result = tuple[Any, ...]
"""("ok", versions, created) or ("refused", code)."""

TRANSITIVE = ("BACKWARD_TRANSITIVE", "FORWARD_TRANSITIVE", "FULL_TRANSITIVE")
PROMISES = {"BACKWARD": {"b"}, "FORWARD": {"f"}, "FULL": {"b", "f"}, "NONE": set()}


def promises(level: str) -> tuple[set[str], bool]:
    """What a level promises, and whether over the whole history."""
    return PROMISES[level.partition("_")[0]], level in TRANSITIVE


def covers(level: str, other: str) -> bool:
    ours, theirs = promises(level), promises(other)
    return theirs[0] <= ours[0] and theirs[1] <= ours[1]


def joined(*levels: str) -> str:
    """The level that promises all that any of *levels* promises."""
    kept = set().union(*(promises(one)[0] for one in levels))
    name = next(name for name, demanded in PROMISES.items() if demanded == kept)
    return name + ("_TRANSITIVE" if any(one in TRANSITIVE for one in levels) else "")


@dataclass(frozen=True)
class Content:
    """What is registered: fields by name, whether each has a default, and a tag in the metadata."""

    fields: frozenset[tuple[str, bool]]
    tag: str | None = None

    def reads(self, writer: "Content") -> bool:
        written = {name for name, _ in writer.fields}
        return all(has_default or name in written for name, has_default in self.fields)


@dataclass
class Kept:
    """A version."""

    number: int
    content: Content
    major: int
    revision: int
    serial: int
    """Distinguished from every other version that ever was."""
    entry: int
    """The position of the entry that registered it."""
    deleted: bool = False


@dataclass
class Held:
    """A subject."""

    versions: list[Kept] = field(default_factory=list)
    last_number: int = 0
    revisions: dict[int, int] = field(default_factory=dict)
    retired: set[int] = field(default_factory=set)
    gone: list[Kept] = field(default_factory=list)
    """Permanently deleted from a registered domain: they still count."""

    def accepted(self, major: int) -> list[Kept]:
        found = [one for one in (*self.versions, *self.gone) if one.major == major]
        return sorted(found, key=lambda one: one.number)

    @property
    def active(self) -> list[Kept]:
        return [one for one in self.versions if not one.deleted]

    def find(self, number: int) -> Kept | None:
        return next((one for one in self.versions if one.number == number), None)


class Refused(Exception):
    """The model says no; `leaves_a_trace` where the ledger remembers that it was tried."""

    def __init__(self, code: str, *, leaves_a_trace: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.leaves_a_trace = leaves_a_trace


class Model:
    """What a registry would answer."""

    def __init__(self) -> None:
        self.subjects: dict[str, Held] = {}
        self.departed: dict[str, Held] = {}
        """Subjects without a version whose majors still answer for those that were permanently deleted."""
        self.held_levels: list[tuple[int, str, str]] = []
        """The entry that lowered a level, the scope, and the level that majors opened before stay held to."""
        self.ids: dict[tuple[str, Content], int] = {}
        self.domains: dict[str, dict[str, Any]] = {}
        self.levels: dict[str, str] = {}
        self.waivers: set[str] = set()
        """Domains that have a waiver of kind retire."""
        self.keys: dict[str, tuple[str, Result]] = {}
        self.refused: set[tuple[Any, ...]] = set()
        self.entries = 0
        self._serial = 0

    def ask(self, command: Callable[[], Result], request: str, key: str | None) -> Result:
        """Answer a command, or answer again what its key was answered first."""
        if key in self.keys:
            first, result = self.keys[key]
            return result if first == request else ("refused", "IDEMPOTENCY_KEY_REUSED")
        before = self.entries
        try:
            result = command()
        except Refused as refused:
            result = ("refused", refused.code)
            self.entries += refused.leaves_a_trace
        if key is not None and self.entries > before:
            self.keys[key] = (request, result)
        return result

    # Commands

    def put_domain(self, name: str, owner: str, policy: dict[str, str] | None) -> Result:
        known = self.domains.get(name)
        wanted = {"owner": owner, "policy": (known or {"policy": {}})["policy"] if policy is None else policy}
        if wanted == known:
            return ("ok", (), False)
        if known is None or wanted["policy"] != known["policy"]:
            self._put_policy(name, wanted)
        self.domains[name] = wanted
        return self._changed((), created=known is None)

    def _put_policy(self, name: str, wanted: dict[str, Any]) -> None:
        level = wanted["policy"].get("level")
        parent = self._domain_level(name.rpartition(".")[0])
        if level == "NONE" or (level and parent and not covers(level, parent)):
            raise Refused("POLICY_BELOW_FLOOR")
        before = self._domain_level(name)
        self.domains[name] = wanted
        after = self._domain_level(name)
        if before and after and not covers(after, before):
            self.held_levels.append((self.entries + 1, f"{name}.", before))

    def grant(self, domain: str) -> Result:
        if domain not in self.domains:
            raise Refused("DOMAIN_NOT_FOUND")
        self.waivers.add(domain)
        return self._changed((), created=True)

    def _waived(self, name: str) -> bool:
        return any(_plain(name).startswith(f"{one}.") for one in self.waivers)

    def set_level(self, scope: str, level: str | None) -> Result:
        if self.levels.get(scope) == level:
            return ("ok", (), False)
        floor = self._domain_level(_domain_of(scope))
        if floor and (level == "NONE" or (level and not covers(level, floor))):
            raise Refused("POLICY_BELOW_FLOOR")
        before = self.level(scope)
        if level is None:
            del self.levels[scope]
        else:
            self.levels[scope] = level
        if floor and not covers(self.level(scope), before):
            self.held_levels.append((self.entries + 1, scope, before))
        return self._changed(())

    def set_retired(self, name: str, major: int, retired: bool) -> Result:
        held = self._held(name)
        if major not in {one.major for one in held.versions}:
            raise Refused("MAJOR_UNKNOWN")
        if (major in held.retired) == retired:
            return ("ok", (), False)
        if self._domain_level(_domain_of(name)) and not self._waived(name):
            raise Refused("RETIREMENT_BLOCKED" if retired else "WAIVER_NEEDED")
        held.retired ^= {major}
        return self._changed(())

    def register(self, name: str, content: Content, major: int | str | None) -> Result:
        held = self._history(name)
        known = self._already_there(held, content, major) if held else None
        if known is None and held and held.active and major is None:
            # What a schema does not bring along in its metadata, it has from the latest version.
            in_use = [one for one in held.active if one.major not in held.retired]
            content = Content(content.fields, content.tag or (in_use or held.active)[-1].content.tag)
            known = self._already_there(held, content, major)
        if known is not None:
            return ("ok", (known.number,), False)
        if name.endswith("PlaceOrder") and self._domain(name, "names", "past_tense") == "past_tense":
            raise Refused("NAME_REFUSED")
        place = self._place(held, major)
        if held and place in held.retired:
            raise Refused("MAJOR_RETIRED")
        self._require_promises_kept(name, held, content, place)
        return self._accept(name, content, place)

    def delete_subject(self, name: str, permanent: bool, reason: str) -> Result:
        held = self._held(name)
        if permanent and held.active:
            raise Refused("SUBJECT_NOT_DELETED_FIRST")
        if not permanent and not held.active:
            raise Refused("SUBJECT_ALREADY_DELETED")
        self._require_reason(name, permanent, reason)
        return self._delete(name, held.versions if permanent else held.active, permanent)

    def delete_version(self, name: str, number: int, permanent: bool, reason: str) -> Result:
        version = self._held(name).find(number)
        if version is None:
            raise Refused("VERSION_NOT_FOUND")
        if permanent and not version.deleted:
            raise Refused("VERSION_NOT_DELETED_FIRST")
        if not permanent and version.deleted:
            raise Refused("VERSION_ALREADY_DELETED")
        self._require_reason(name, permanent, reason)
        return self._delete(name, [version], permanent)

    def _require_reason(self, name: str, permanent: bool, reason: str) -> None:
        if permanent and not reason and self._domain_level(_domain_of(name)):
            raise Refused("REASON_NEEDED")

    def restore(self, name: str, number: int) -> Result:
        version = self._held(name).find(number)
        if version is None:
            raise Refused("VERSION_NOT_FOUND")
        if not version.deleted:
            return ("ok", (number,), False)
        if self._domain_level(_domain_of(name)):
            self._require_restorable(name, version)
        version.deleted = False
        return self._changed((number,))

    # What they are made of

    def level(self, name: str) -> str:
        """What the next major of a subject is held to."""
        own, asked = self.levels.get(name), self._domain_level(_domain_of(name))
        if asked:
            return joined(asked, own) if own else asked
        return own or self.levels.get("") or "BACKWARD"

    def _level_of(self, name: str, major: int) -> str:
        held = self._history(name)
        opened = min((one.entry for one in held.accepted(major)), default=None) if held else None
        kept = [
            level
            for entry, scope, level in self.held_levels
            if opened is not None and opened < entry and (scope == name or _plain(name).startswith(scope))
        ]
        return joined(self.level(name), *kept) if self._domain_level(_domain_of(name)) else self.level(name)

    def _domain_level(self, name: str) -> str | None:
        """What is asked of a domain: by itself, and by each above it; None where none of them is registered."""
        parts = name.split(".")
        chain = [one for end in range(1, len(parts) + 1) if (one := ".".join(parts[:end])) in self.domains]
        level = None
        for one in chain:
            own = self.domains[one]["policy"].get("level")
            level = joined(level, own) if level and own else level or own or "FULL_TRANSITIVE"
        return level

    def _history(self, name: str) -> Held | None:
        return self.subjects.get(name) or self.departed.get(name)

    def _domain(self, name: str, key: str, default: str) -> str | None:
        """What the nearest registered domain says; *default* where all are silent, None where there are none."""
        plain = name.rpartition(":")[2]
        above = [one for one in self.domains if plain.startswith(one + ".")]
        said = [self.domains[one]["policy"].get(key) for one in sorted(above, key=len, reverse=True)]
        return next((one for one in said if one), default) if above else None

    def _held(self, name: str) -> Held:
        if name not in self.subjects:
            raise Refused("SUBJECT_NOT_FOUND")
        return self.subjects[name]

    def _already_there(self, held: Held, content: Content, major: int | str | None) -> Kept | None:
        same = [
            one
            for one in reversed(held.active)
            if one.content.fields == content.fields and content.tag in (None, one.content.tag)
        ]
        if major is None:
            served = [one for one in same if one.major not in held.retired]
            if same and not served:
                raise Refused("MAJOR_RETIRED")
            return served[0] if served else None
        wanted = max(held.revisions) if major == "next" else major
        same = [one for one in same if one.major == wanted]
        return same[0] if same else None

    def _place(self, held: Held | None, major: int | str | None) -> int:
        opened = list(held.revisions) if held else [0]
        if major is None and held:
            active = [one.major for one in held.active]
            return max([one for one in active if one not in held.retired] or active or opened)
        place = max(opened) + 1 if major in (None, "next") else major
        if place not in opened[held is None :] and place != max(opened) + 1:
            raise Refused("MAJOR_UNKNOWN")
        assert isinstance(place, int)
        return place

    def _require_promises_kept(self, name: str, held: Held | None, content: Content, major: int) -> None:
        owned = self._domain_level(_domain_of(name))
        older = held.accepted(major) if held else []
        if not owned:
            older = [one for one in older if not one.deleted and one not in (held.gone if held else [])]
        self._require_kept(name, content, major, self._level_of(name, major), older)

    def _require_restorable(self, name: str, version: Kept) -> None:
        """A version that comes back reads the older ones, and is read by the newer ones, as the level asks."""
        level = self._level_of(name, version.major)
        others = [one for one in self.subjects[name].accepted(version.major) if one is not version]
        older = [one for one in others if one.number < version.number]
        newer = [one for one in reversed(others) if one.number > version.number]
        turned = level
        if "b" not in promises(level)[0] or "f" not in promises(level)[0]:
            turned = level.replace("BACKWARD", "?").replace("FORWARD", "BACKWARD").replace("?", "FORWARD")
        if older:
            self._require_kept(name, version.content, version.major, level, older)
        if newer:
            self._require_kept(name, version.content, version.major, turned, newer)

    def _require_kept(self, name: str, content: Content, major: int, level: str, older: list[Kept]) -> None:
        compared = older if level in TRANSITIVE else older[-1:]
        broken = [
            one
            for one in compared
            if (level.startswith(("BACKWARD", "FULL")) and not content.reads(one.content))
            or (level.startswith(("FORWARD", "FULL")) and not one.content.reads(content))
        ]
        if broken:
            attempt = (name, content, major, level, tuple(one.serial for one in compared))
            news = attempt not in self.refused
            self.refused.add(attempt)
            raise Refused("SCHEMA_INCOMPATIBLE", leaves_a_trace=news)

    def _accept(self, name: str, content: Content, major: int) -> Result:
        held = self.subjects.setdefault(name, self.departed.pop(name, None) or Held())
        if not self._domain_level(_domain_of(name)):
            held.versions = [one for one in held.versions if not (one.deleted and one.content == content)]
        held.last_number += 1
        held.revisions[major] = held.revisions.get(major, -1) + 1
        self._serial += 1
        held.versions.append(
            Kept(held.last_number, content, major, held.revisions[major], self._serial, self.entries + 1)
        )
        self._forget_lives(held)
        context = name.rpartition(":")[0]
        self.ids.setdefault((context, content), 1 + sum(1 for where, _ in self.ids if where == context))
        return self._changed((held.last_number,), created=True)

    def _delete(self, name: str, versions: list[Kept], permanent: bool) -> Result:
        numbers = tuple(one.number for one in versions)
        held = self.subjects[name]
        if not permanent:
            served = {one.major for one in versions} - held.retired
            if served and self._domain_level(_domain_of(name)) and not self._waived(name):
                raise Refused("MAJOR_NOT_RETIRED")
            for one in versions:
                one.deleted = True
            return self._changed(numbers)
        owned = self._domain_level(_domain_of(name))
        if owned:
            held.gone += versions
        held.versions = [one for one in held.versions if one.number not in numbers]
        self._forget_lives(held)
        if not held.versions:
            if owned and name in self.levels:
                self.held_levels.append((self.entries + 1, name, self.level(name)))
            del self.subjects[name]
            if held.gone:
                self.departed[name] = held
            self.levels.pop(name, None)
        return self._changed(numbers)

    def _forget_lives(self, held: Held) -> None:
        held.retired &= {one.major for one in (*held.versions, *held.gone)}

    def _changed(self, versions: tuple[int, ...], *, created: bool = False) -> Result:
        self.entries += 1
        return ("ok", versions, created)


def _plain(name: str) -> str:
    return name.rpartition(":")[2]


def _domain_of(name: str) -> str:
    return _plain(name).rpartition(".")[0]
