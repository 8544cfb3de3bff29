"""Patterns as languages: the strings that a pattern finds a match in, and the shortest ones of a combination."""

from collections.abc import Iterator
from typing import Any

from moorings_compat.json_schema.patterns.regex_syntax import (
    EVERY,
    Ahead,
    Alternation,
    Approximation,
    Boundary,
    Chars,
    End,
    Repeat,
    Sequence,
    Start,
    Tree,
    Unsupported,
    parse_regex,
)
from moorings_compat.json_schema.patterns.regex_terms import Terms
from moorings_compat.limits import Budget

_PLEASANT = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-. @/:+,;!?#$%&'()*<=>[]^`{|}~\"\\"
_PLEASANT_CODES = [ord(char) for char in _PLEASANT]
MOST_STATES = 4_000
"""Terms that one search may walk through before it gives up."""
MOST_TERMS = 200_000


class LanguageTooLarge(Exception):
    """The search for a string gave up: neither found, nor proven to be empty."""


class Languages:
    """Patterns translated to terms, once each."""

    def __init__(self, budget: Budget) -> None:
        self.terms = Terms(budget)
        self.budget = budget
        self._known: dict[tuple[str, Approximation], int | None] = {}
        self.answers: dict[object, Any] = {}
        """Answers about strings, by the facts that were asked for."""

    def found_by(self, pattern: str, approximation: Approximation = Approximation.EXACT) -> int | None:
        """The strings in which *pattern* finds a match, as a term; None if the pattern is not modelled.

        An *approximation* is used only if the pattern has no exact term.
        """
        if (pattern, approximation) not in self._known:
            exact = None if approximation is Approximation.EXACT else self.found_by(pattern)
            self._known[pattern, approximation] = self._read(pattern, approximation) if exact is None else exact
        return self._known[pattern, approximation]

    def _read(self, pattern: str, approximation: Approximation) -> int | None:
        self.budget.spend(10 * len(pattern))
        try:
            return self._search(parse_regex(pattern, approximation))
        except (Unsupported, RecursionError):
            return None

    def _search(self, tree: Tree) -> int:
        terms = self.terms
        later = terms.sequence(
            terms.repeat(terms.any_char, 1, None), self._from(tree, terms.everything, at_start=False)
        )
        found = terms.union(self._from(tree, terms.everything, at_start=True), later)
        return terms.settled(found, after_word=False)

    def _from(self, tree: Tree, rest: int, *, at_start: bool) -> int:
        """Return the strings that begin with a match of *tree* and continue with *rest*."""
        terms = self.terms
        if isinstance(tree, Chars):
            return terms.sequence(terms.chars(tree.ranges), rest)
        if isinstance(tree, Alternation):
            return terms.union(*(self._from(part, rest, at_start=at_start) for part in tree.parts))
        if isinstance(tree, Sequence):
            return self._sequence(tree.parts, rest, at_start=at_start)
        if isinstance(tree, Repeat):
            return self._repeat(tree, rest)
        if isinstance(tree, Start):
            return rest if at_start else terms.nothing
        if isinstance(tree, End):
            return terms.meet(rest, terms.empty)
        if isinstance(tree, Boundary):
            return terms.edge(rest, positive=tree.positive)
        ahead = self._from(tree.part, terms.everything, at_start=at_start)
        return terms.meet(rest, ahead if tree.positive else terms.negated(ahead))

    def _sequence(self, parts: tuple[Tree, ...], rest: int, *, at_start: bool) -> int:
        """Go from the back; a part is at the start only if nothing before it can take a character."""
        starts = []
        for part in parts:
            starts.append(at_start)
            if at_start and not _takes_nothing(part):
                if _may_be_empty(part) and any(map(_anchors_start, parts[len(starts) :])):
                    raise Unsupported("an anchor after something optional")
                at_start = False
        for part, start in zip(reversed(parts), reversed(starts), strict=True):
            rest = self._from(part, rest, at_start=start)
        return rest

    def _repeat(self, tree: Repeat, rest: int) -> int:
        terms = self.terms
        if _has_assertion(tree.part):
            raise Unsupported("an anchor or look-ahead inside a repetition")
        part = self._from(tree.part, terms.empty, at_start=False)
        return terms.sequence(terms.repeat(part, tree.least, tree.most), rest)

    def strings(self, term: int, shortest: int, longest: int | None) -> Iterator[str]:
        """Yield strings of *term* with a length in the bounds, short ones first; all of them if it ends.

        Not every string of one length is found, but at least one of each class that the patterns distinguish.

        Raises:
            LanguageTooLarge: after the strings found so far; there may be more.
        """
        layer: dict[int, str] = {term: ""}
        length = walked = 0
        seen: set[frozenset[int]] = set()
        while layer and (longest is None or length <= longest):
            if length >= shortest:
                yield from (text for state, text in layer.items() if self.terms.accepts_empty(state))
                states = frozenset(layer)
                if states in seen:
                    return
                seen.add(states)
            walked += len(layer)
            self.budget.spend(len(layer) * 10)
            if walked > MOST_STATES or len(self.terms) > MOST_TERMS:
                raise LanguageTooLarge
            layer = self._next_layer(layer)
            length += 1

    def _next_layer(self, layer: dict[int, str]) -> dict[int, str]:
        following: dict[int, str] = {}
        for state, text in layer.items():
            for code in self._representatives(state):
                derived = self.terms.derive(state, code)
                if derived != self.terms.nothing:
                    following.setdefault(derived, text + chr(code))
        return following

    def _representatives(self, term: int) -> list[int]:
        """One character of each class that *term* distinguishes, the most readable one."""
        cuts = sorted(self.terms.cuts(term) | {low for low, _ in EVERY} | {high + 1 for _, high in EVERY})
        self.budget.spend(100 + 2 * len(cuts))
        chosen: dict[int, int] = {}
        for code in _PLEASANT_CODES:
            chosen.setdefault(_piece(cuts, code), code)
        for index, low in enumerate(cuts[:-1]):
            if index not in chosen and any(first <= low <= last for first, last in EVERY):
                chosen[index] = low
        return sorted(chosen.values(), key=_pleasantness)


