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
    """Told apart from every other version that ever was."""
    deleted: bool = False


@dataclass
class Held:
    """A subject."""

    versions: list[Kept] = field(default_factory=list)
    last_number: int = 0
    revisions: dict[int, int] = field(default_factory=dict)
    retired: set[int] = field(default_factory=set)

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
        self.ids: dict[tuple[str, Content], int] = {}
        self.domains: dict[str, dict[str, Any]] = {}
        self.levels: dict[str, str] = {}
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
        if known is None:
            self.domains[name] = {"owner": owner, "policy": policy or {}}
            return self._changed((), created=True)
        wanted = {"owner": owner, "policy": known["policy"] if policy is None else policy}
        if wanted == known:
            return ("ok", (), False)
        self.domains[name] = wanted
        return self._changed(())

    def set_level(self, scope: str, level: str | None) -> Result:
        if self.levels.get(scope) == level:
            return ("ok", (), False)
        if level is None:
            del self.levels[scope]
        else:
            self.levels[scope] = level
        return self._changed(())

    def set_retired(self, name: str, major: int, retired: bool) -> Result:
        held = self._held(name)
        if major not in {one.major for one in held.versions}:
            raise Refused("MAJOR_UNKNOWN")
        if (major in held.retired) == retired:
            return ("ok", (), False)
        held.retired ^= {major}
        return self._changed(())

    def register(self, name: str, content: Content, major: int | str | None) -> Result:
        held = self.subjects.get(name)
        known = self._already_there(held, content, major) if held else None
        if known is None and held and held.active and major is None:
            # What a schema does not bring along in its metadata, it has from the latest version.
            content = Content(content.fields, content.tag or held.active[-1].content.tag)
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

    def delete_subject(self, name: str, permanent: bool) -> Result:
        held = self._held(name)
        if permanent and held.active:
            raise Refused("SUBJECT_NOT_DELETED_FIRST")
        if not permanent and not held.active:
            raise Refused("SUBJECT_ALREADY_DELETED")
        return self._delete(name, held.versions if permanent else held.active, permanent)

    def delete_version(self, name: str, number: int, permanent: bool) -> Result:
        version = self._held(name).find(number)
        if version is None:
            raise Refused("VERSION_NOT_FOUND")
        if permanent and not version.deleted:
            raise Refused("VERSION_NOT_DELETED_FIRST")
        if not permanent and version.deleted:
            raise Refused("VERSION_ALREADY_DELETED")
        return self._delete(name, [version], permanent)

    def restore(self, name: str, number: int) -> Result:
        version = self._held(name).find(number)
        if version is None:
            raise Refused("VERSION_NOT_FOUND")
        if not version.deleted:
            return ("ok", (number,), False)
        version.deleted = False
        return self._changed((number,))

    # What they are made of

    def level(self, name: str) -> str:
        own = self.levels.get(name)
        return own or self._domain(name, "level", "FULL_TRANSITIVE") or self.levels.get("") or "BACKWARD"

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
        if major is not None:
            wanted = max(held.revisions) if major == "next" else major
            same = [one for one in same if one.major == wanted]
        return same[0] if same else None

    def _place(self, held: Held | None, major: int | str | None) -> int:
        opened = list(held.revisions) if held else [0]
        if major is None and held:
            return max([one.major for one in held.active] or opened)
        place = max(opened) + 1 if major in (None, "next") else major
        if place not in opened[held is None :] and place != max(opened) + 1:
            raise Refused("MAJOR_UNKNOWN")
        assert isinstance(place, int)
        return place

    def _require_promises_kept(self, name: str, held: Held | None, content: Content, major: int) -> None:
        level = self.level(name)
        older = [one for one in (held.active if held else []) if one.major == major]
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
        held = self.subjects.setdefault(name, Held())
        held.versions = [one for one in held.versions if not (one.deleted and one.content == content)]
        held.last_number += 1
        held.revisions[major] = held.revisions.get(major, -1) + 1
        self._serial += 1
        held.versions.append(Kept(held.last_number, content, major, held.revisions[major], self._serial))
        self._forget_lives(held)
        context = name.rpartition(":")[0]
        self.ids.setdefault((context, content), 1 + sum(1 for where, _ in self.ids if where == context))
        return self._changed((held.last_number,), created=True)

    def _delete(self, name: str, versions: list[Kept], permanent: bool) -> Result:
        numbers = tuple(one.number for one in versions)
        held = self.subjects[name]
        if not permanent:
            for one in versions:
                one.deleted = True
            return self._changed(numbers)
        held.versions = [one for one in held.versions if one.number not in numbers]
        self._forget_lives(held)
        if not held.versions:
            del self.subjects[name]
            self.levels.pop(name, None)
        return self._changed(numbers)

    def _forget_lives(self, held: Held) -> None:
        held.retired &= {one.major for one in held.versions}

    def _changed(self, versions: tuple[int, ...], *, created: bool = False) -> Result:
        self.entries += 1
        return ("ok", versions, created)
