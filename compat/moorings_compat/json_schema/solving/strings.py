"""Strings: lengths, patterns and formats, and the strings that satisfy all of them.

Patterns that are modelled become one regular language; the shortest strings of it are tried against what is opaque:
formats, and patterns with look-behind or back-references. An empty language is a proof; a language whose strings the
opaque ones refuse is not. For patterns with look-behind and the like the language is made too wide, never too narrow,
and strings of a nearly equal pattern are tried as well.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice, product

from moorings_compat.json_schema.nodes.validator import fits_format, matches
from moorings_compat.json_schema.patterns.regex_language import MOST_STATES, Languages, LanguageTooLarge, Lengths
from moorings_compat.json_schema.patterns.regex_syntax import Approximation
from moorings_compat.json_schema.solving.goals import NONE, OPEN, GoalAnswer, Status
from moorings_compat.json_schema.solving.string_formats import INCLUDED, LONGEST, SAMPLES, SHAPES, SURE, stretched

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ODD = "-!% ("
"""Characters that hardly any format accepts."""
_MOST_TRIED = 200
_MOST_CUT = 25
"""Strings that are cut out of a language one by one, since only the engine refuses them."""
_MOST_CASES = 27
_FEW_STATES = 300
"""States that are walked through before the lengths of a language are worked out."""
_MOST_STEPS = 150_000
"""Steps after which no further string is cut out: one string must not use up the budget."""
_LONGEST = 1_000_000
"""A longer witness would not help anybody."""


class StringFacts:
    """What is known about a string."""

    def __init__(self) -> None:
        self.least = 0
        self.most: int | None = None
        self.patterns: frozenset[str] = frozenset()
        self.not_patterns: frozenset[str] = frozenset()
        self.formats: frozenset[str] = frozenset()
        self.not_formats: frozenset[str] = frozenset()
        self.excluded: frozenset[str] = frozenset()
        self.terms: tuple[int, ...] = ()
        self.not_terms: tuple[int, ...] = ()
        """What is known besides, as languages; within one search."""

    def copy(self) -> "StringFacts":
        copied = StringFacts()
        copied.least, copied.most, copied.excluded = self.least, self.most, self.excluded
        copied.patterns, copied.not_patterns = self.patterns, self.not_patterns
        copied.formats, copied.not_formats = self.formats, self.not_formats
        copied.terms, copied.not_terms = self.terms, self.not_terms
        return copied

    def at_least(self, length: int) -> None:
        self.least = max(self.least, length)

    def at_most(self, length: int) -> None:
        self.most = length if self.most is None else min(self.most, length)

    @property
    def consistent(self) -> bool:
        """False if the facts plainly contradict each other."""
        if self.most is not None and self.least > self.most:
            return False
        if self.patterns & self.not_patterns or any(self.least > LONGEST.get(name, _LONGEST) for name in self.formats):
            return False
        return not any(INCLUDED.get(name, frozenset([name])) & self.not_formats for name in self.formats)

    def solve(self, languages: Languages) -> GoalAnswer:
        """Find a short string."""
        if not self.consistent:
            return NONE
        if self.least > _LONGEST:
            return OPEN
        if not (self.patterns or self.not_patterns or self.formats or self.not_formats):
            return self._plain()
        for sample in self._samples():
            if self.accepts(sample):
                return GoalAnswer(Status.FOUND, sample)
        known = languages.answers.get(self._key)
        if known is None:
            known = languages.answers[self._key] = self._from_language(languages)
        return known

    @property
    def _key(self) -> tuple[object, ...]:
        bounds = (self.least, self.most, self.excluded)
        return (self.patterns, self.not_patterns, self.formats, self.not_formats, *bounds)

    def accepts(self, text: str) -> bool:
        """Say whether *text* fits every fact, by the real engine."""
        return (
            self.least <= len(text)
            and (self.most is None or len(text) <= self.most)
            and text not in self.excluded
            and all(matches(pattern, text) for pattern in self.patterns)
            and not any(matches(pattern, text) for pattern in self.not_patterns)
            and all(fits_format(name, text) for name in self.formats)
            and not any(fits_format(name, text) for name in self.not_formats)
        )

    def _plain(self) -> GoalAnswer:
        longest = self.most if self.most is not None else self.least + 50
        for length in range(self.least, longest + 1):
            for text in islice(_words(length), len(self.excluded) + 40):
                if self.accepts(text):
                    return GoalAnswer(Status.FOUND, text)
            if length == 0 and self.most == 0:
                return NONE
        return OPEN

    def _samples(self) -> Iterable[str]:
        """Yield strings that formats are likely to accept, and some that hardly any does."""
        for name in sorted(self.formats):
            yield from SAMPLES.get(name, ())
            yield stretched(name, self.least)
        if self.not_formats:
            yield ""
            for sign in _ODD:
                yield sign * max(self.least, 1)

    def _from_language(self, languages: Languages) -> GoalAnswer:
        """Search case by case: a long repetition is violated by the length of a string, or by its characters."""
        status = Status.NONE
        for case in self._cases(languages):
            answer = case._searched(languages) if case.consistent else NONE  # noqa: SLF001 - of the same class
            if answer.found:
                return answer if self.accepts(str(answer.value)) else OPEN
            if answer.status is Status.OPEN:
                status = Status.OPEN
        return NONE if status is Status.NONE else OPEN

    def _cases(self, languages: Languages) -> "list[StringFacts]":
        """Return facts without long repetitions, which all strings of these have among them."""
        cases = [self]
        for pattern in sorted(self.patterns | self.not_patterns):
            found = languages.counted(pattern)
            if found is not None:
                holds = pattern in self.patterns
                cases = [other for one in cases for other in one._without(pattern, *found, holds=holds)]  # noqa: SLF001
        return cases if len(cases) <= _MOST_CASES else [self]

    def _without(self, pattern: str, term: int, least: int, most: int | None, *, holds: bool) -> "list[StringFacts]":
        """Return the cases in which *pattern*, the strings of *term* of certain lengths, *holds*, or in which not."""
        rest = self.copy()
        rest.patterns, rest.not_patterns = self.patterns - {pattern}, self.not_patterns - {pattern}
        if holds:
            rest.terms = (*self.terms, term)
            rest.at_least(least)
            if most is not None:
                rest.at_most(most)
            return [rest]
        others, shorter, longer = rest, rest.copy(), rest.copy()
        shorter.at_most(least - 1)
        if most is not None:
            longer.at_least(most + 1)
        others.not_terms = (*self.not_terms, term)
        return [others, *([shorter] if least else []), *([longer] if most is not None else [])]

    def _searched(self, languages: Languages) -> GoalAnswer:
        """Search a language that includes every match; then a nearly equal one, which can find but not prove."""
        answer = self._from_term(languages, self._term(languages, Approximation.WIDE, Approximation.NARROW))
        modelled = all(languages.found_by(pattern) is not None for pattern in self.patterns | self.not_patterns)
        if modelled or answer.status is not Status.OPEN:
            return answer
        rough = self._from_term(languages, self._term(languages, Approximation.ROUGH, Approximation.ROUGH))
        return rough if rough.found else answer

    def _term(self, languages: Languages, approximation: Approximation, negated: Approximation) -> int:
        terms = languages.terms
        known: list[int] = [*self.terms, *map(terms.negated, self.not_terms)]
        for pattern in sorted(self.patterns):
            term = languages.found_by(pattern, approximation)
            known.extend([] if term is None else [term])
        for pattern in sorted(self.not_patterns):
            term = languages.found_by(pattern, negated)
            known.extend([] if term is None else [terms.negated(term)])
        shapes = [languages.found_by(SHAPES[name]) for name in sorted(self.formats) if name in SHAPES]
        known.extend(one for one in shapes if one is not None)
        sure = [languages.found_by(SURE[name]) for name in sorted(self.not_formats) if name in SURE]
        return terms.meet(*known, *(terms.negated(one) for one in sure if one is not None))

    def _from_term(self, languages: Languages, term: int) -> GoalAnswer:
        terms = languages.terms
        enough = languages.budget.left - _MOST_STEPS
        for _ in range(_MOST_CUT + len(self.excluded)):
            if languages.budget.left < enough:
                break
            languages.budget.spend(100)
            answer, refused = self._first_accepted(languages, term)
            if refused is None:
                return answer
            term = terms.meet(term, terms.negated(terms.text(refused)))
        return OPEN

    def _first_accepted(self, languages: Languages, term: int) -> tuple[GoalAnswer, str | None]:
        """Try the strings of *term*; if all are refused, return one: others can come up once it is cut out."""
        try:
            return self._tried(languages, term, _FEW_STATES)
        except LanguageTooLarge:
            pass
        try:
            lengths = languages.lengths(term)
            if lengths is None or self._excludes(lengths):
                return NONE, None
            if lengths.longest is not None and self.accepts(lengths.longest):
                return GoalAnswer(Status.FOUND, self._unambiguous(lengths.longest)), None
            return self._tried(languages, term, MOST_STATES)
        except LanguageTooLarge:
            return OPEN, None

    def _tried(self, languages: Languages, term: int, most_states: int) -> tuple[GoalAnswer, str | None]:
        refused: str | None = None
        for text in islice(languages.strings(term, self.least, self.most, most_states), _MOST_TRIED):
            if self.accepts(text):
                return GoalAnswer(Status.FOUND, self._unambiguous(text)), None
            refused = text if refused is None else refused
        return NONE, refused

    def _excludes(self, lengths: Lengths) -> bool:
        """Say whether the bounds leave out all of *lengths*."""
        if self.most is not None and self.most < lengths.shortest:
            return True
        return lengths.longest is not None and len(lengths.longest) < self.least

    def _unambiguous(self, text: str) -> str:
        """Prefer a string that does not end with a line feed, before which ``$`` matches in some engines."""
        longer = text + "a"
        return longer if text.endswith("\n") and self.accepts(longer) else text


def _words(length: int) -> Iterator[str]:
    """Yield different strings of one length: a few letters that vary in front, and filling behind."""
    varied = min(length, 4)
    for front in product(_LETTERS, repeat=varied):
        yield "".join(front) + "a" * (length - varied)


def fresh_words(avoided: Callable[[str], bool]) -> Iterator[str]:
    """Yield short names, endlessly, but those that are *avoided*."""
    preferred = ["x", "y", "z", "other", "extra"]
    for word in preferred:
        if not avoided(word):
            yield word
    for length in count(1):
        for letters in product(_LETTERS, repeat=length):
            word = "".join(letters)
            if word not in preferred and not avoided(word):
                yield word
