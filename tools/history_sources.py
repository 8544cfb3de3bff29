"""Where real schemas come from: files of questions, and the git histories of local clones."""

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urldefrag, urljoin

from moorings_compat import Format, Level, Reference, ReferenceMissing, ResolvedReference, Schema, parse
from moorings_compat.limits import Limits
from moorings_compat.protobuf.imports import outline

LIMITS = Limits(size_bytes=16 * 1024 * 1024, references=2_000)
_FORMATS = {".avsc": Format.AVRO, ".proto": Format.PROTOBUF, ".json": Format.JSON}
_MOST_NESTED = 30

Find = Callable[[str, str], tuple[str, str] | None]
"""From the name of a reference, and of the text that has it, to the name and the text that it leads to."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions of one schema."""

    path: str
    format: Format
    old: str
    new: str
    level: Level = Level.FULL


@dataclass(frozen=True, slots=True)
class Library:
    """What the two sides of a pair can refer to."""

    find: Mapping[str, Find]
    """By side: ``old`` and ``new``."""
    path: str = ""

    def parsed(self, format: Format, text: str, side: str) -> Schema:
        """Parse *text* with whatever it refers to.

        Raises:
            SchemaError: it cannot be used, or refers to something that is nowhere.
        """
        return _parsed(format, text, self.path, self.find[side], ())


def _parsed(format: Format, text: str, path: str, find: Find, within: tuple[str, ...]) -> Schema:
    """Parse *text*; what it refers to is looked for only where it does not have it itself, and never in a circle."""
    try:
        return parse(text, format, (), LIMITS)
    except ReferenceMissing:
        if len(within) == _MOST_NESTED:
            raise
    resolved: list[ResolvedReference] = []
    for name in _names(format, text):
        found = find(name, path) or find(urljoin(_own_id(text), name), path)
        if found is not None and found[0] not in within:
            inner = _parsed(format, found[1], found[0], find, (*within, found[0]))
            resolved.append(ResolvedReference(Reference(name, found[0], 1), inner))
    return parse(text, format, resolved, LIMITS)


def _names(format: Format, text: str) -> list[str]:
    """List what *text* refers to by its name or place: imports, and references to other documents."""
    if format is Format.PROTOBUF:
        return [one.path for one in outline(text).imports]
    if format is Format.AVRO:
        return []
    try:
        content = json.loads(text)
    except ValueError:
        return []
    base = content.get("$id", content.get("id", "")) if isinstance(content, dict) else ""
    own = urldefrag(base)[0] if isinstance(base, str) else ""
    names = dict.fromkeys(urldefrag(one)[0] for one in _references(content))
    return [name for name in names if name and urljoin(own, name) != own and "json-schema.org/" not in name]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def pairs_of_file(questions: list[Mapping[str, Any]]) -> Iterator[tuple[Pair, Library]]:
    """Yield the questions of a file, in its order.

    Every text in it can be referred to by its ``$id``, and the last one of each path by that path.
    """
    known = {one["path"]: one["new"] for one in questions}
    known.update(_by_id(text for one in questions for text in (one["old"], one["new"])))
    for one in questions:
        format = Format(one.get("format", "AVRO"))
        pair = Pair(one["path"], format, one["old"], one["new"], Level(one.get("mode") or "FULL"))
        given = {side: _given(one.get(f"{side}_refs")) for side in ("old", "new")}
        yield pair, Library({side: _finder({**known, **texts}) for side, texts in given.items()}, one["path"])


def _given(references: Any) -> dict[str, str]:
    if isinstance(references, Mapping):
        return dict(references)
    return {one["name"]: one["schema"] for one in references or ()}


def _by_id(texts: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        if '"$id"' in text:
            own = _own_id(text)
            if own:
                found[own] = text
    return found


@lru_cache(maxsize=4096)
def _own_id(text: str) -> str:
    try:
        content = json.loads(text)
    except ValueError:
        return ""
    own = content.get("$id") if isinstance(content, dict) else None
    return urldefrag(own)[0] if isinstance(own, str) else ""


def _finder(texts: Mapping[str, str]) -> Find:
    def find(name: str, path: str) -> tuple[str, str] | None:
        for full in (name, urljoin(path, name)):
            if full in texts:
                return full, texts[full]
        return None

    return find


def pairs_of_clone(clone: Path) -> Iterator[tuple[Pair, Library]]:
    """Yield each version of each schema file against the one before it, oldest first."""
    before: dict[str, tuple[str, str]] = {}
    for commit, paths in _commits(clone):
        for path in paths:
            text = _text(clone, commit, path)
            if text is None or not _is_schema(path, text):
                before.pop(path, None)
                continue
            if path in before and before[path][1] != text:
                earlier, old = before[path]
                format = _FORMATS[PurePosixPath(path).suffix]
                finders = {"old": _finder_of_commit(clone, earlier), "new": _finder_of_commit(clone, commit)}
                yield Pair(path, format, old, text), Library(finders, path)
            before[path] = commit, text


def _git(clone: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(clone), *arguments], capture_output=True, check=True, timeout=300)
    return done.stdout.decode(errors="replace")


def _commits(clone: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the commits of the first line of descent, oldest first, with the schema files that each changed."""
    patterns = [f"*{ending}" for ending in _FORMATS]
    logged = _git(clone, "log", "--first-parent", "-m", "--reverse", "--format=%x00%H", "--name-only", "--", *patterns)
    for entry in logged.split("\0")[1:]:
        commit, *paths = [line for line in entry.splitlines() if line]
        yield commit, paths


@lru_cache(maxsize=4096)
def _text(clone: Path, commit: str, path: str) -> str | None:
    """Return a file at a commit; None where it is not there."""
    try:
        return _git(clone, "show", f"{commit}:{path}")
    except subprocess.CalledProcessError:
        return None


def _is_schema(path: str, text: str) -> bool:
    return not path.endswith(".json") or _SCHEMA.search(text) is not None


_SCHEMA = re.compile(r'"\$schema"\s*:|"\$defs"\s*:|"properties"\s*:\s*\{')


@lru_cache(maxsize=64)
def _paths(clone: Path, commit: str) -> tuple[str, ...]:
    listed = _git(clone, "ls-tree", "-r", "--name-only", "-z", commit).split("\0")
    return tuple(path for path in listed if path.endswith(tuple(_FORMATS)))


@lru_cache(maxsize=16)
def _ids(clone: Path, commit: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in _paths(clone, commit):
        text = _text(clone, commit, path) if path.endswith(".json") else None
        if text is not None and (own := _own_id(text)):
            found[own] = path
    return found


def _finder_of_commit(clone: Path, commit: str) -> Find:
    def find(name: str, path: str) -> tuple[str, str] | None:
        paths = _paths(clone, commit)
        beside = str(PurePosixPath(urljoin(f"/{path}", name))).lstrip("/")
        ending = [one for one in paths if one == name or one.endswith(f"/{name}")]
        held = next((one for one in (beside, *sorted(ending, key=len)) if one in paths), None)
        if held is None and name.rpartition(".")[2] != "proto":
            own = _own_id(_text(clone, commit, path) or "")
            held = _ids(clone, commit).get(urljoin(own, name))
        text = None if held is None else _text(clone, commit, held)
        return None if held is None or text is None else (held, text)

    return find
