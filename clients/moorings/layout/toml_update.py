"""Brings a TOML text up to new values: only what differs is changed. Needs the extra `cli`."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from datetime import date
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

NOTHING: tuple[Any, ...] = (None, "", [])
"""Values that nobody has to write: where a file does not have the key, it stays without."""


class TomlInvalid(ValueError):
    """A text is not valid TOML."""


def updated_text(before: str, wanted: Mapping[str, Any], defaults: Mapping[str, Any], keep: Sequence[str] = ()) -> str:
    """Return *before* with the values of *wanted*, and without other keys, but for those in *keep*.

    *defaults* has the values, by dotted key, that are written only where they stay or replace another one.

    Raises:
        TomlInvalid: *before* is not TOML.
    """
    try:
        document = tomlkit.parse(before)
        _update(document, wanted, defaults, keep, "")
    except TOMLKitError as error:
        raise TomlInvalid(str(error)) from None
    return tomlkit.dumps(document)


def _update(
    table: MutableMapping[str, Any],
    wanted: Mapping[str, Any],
    defaults: Mapping[str, Any],
    keep: Sequence[str],
    way: str,
) -> None:
    for key in [key for key in table if key not in keep and (key not in wanted or wanted[key] is None)]:
        del table[key]
    for key, value in wanted.items():
        if key in table and _same(table[key], value, defaults, f"{way}{key}."):
            continue
        if key not in table and (value in NOTHING or value == defaults.get(f"{way}{key}")):
            continue
        if isinstance(value, Mapping):
            if not isinstance(table.get(key), MutableMapping):
                table[key] = tomlkit.table()
            _update(table[key], value, defaults, (), f"{way}{key}.")
        elif _is_tables(value):
            tables = _tables(table.get(key), value)
            if table.get(key) is not tables:
                table[key] = tables
        else:
            table[key] = value


def _same(found: Any, wanted: Any, defaults: Mapping[str, Any], way: str = "") -> bool:
    """Whether a file says *wanted* already; a key that it leaves out is its default."""
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        return all(
            _same(found.get(key, default), wanted.get(key, default), defaults, f"{way}{key}.")
            for key in {*found, *wanted}
            for default in (defaults.get(f"{way}{key}"),)
        )
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(
            _same(one, other, defaults) for one, other in zip(found, wanted, strict=True)
        )
    if isinstance(found, date) or isinstance(wanted, date):
        return bool(_text_of_day(found) == _text_of_day(wanted))
    if found in NOTHING and wanted in NOTHING:
        return True
    return bool(found == wanted) and isinstance(found, bool) == isinstance(wanted, bool)


def _text_of_day(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)


def _tables(found: Any, wanted: Sequence[Mapping[str, Any]]) -> AoT:
    """Return an array of tables; one with the name of a table that was there is that table, brought up to date."""
    tables = found if isinstance(found, AoT) else tomlkit.aot()
    names = _names(wanted)
    for place, name in reversed(list(enumerate(_names(tables)))):
        if name not in names:
            del tables[place]
    if _names(tables) != names[: len(tables)]:
        tables = _rearranged(tables, names)
    for place, value in enumerate(wanted):
        if place == len(tables):
            table = tomlkit.table()
            table.trivia.indent = "\n" if place else ""
            tables.append(table)
        _update(tables[place], value, {"disabled": False}, (), "")
    return tables


def _names(tables: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what tables are called, or their places where they have no names."""
    return [str(one.get("name", f"#{place}")) for place, one in enumerate(tables)]


def _rearranged(tables: AoT, names: Sequence[str]) -> AoT:
    """Return the tables in the order of *names*, with an empty one where there is none of a name."""
    known = dict(zip(_names(tables), tables, strict=True))
    rearranged = tomlkit.aot()
    for name in names:
        table = known.get(name)
        rearranged.append(table if isinstance(table, Table) else tomlkit.table())
    return rearranged
