"""Regular languages closed under union, intersection and complement, explored by derivatives.

A term stands for a set of strings. The derivative of a term by a character is what may follow that character
(Brzozowski 1964); a term is walked like an automaton whose states are made only when they are reached, which is what
makes intersections and complements of large patterns affordable. Terms are shared: equal ones have one number.

A word boundary depends on the character before it, which is known where a derivative is taken: from then on it is a
condition on what follows (`settled`).

>>> terms = Terms(Budget())
>>> terms.accepts_empty(terms.negated(terms.nothing))
True
"""

from moorings_compat.json_schema.patterns.code_points import EVERY, Ranges, common, holds_code, inverted
from moorings_compat.json_schema.patterns.regex_syntax import WORD
from moorings_compat.limits import Budget

_CHARS, _SEQ, _OR, _AND, _NOT, _REPEAT, _EDGE = range(7)


class Terms:
    """The pool of terms of one comparison. Terms are plain ints; 0 is nothing, 1 the empty string."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._data: list[tuple[int, tuple[object, ...]]] = []
        self._numbers: dict[tuple[int, tuple[object, ...]], int] = {}
        self._accepts: dict[int, bool] = {}
        self._derived: dict[tuple[int, int], int] = {}
        self._classes: dict[int, frozenset[Ranges]] = {}
        self._edged: dict[int, bool] = {}
        self.nothing = self._make(_CHARS, ((),))
        self.empty = self._make(_SEQ, ())
        self.any_char = self.chars(EVERY)
        self.everything = self.repeat(self.any_char, 0, None)

    def __len__(self) -> int:
        return len(self._data)

    def _make(self, kind: int, parts: tuple[object, ...]) -> int:
        key = (kind, parts)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._data)
            self._data.append(key)
        return number

    def chars(self, ranges: Ranges) -> int:
        return self._make(_CHARS, (ranges,))

    def text(self, value: str) -> int:
        """The language of the one string *value*."""
        term = self.empty
        for char in reversed(value):
            term = self.sequence(self.chars(((ord(char), ord(char)),)), term)
        return term

    def sequence(self, first: int, rest: int) -> int:
        if self.nothing in (first, rest):
            return self.nothing
        if first == self.empty:
            return rest
        if rest == self.empty:
            return first
        if first == self.everything == rest:
            return rest
        kind, parts = self._data[first]
        if kind == _SEQ:  # keep sequences leaning right, so that equal ones look equal
            return self.sequence(_int(parts[0]), self.sequence(_int(parts[1]), rest))
        return self._make(_SEQ, (first, rest))

    def repeat(self, part: int, least: int, most: int | None) -> int:
        if most == 0 or part == self.empty:
            return self.empty
        if part == self.nothing:
            return self.empty if least == 0 else self.nothing
        if (least, most) == (1, 1):
            return part
        if self._data[part][0] == _REPEAT and self._data[part][1][1:] == (0, None) and least <= 1:
            return part
        return self._make(_REPEAT, (part, least, most))

    def union(self, *terms: int) -> int:
        return self._combined(_OR, terms, absorbing=self.everything, neutral=self.nothing)

    def meet(self, *terms: int) -> int:
        """The intersection."""
        return self._combined(_AND, terms, absorbing=self.nothing, neutral=self.everything)

    def _combined(self, kind: int, terms: tuple[int, ...], *, absorbing: int, neutral: int) -> int:
        parts: set[int] = set()
        for term in terms:
            own_kind, own_parts = self._data[term]
            parts.update(map(_int, own_parts) if own_kind == kind else (term,))
        parts.discard(neutral)
        if absorbing in parts or any(self._opposite(part) in parts for part in parts):
            return absorbing
        parts = self._merged_chars(kind, parts)
        if not parts:
            return neutral
        return parts.pop() if len(parts) == 1 else self._make(kind, tuple(sorted(parts)))

    def _merged_chars(self, kind: int, parts: set[int]) -> set[int]:
        """Join single characters in a union, so that long alternations stay small."""
        single = [part for part in parts if self._data[part][0] == _CHARS]
        if kind != _OR or len(single) < 2:
            return parts
        ranges = inverted(())
        for part in single:
            ranges = common(ranges, inverted(self._data[part][1][0]))  # type: ignore[arg-type]
        return (parts - set(single)) | {self.chars(inverted(ranges))}

    def _opposite(self, term: int) -> int | None:
        kind, parts = self._data[term]
        return _int(parts[0]) if kind == _NOT else self._numbers.get((_NOT, (term,)))

    def negated(self, term: int) -> int:
        if term == self.nothing:
            return self.everything
        if term == self.everything:
            return self.nothing
        kind, parts = self._data[term]
        return _int(parts[0]) if kind == _NOT else self._make(_NOT, (term,))

    def edge(self, rest: int, *, positive: bool) -> int:
        """What is in *rest*, where a word begins or ends; where none does if not *positive*."""
        return self._make(_EDGE, (rest, positive)) if rest != self.nothing else rest

    def settled(self, term: int, *, after_word: bool) -> int:
        """Settle the boundaries right at the start of *term*, behind a character of a word or none."""
        if not self._has_edge(term):
            return term
        self._budget.spend(8)
        kind, parts = self._data[term]
        if kind == _EDGE:
            inner = self.settled(_int(parts[0]), after_word=after_word)
            word = self.sequence(self.chars(WORD), self.everything)
            return self.meet(inner, word if after_word != parts[1] else self.negated(word))
        if kind == _SEQ:
            first, rest = _int(parts[0]), _int(parts[1])
            if not self.accepts_empty(first):
                return term
            through = self.sequence(self.meet(first, self.negated(self.empty)), rest)
            return self.union(through, self.settled(rest, after_word=after_word))
        inner_parts = [self.settled(_int(part), after_word=after_word) for part in parts]
        if kind == _NOT:
            return self.negated(inner_parts[0])
        return self.union(*inner_parts) if kind == _OR else self.meet(*inner_parts)

    def _has_edge(self, term: int) -> bool:
        known = self._edged.get(term)
        if known is None:
            kind, parts = self._data[term]
            inner = () if kind in (_CHARS, _REPEAT) else map(_int, parts)
            known = self._edged[term] = kind == _EDGE or any(map(self._has_edge, inner))
        return known

    def accepts_empty(self, term: int) -> bool:
        known = self._accepts.get(term)
        if known is None:
            known = self._accepts[term] = self._judge_empty(term)
        return known

    def _judge_empty(self, term: int) -> bool:
        kind, parts = self._data[term]
        if kind in (_CHARS, _EDGE):
            return False
        if kind == _NOT:
            return not self.accepts_empty(_int(parts[0]))
        if kind == _REPEAT:
            return parts[1] == 0 or self.accepts_empty(_int(parts[0]))
        accepted = (self.accepts_empty(_int(part)) for part in parts)
        return any(accepted) if kind == _OR else all(accepted)

    def derive(self, term: int, code: int) -> int:
        """What may follow the character *code* at the start of *term*."""
        known = self._derived.get((term, code))
        if known is None:
            self._budget.spend(8 + 2 * len(self._data[term][1]))
            after_word = holds_code(WORD, code)
            known = self._derived[term, code] = self.settled(self._derivative(term, code), after_word=after_word)
        return known

    def _derivative(self, term: int, code: int) -> int:
        kind, parts = self._data[term]
        if kind == _CHARS:
            return self.empty if holds_code(parts[0], code) else self.nothing  # type: ignore[arg-type]
        if kind == _EDGE:
            return self.derive(self.settled(term, after_word=False), code)
        if kind == _NOT:
            return self.negated(self.derive(_int(parts[0]), code))
        if kind in (_OR, _AND):
            derived = [self.derive(_int(part), code) for part in parts]
            return self.union(*derived) if kind == _OR else self.meet(*derived)
        if term == self.empty:
            return self.nothing
        if kind == _SEQ:
            first, rest = _int(parts[0]), _int(parts[1])
            through = self.sequence(self.derive(first, code), rest)
            return self.union(through, self.derive(rest, code)) if self.accepts_empty(first) else through
        part, least, most = _int(parts[0]), _int(parts[1]), parts[2]
        left = self.repeat(part, max(least - 1, 0), None if most is None else _int(most) - 1)
        return self.sequence(self.derive(part, code), left)

    def classes(self, term: int) -> frozenset[Ranges]:
        """The sets of characters that *term* tells apart first: characters in the same ones have one derivative."""
        known = self._classes.get(term)
        if known is None:
            edges = frozenset([WORD]) if self._has_edge(term) else frozenset()
            known = self._classes[term] = self._find_classes(term) | edges
        return known

    def _find_classes(self, term: int) -> frozenset[Ranges]:
        kind, parts = self._data[term]
        if kind == _CHARS:
            return frozenset(parts)  # type: ignore[arg-type]
        if term == self.empty:
            return frozenset()
        if kind == _SEQ:
            first = self.classes(_int(parts[0]))
            return first | self.classes(_int(parts[1])) if self.accepts_empty(_int(parts[0])) else first
        inner = parts[:1] if kind in (_NOT, _REPEAT, _EDGE) else parts
        return frozenset().union(*(self.classes(_int(part)) for part in inner))


def _int(part: object) -> int:
    assert isinstance(part, int)
    return part
