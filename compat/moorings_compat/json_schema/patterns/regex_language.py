"""Patterns as languages: the strings that a pattern finds a match in, and the shortest ones of a combination."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moorings_compat.json_schema.patterns.code_points import EVERY, Ranges, holds_code
from moorings_compat.json_schema.patterns.counted import counted
from moorings_compat.json_schema.patterns.ecma_characters import NotEcma
from moorings_compat.json_schema.patterns.engine_patterns import engine_pattern
from moorings_compat.json_schema.patterns.regex_syntax import (
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
_LONG_COUNT = re.compile(r"\{\d{3,}|,\d{3,}\}")
MOST_STATES = 4_000
"""Terms that one search may walk through before it gives up."""
MOST_TERMS = 200_000


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the strings of a language are."""

    shortest: int
    longest: str | None
    """One that no other is longer than; None where there is always a longer one."""


class LanguageTooLarge(Exception):
    """The search for a string gave up: neither found, nor proven to be empty."""


class Languages:
    """Patterns translated to terms, once each."""

    def __init__(self, budget: Budget) -> None:
        self.terms = Terms(budget)
        self.budget = budget
        self._known: dict[tuple[str, Approximation], int | None] = {}
        self._counted: dict[str, tuple[int, int, int | None] | None] = {}
        self._lengths: dict[int, Lengths | None] = {}
        self._kinds: dict[frozenset[Ranges], list[int]] = {}
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

    def counted(self, pattern: str) -> tuple[int, int, int | None] | None:
        """The strings of *pattern* as a simpler term and bounds of their length, where it has one long repetition."""
        if pattern not in self._counted:
            self._counted[pattern] = self._read_counted(pattern)
        return self._counted[pattern]

    def _read_counted(self, pattern: str) -> tuple[int, int, int | None] | None:
        if not _LONG_COUNT.search(pattern):
            return None
        self.budget.spend(10 * len(pattern))
        try:
            modelled = engine_pattern(pattern).modelled
            found = None if modelled is None else counted(parse_regex(modelled))
            return None if found is None else (self._search(found.tree), found.least, found.most)
        except (NotEcma, Unsupported, RecursionError):
            return None

    def _read(self, pattern: str, approximation: Approximation) -> int | None:
        self.budget.spend(10 * len(pattern))
        try:
            modelled = engine_pattern(pattern).modelled
            return None if modelled is None else self._search(parse_regex(modelled, approximation))
        except (NotEcma, Unsupported, RecursionError):
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

    def lengths(self, term: int) -> Lengths | None:
        """Return the lengths that strings of *term* can have; None if there are no strings.

        Raises:
            LanguageTooLarge: more states than `MOST_STATES`.
        """
        if term not in self._lengths:
            self._lengths[term] = self._measured(term)
        return self._lengths[term]

    def _measured(self, term: int) -> Lengths | None:
        following: dict[int, dict[int, int]] = {}
        layer, depth, shortest = {term}, 0, None
        while layer:
            for state in layer:
                following[state] = {self.terms.derive(state, code): code for code in self._representatives(state)}
                if shortest is None and self.terms.accepts_empty(state):
                    shortest = depth
            self.budget.spend(20 * len(layer))
            if len(following) > MOST_STATES or len(self.terms) > MOST_TERMS:
                raise LanguageTooLarge
            layer = {state for one in layer for state in following[one]} - following.keys() - {self.terms.nothing}
            depth += 1
        return None if shortest is None else Lengths(shortest, self._longest(term, following))

    def _longest(self, term: int, following: dict[int, dict[int, int]]) -> str | None:
        """Return a longest string; None where a state that leads to an end leads to itself."""
        preceding: dict[int, set[int]] = {state: set() for state in following}
        for state, targets in following.items():
            for target in targets.keys() & following.keys():
                preceding[target].add(state)
        live = {state for state in following if self.terms.accepts_empty(state)}
        waiting = list(live)
        while waiting:
            fresh = preceding[waiting.pop()] - live
            live |= fresh
            waiting += fresh
        left = {state: len(following[state].keys() & live) for state in live}
        ends = [state for state, count in left.items() if not count]
        texts = dict.fromkeys(live, "")  # written from behind
        settled = 0
        while ends:
            state = ends.pop()
            settled += 1
            for one in preceding[state] & live:
                if len(texts[one]) <= len(texts[state]):
                    texts[one] = chr(following[one][state]) + texts[state]
                left[one] -= 1
                if not left[one]:
                    ends.append(one)
        return texts[term] if settled == len(live) else None

    def strings(self, term: int, shortest: int, longest: int | None, most_states: int = MOST_STATES) -> Iterator[str]:
        """Yield strings of *term* with a length in the bounds, short ones first; all of them if it ends.

        Not every string of one length is found, but at least one of each class that the patterns distinguish.

        Raises:
            LanguageTooLarge: after the strings found so far; there may be more.
        """
        layer: dict[int, str] = {term: ""}
        length = walked = 0
        seen: set[frozenset[int]] = set()
        before: frozenset[int] = frozenset()
        while layer and (longest is None or length <= longest):
            states = frozenset(layer)
            if length >= shortest:
                yield from (text for state, text in layer.items() if self.terms.accepts_empty(state))
                if states in seen:
                    return
                seen.add(states)
            elif states == before and (extended := self._extended(layer, shortest - length)):
                layer, length = extended, shortest
                continue
            before = states
            walked += len(layer)
            self.budget.spend(len(layer) * 10)
            if walked > most_states or len(self.terms) > MOST_TERMS:
                raise LanguageTooLarge
            layer = self._next_layer(layer)
            length += 1

    def _extended(self, layer: dict[int, str], more: int) -> dict[int, str] | None:
        """Add *more* characters to every string of a layer that no longer changes; None where some state is left."""
        extended: dict[int, str] = {}
        for state, text in layer.items():
            same = next((one for one in self._representatives(state) if self.terms.derive(state, one) == state), None)
            if same is None:
                return None
            extended[state] = text + chr(same) * more
        return extended

    def _next_layer(self, layer: dict[int, str]) -> dict[int, str]:
        following: dict[int, str] = {}
        for state, text in layer.items():
            for code in self._representatives(state):
                derived = self.terms.derive(state, code)
                if derived != self.terms.nothing:
                    following.setdefault(derived, text + chr(code))
        return following

    def _representatives(self, term: int) -> list[int]:
        """One character of each kind that *term* tells apart, the most readable one."""
        classes = self.terms.classes(term)
        self.budget.spend(100 + 2 * sum(map(len, classes)))
        if classes not in self._kinds:
            self._kinds[classes] = _one_of_each_kind(classes)
        return self._kinds[classes]


def _one_of_each_kind(classes: frozenset[Ranges]) -> list[int]:
    """Choose a character for each way of being in some of *classes* and not in the others."""
    ordered = list(classes)
    edges = {edge for ranges in (*ordered, EVERY) for low, high in ranges for edge in (low, high + 1)}
    chosen: dict[tuple[bool, ...], int] = {}
    for code in (*_PLEASANT_CODES, *sorted(edges)):
        if holds_code(EVERY, code):
            chosen.setdefault(tuple(holds_code(ranges, code) for ranges in ordered), code)
    return sorted(chosen.values(), key=_pleasantness)


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
