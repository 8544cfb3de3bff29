"""Patterns with one long repetition of single characters: a simpler pattern, and the lengths of its strings.

``^https://[a-z]{1,2000}$`` is ``^https://[a-z]*$`` for strings of 9 to 2008 characters: where everything else has one
length, the length of a string says how often the part was repeated. So a bound in the thousands is compared as a number
and not character by character.
"""

from dataclasses import dataclass, replace

from moorings_compat.json_schema.patterns.regex_syntax import (
    Ahead,
    Alternation,
    Boundary,
    Chars,
    End,
    Repeat,
    Sequence,
    Start,
    Tree,
)

_LONG = 200
"""Shorter repetitions are written out."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The strings that *tree* matches whose length is within the bounds."""

    tree: Tree
    least: int
    most: int | None


def counted(tree: Tree) -> Counted | None:
    """Return *tree* as a pattern without its long repetition, and lengths; None if it is not of that kind."""
    parts = tree.parts if isinstance(tree, Sequence) else ()
    if len(parts) < 3 or not isinstance(parts[0], Start) or not isinstance(parts[-1], End):
        return None
    long = [index for index, part in enumerate(parts) if _is_long(part)]
    if len(long) != 1:
        return None
    (at,) = long
    lengths = [_length(part) for index, part in enumerate(parts) if index != at]
    repeated = parts[at]
    assert isinstance(repeated, Repeat)
    if None in lengths:
        return None
    others = sum(length or 0 for length in lengths)
    simpler = (*parts[:at], replace(repeated, least=0, most=None), *parts[at + 1 :])
    most = None if repeated.most is None else others + repeated.most
    return Counted(Sequence(simpler), others + repeated.least, most)


def _is_long(tree: Tree) -> bool:
    return isinstance(tree, Repeat) and isinstance(tree.part, Chars) and max(tree.least, tree.most or 0) > _LONG


def _length(tree: Tree) -> int | None:
    """Return the one length of all strings of *tree*; None if they differ."""
    if isinstance(tree, Chars):
        return 1
    if isinstance(tree, Start | End | Boundary | Ahead):
        return 0
    if isinstance(tree, Repeat):
        once = _length(tree.part)
        return None if once is None or tree.least != tree.most else once * tree.least
    lengths = [_length(part) for part in tree.parts]
    if isinstance(tree, Alternation):
        return lengths[0] if len(set(lengths)) == 1 else None
    return None if None in lengths else sum(length or 0 for length in lengths)
