"""What happened to the symbols of an enum."""

from moorings_compat.changes.edit import SymbolChange
from moorings_compat.changes.names_alike import Alike, alike
from moorings_compat.changes.outline import Definition


def symbol_change(old: Definition, new: Definition) -> SymbolChange | None:
    """Compare the symbols of two enums; None where they are the same, or one of the two is not an enum."""
    if not old.symbols or not new.symbols or old.symbols == new.symbols:
        return None
    removed = [name for name in old.symbols if name not in new.symbols]
    added = [name for name in new.symbols if name not in old.symbols]
    renamed = _renamed(old, new, removed, added)
    for before, after in renamed:
        removed.remove(before)
        added.remove(after)
    renumbered = tuple(
        (name, old.symbols[name], number)
        for name, number in new.symbols.items()
        if name in old.symbols and old.symbols[name] != number
    )
    return SymbolChange(old.pointer, new.pointer, tuple(added), tuple(removed), tuple(renamed), renumbered)


def _renamed(old: Definition, new: Definition, removed: list[str], added: list[str]) -> list[tuple[str, str]]:
    """Pair by number where there are numbers; else a symbol with the one whose name is the same, written otherwise."""
    pairs: list[tuple[str, str]] = []
    for before in removed:
        for after in added:
            if after in (one for _, one in pairs):
                continue
            number = old.symbols[before]
            same = number == new.symbols[after] if number else alike(before, after) is Alike.SAME
            if same:
                pairs.append((before, after))
                break
    return pairs