def _piece(cuts: list[int], code: int) -> int:
    low, high = 0, len(cuts) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if cuts[middle] <= code:
            low = middle
        else:
            high = middle - 1
    return low


def _pleasantness(code: int) -> tuple[int, int]:
    char = chr(code)
    return (_PLEASANT.index(char), code) if char in _PLEASANT else (len(_PLEASANT), code)


def _takes_nothing(tree: Tree) -> bool:
    if isinstance(tree, Sequence | Alternation):
        return all(map(_takes_nothing, tree.parts))
    return isinstance(tree, Start | End | Ahead | Boundary)


def _may_be_empty(tree: Tree) -> bool:
    if isinstance(tree, Chars):
        return False
    if isinstance(tree, Sequence):
        return all(map(_may_be_empty, tree.parts))
    if isinstance(tree, Alternation):
        return any(map(_may_be_empty, tree.parts))
    if isinstance(tree, Repeat):
        return tree.least == 0 or _may_be_empty(tree.part)
    return True


def _anchors_start(tree: Tree) -> bool:
    if isinstance(tree, Sequence | Alternation):
        return any(map(_anchors_start, tree.parts))
    if isinstance(tree, Repeat | Ahead):
        return _anchors_start(tree.part)
    return isinstance(tree, Start)


def _has_assertion(tree: Tree) -> bool:
    if isinstance(tree, Sequence | Alternation):
        return any(map(_has_assertion, tree.parts))
    if isinstance(tree, Repeat):
        return _has_assertion(tree.part)
    return isinstance(tree, Start | End | Ahead | Boundary)
