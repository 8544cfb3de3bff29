"""JSON text with other content, written as its author would: what did not change keeps its layout.

An object or array that was on one line stays on one line; what is new is laid out like its neighbours::

    rewritten('{"a": 1,\\n "b": [1, 2]}', {"a": 1, "b": [1, 2, 3]})   # '{"a": 1,\\n "b": [1, 2, 3]}'
"""

import json
import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)
_LONGEST_LINE = 100
_INDENT = "  "


@dataclass(slots=True)
class _Written:
    """A value as the text has it: from its first character to behind its last."""

    start: int
    end: int
    value: Any
    members: "dict[str, _Written]" = field(default_factory=dict)
    items: "list[_Written]" = field(default_factory=list)


def rewritten(text: str, content: Any) -> str:
    """Return *text*, which is JSON, with *content*; a long text of one line is laid out in several."""
    tree = _Reader(text).value()
    if "\n" not in text.strip() and len(text) > _LONGEST_LINE:
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    return text[: tree.start] + _Writer(text).write(content, tree, "") + text[tree.end :]


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
        self._at = 0

    def value(self) -> _Written:
        word, start, end = self._next()
        if word == "{":
            return self._object(start)
        if word == "[":
            return self._array(start)
        return _Written(start, end, json.loads(word))

    def _next(self) -> tuple[str, int, int]:
        self._at += 1
        return self._tokens[self._at - 1]

    def _object(self, start: int) -> _Written:
        held = _Written(start, start, {})
        while True:
            word, _, end = self._next()
            if word == "}":
                held.end = end
                return held
            if word != ",":
                key = json.loads(word)
                self._next()
                held.members[key] = self.value()
                held.value[key] = held.members[key].value

    def _array(self, start: int) -> _Written:
        held = _Written(start, start, [])
        while True:
            word, _, end = self._tokens[self._at]
            if word == "]":
                self._at += 1
                held.end = end
                return held
            if word == ",":
                self._at += 1
                continue
            held.items.append(self.value())
            held.value.append(held.items[-1].value)


class _Writer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._space = " " if '{ "' in text else ""

    def write(self, value: Any, was: _Written | None, indent: str) -> str:
        """Write *value*, which was *was*, at a line that is indented by *indent*."""
        if was is not None and _same(value, was.value):
            return self._text[was.start : was.end]
        if isinstance(value, dict) and was is not None and isinstance(was.value, dict) and was.members:
            return self._object(value, was, indent)
        if isinstance(value, list) and was is not None and isinstance(was.value, list) and was.items:
            return self._array(value, was, indent)
        return self._fresh(value, indent)

    def _fresh(self, value: Any, indent: str) -> str:
        """Write what the text did not have, on one line if it fits."""
        line = _line(value, self._space)
        if len(line) + len(indent) <= _LONGEST_LINE or not isinstance(value, dict | list):
            return line
        return json.dumps(value, indent=2, ensure_ascii=False).replace("\n", f"\n{indent}")

    def _object(self, value: dict[str, Any], was: _Written, indent: str) -> str:
        inner = self._inner_indent(was, min(one.start for one in was.members.values()), indent)
        shown = []
        for key, one in value.items():
            written = self.write(one, was.members.get(key), indent if inner is None else inner)
            shown.append(f"{json.dumps(key, ensure_ascii=False)}: {written}")
        return self._joined("{", shown, "}", was, inner, indent)

    def _array(self, value: list[Any], was: _Written, indent: str) -> str:
        inner = self._inner_indent(was, was.items[0].start, indent)
        around = indent if inner is None else inner
        shown = [self.write(one, before, around) for one, before in _aligned(value, was)]
        return self._joined("[", shown, "]", was, inner, indent)

    def _inner_indent(self, was: _Written, first: int, indent: str) -> str | None:
        """The indentation of what is inside; None if it is on the line of the bracket."""
        before = self._text[was.start + 1 : first]
        if "\n" not in before:
            return None
        line = before.rpartition("\n")[2]
        return line[: len(line) - len(line.lstrip())] or indent + _INDENT

    def _joined(self, left: str, shown: list[str], right: str, was: _Written, inner: str | None, indent: str) -> str:
        if not shown:
            return left + right
        if inner is None:
            space = " " if self._text[was.start + 1 : was.start + 2] == " " else ""
            line = f"{left}{space}{', '.join(shown)}{space}{right}"
            if len(line) + len(indent) <= _LONGEST_LINE or any("\n" in one for one in shown):
                return line
            inner = indent + _INDENT
        body = f",\n{inner}".join(shown)
        end = self._text[was.start : was.end].rpartition("\n")[2]
        outer = end[: len(end) - len(end.lstrip())] if "\n" in self._text[was.start : was.end] else indent
        return f"{left}\n{inner}{body}\n{outer}{right}"


def _line(value: Any, space: str) -> str:
    """Write a value on one line, with *space* inside the braces of an object."""
    if isinstance(value, dict) and value:
        members = (f"{json.dumps(key, ensure_ascii=False)}: {_line(one, space)}" for key, one in value.items())
        return f"{{{space}{', '.join(members)}{space}}}"
    if isinstance(value, list):
        return f"[{', '.join(_line(one, space) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)


def _aligned(value: list[Any], was: _Written) -> "list[tuple[Any, _Written | None]]":
    """Pair the items of an array with what was written for them; a new item has nothing."""
    keys, old_keys = [_key(one) for one in value], [_key(one.value) for one in was.items]
    paired: list[_Written | None] = [None] * len(value)
    for tag, old, old_end, new, new_end in SequenceMatcher(None, old_keys, keys, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and old_end - old == new_end - new):
            for step in range(old_end - old):
                paired[new + step] = was.items[old + step]
    return list(zip(value, paired, strict=True))


def _key(value: Any) -> str:
    """What an item of an array is recognised by: the name of a field, or else all of it."""
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return f"name {value['name']}"
    return json.dumps(value, sort_keys=True)


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: the order of keys counts, and 1 is not 1.0 or true."""
    return json.dumps(one) == json.dumps(other)
