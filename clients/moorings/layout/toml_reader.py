"""Reads a TOML file of the layout strictly: what is wrong becomes an issue with its line, and is left out."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from moorings.layout.issues import Issue, Weight
from moorings.layout.toml_lines import Keys, line_of, lines_of

Table = Mapping[str, Any]

_LARGEST_BYTES = 1024 * 1024
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_LONGEST_SHOWN = 60


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'owner'?``, or nothing where no known word is close."""
    close = difflib.get_close_matches(word, list(map(str, known)), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


class TomlReader:
    """One file; *code* is that of the issues that it collects."""

    def __init__(self, path: Path, code: str) -> None:
        self.path = path
        self.code = code
        self.issues: list[Issue] = []
        self.lines: dict[Keys, int] = {}

    def load(self) -> Table | None:
        """Return the file's tables; None, and an issue, where it cannot be read."""
        try:
            if self.path.stat().st_size <= _LARGEST_BYTES:
                text = self.path.read_text("utf-8")
                self.lines = lines_of(text)
                return tomllib.loads(text)
            self._unreadable(f"larger than {_LARGEST_BYTES} bytes", "Shorten it.")
        except UnicodeDecodeError:
            self._unreadable("not UTF-8", "Save it as UTF-8.")
        except OSError as error:
            self._unreadable(f"cannot be read: {error.strerror}", "Check its permissions.")
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            place = _TOML_PLACE.search(str(error))
            line, column = (int(place[1]), int(place[2])) if place else (0, 0)
            said = _TOML_PLACE.sub("", str(error)).rstrip()  # the issue has the place
            self._unreadable(f"not valid TOML: {said}", "Correct the line.", line, column)
        return None

    def refuse(
        self, message: str, advice: str, *keys: str | int, code: str = "", weight: Weight = Weight.ERROR
    ) -> None:
        """Add an issue at the value that *keys* lead to."""
        place = ".".join(map(str, keys))
        line = line_of(self.lines, keys) if keys else 0
        self.issues.append(Issue(self.path, code or self.code, message, advice, weight, place, line))

    def only(self, table: Table, known: Sequence[str], *keys: str | int) -> None:
        """Refuse keys that are not *known*."""
        for key in table:
            if key not in known:
                shown = ".".join(map(str, (*keys, key)))[:_LONGEST_SHOWN]
                message = f"unknown key {shown!r}{did_you_mean(key, known)}"
                self.refuse(message, f"Known keys: {', '.join(known)}.", *keys, key)

    def text(self, table: Table, key: str, *keys: str | int, example: str = "...") -> str:
        """Return a text; empty where it is missing."""
        found = table.get(key, "")
        if isinstance(found, str):
            return found
        self._wrong("a text", f'Write {key} = "{example}".', *keys, key)
        return ""

    def texts(self, table: Table, key: str, *keys: str | int, example: str = "...") -> tuple[str, ...]:
        """Return a list of texts; empty where it is missing."""
        found = table.get(key, [])
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return tuple(found)
        self._wrong("a list of texts", f'Write {key} = ["{example}"].', *keys, key)
        return ()

    def choice(self, table: Table, key: str, choices: Sequence[str], *keys: str | int, default: str) -> str:
        found = table.get(key, default)
        if found in choices:
            return str(found)
        shown = ".".join(map(str, (*keys, key)))
        hint = did_you_mean(found, choices) if isinstance(found, str) else ""
        self.refuse(f"unknown value for {shown}{hint}", f"Choose one of {', '.join(choices)}.", *keys, key)
        return default

    def flag(self, table: Table, key: str, *keys: str | int, default: bool) -> bool:
        found = table.get(key, default)
        if isinstance(found, bool):
            return found
        self._wrong("true or false", f"Write {key} = {str(default).lower()}.", *keys, key)
        return default

    def count(self, table: Table, key: str, *keys: str | int, least: int = 0) -> int | None:
        """Return an integer of at least *least*; None where it is missing."""
        found = table.get(key)
        if found is None or (type(found) is int and found >= least):
            return found
        self._wrong(f"an integer of {least} or more", f"Write {key} = {max(least, 1)}.", *keys, key)
        return None

    def number(self, table: Table, key: str, *keys: str | int) -> float | None:
        """Return a number of 0 or more; None where it is missing."""
        found = table.get(key)
        if found is None or (type(found) in (int, float) and 0 <= found < float("inf")):
            return None if found is None else float(found)
        self._wrong("a number of 0 or more", f"Write {key} = 100.", *keys, key)
        return None

    def day(self, table: Table, key: str, *keys: str | int) -> str:
        """Return a day, written as TOML's date or as a text, as ISO 8601 has it; empty where it is missing."""
        found = table.get(key, "")
        try:
            if type(found) is date:
                return found.isoformat()
            return date.fromisoformat(found).isoformat() if found != "" else ""
        except (TypeError, ValueError):
            self._wrong("a day", f"Write {key} = 2027-01-31.", *keys, key)
            return ""

    def table(self, table: Table, key: str, *keys: str | int) -> Table | None:
        """Return a table; None where it is missing."""
        found = table.get(key)
        if found is None or isinstance(found, Mapping):
            return found
        shown = ".".join(map(str, (*keys, key)))
        self._wrong("a table", f"Write [{shown}] on a line of its own.", *keys, key)
        return None

    def tables(self, table: Table, key: str, *keys: str | int) -> tuple[Table, ...] | None:
        """Return an array of tables; None where it is missing."""
        found = table.get(key)
        if found is None:
            return None
        if isinstance(found, list) and all(isinstance(one, Mapping) for one in found):
            return tuple(found)
        shown = ".".join(map(str, (*keys, key)))
        self._wrong("a list of tables", f"Write each as [[{shown}]].", *keys, key)
        return None

    def _wrong(self, kind: str, advice: str, *keys: str | int) -> None:
        self.refuse(f"{'.'.join(map(str, keys))} is not {kind}", advice, *keys)

    def _unreadable(self, message: str, advice: str, line: int = 0, column: int = 0) -> None:
        self.issues.append(Issue(self.path, self.code, message, advice, line=line, column=column))
