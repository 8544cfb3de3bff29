"""The parts of two definitions side by side: which is which, also where the name changed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from moorings_compat.changes.names_alike import Alike, alike, words_of
from moorings_compat.changes.outline import Definition, Part

_MOST_UNMATCHED = 60
"""Parts without a counterpart that are compared with one another."""
_LEAST_SCORE = 3.5
_SHORTEST_DOC = 8
_NEAR = (
    {"int", "long", "float", "double"},
    {"integer", "number"},
    {"int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "float", "double"},
    {"string", "bytes"},
)


@dataclass(frozen=True, slots=True)
class Matched:
    """Two parts that are one, by index; `related` is whether anything says so besides the place of a new name."""

    old: int
    new: int
    related: bool = True


@dataclass(frozen=True, slots=True)
class Matching:
    """All parts of two definitions, by index."""

    pairs: tuple[Matched, ...]
    removed: tuple[int, ...]
    added: tuple[int, ...]
    splits: tuple[tuple[int, tuple[int, ...]], ...] = ()
    merges: tuple[tuple[tuple[int, ...], int], ...] = ()


def match_parts(old: Definition, new: Definition) -> Matching:
    """Match by name, number and alias, and then by what names, types, documentation and positions say."""
    matcher = _Matcher(old.parts, new.parts)
    matcher.by_name()
    matcher.by_number()
    matcher.by_alias()
    splits = tuple(matcher.splits())
    merges = tuple(matcher.merges())
    matcher.by_likeness()
    pairs = tuple(matcher.pairs[index] for index in sorted(matcher.pairs))
    return Matching(pairs, tuple(matcher.left_old), tuple(matcher.left_new), splits, merges)


class _Matcher:
    """The parts that are still without a counterpart: step by step fewer."""

    def __init__(self, old: Sequence[Part], new: Sequence[Part]) -> None:
        self._old, self._new = old, new
        self.pairs: dict[int, Matched] = {}
        self.left_old = dict.fromkeys(range(len(old)))
        self.left_new = dict.fromkeys(range(len(new)))

    def _pair(self, old: int, new: int, *, related: bool = True) -> None:
        self.pairs[old] = Matched(old, new, related)
        del self.left_old[old]
        del self.left_new[new]

    def by_name(self) -> None:
        places = {part.name: index for index, part in enumerate(self._new)}
        for old in tuple(self.left_old):
            new = places.get(self._old[old].name)
            if new is not None and new in self.left_new:
                self._pair(old, new)

    def by_number(self) -> None:
        places = {self._new[index].number: index for index in self.left_new if self._new[index].number}
        for old in tuple(self.left_old):
            new = places.get(self._old[old].number)
            if new is not None:
                ours, theirs = self._old[old], self._new[new]
                related = alike(ours.name, theirs.name) > Alike.UNLIKE or ours.label == theirs.label
                self._pair(old, new, related=related)

    def by_alias(self) -> None:
        for old in tuple(self.left_old):
            for new in tuple(self.left_new):
                ours, theirs = self._old[old], self._new[new]
                if ours.name in theirs.aliases or theirs.name in ours.aliases:
                    self._pair(old, new)
                    break

    def splits(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Find one field that became several, whose names hold its name: ``name`` and ``first_name``, ``last_name``."""
        for old in self._few(self.left_old):
            found = _made_of(self._old[old], [(index, self._new[index]) for index in self._few(self.left_new)])
            if len(found) > 1:
                del self.left_old[old]
                self.left_new = {index: None for index in self.left_new if index not in found}
                yield old, found

    def merges(self) -> Iterator[tuple[tuple[int, ...], int]]:
        for new in self._few(self.left_new):
            found = _made_of(self._new[new], [(index, self._old[index]) for index in self._few(self.left_old)])
            if len(found) > 1:
                del self.left_new[new]
                self.left_old = {index: None for index in self.left_old if index not in found}
                yield found, new

    def by_likeness(self) -> None:
        """Pair what is most alike first; a name that only took the place of another one is not claimed as related."""
        few_old, few_new = self._few(self.left_old), self._few(self.left_new)
        scored = sorted(
            (
                (-score, old, new, related)
                for old in few_old
                for new in few_new
                for score, related in self._likeness(old, new)
            )
        )
        for _, old, new, related in scored:
            if old in self.left_old and new in self.left_new:
                self._pair(old, new, related=related)

    def _likeness(self, old: int, new: int) -> Iterator[tuple[float, bool]]:
        """Yield how much two parts are alike, and whether they are related; nothing where they are not alike."""
        ours, theirs = self._old[old], self._new[new]
        if bool(ours.step) != bool(theirs.step) or is_branch(ours) != is_branch(theirs):
            return
        names = alike(ours.step or ours.name, theirs.step or theirs.name)
        same_doc = len(ours.doc) >= _SHORTEST_DOC and ours.doc == theirs.doc
        same_place = self._same_place(old, new)
        alone = len(self.left_old) == 1 and len(self.left_new) == 1
        score = float(names) + 3 * same_doc + same_place + 0.5 * alone + _type_score(ours.label, theirs.label)
        if names is Alike.WITHIN and not (same_place or same_doc):
            return
        if score >= _LEAST_SCORE and (names >= Alike.WITHIN or same_doc):
            yield score, True
        elif alone and same_place and ours.label == theirs.label and not ours.number:
            yield score, False

    def _same_place(self, old: int, new: int) -> bool:
        """Whether both follow the same part, or precede the same one."""
        before = self._neighbour(old, -1), self._neighbour_of_new(new, -1)
        after = self._neighbour(old, 1), self._neighbour_of_new(new, 1)
        return before[0] == before[1] and after[0] == after[1]

    def _neighbour(self, old: int, step: int) -> int | None:
        at = old + step
        while 0 <= at < len(self._old):
            if at in self.pairs:
                return self.pairs[at].new
            at += step
        return None

    def _neighbour_of_new(self, new: int, step: int) -> int | None:
        taken = {pair.new for pair in self.pairs.values()}
        at = new + step
        while 0 <= at < len(self._new):
            if at in taken:
                return at
            at += step
        return None

    def _few(self, left: Iterable[int]) -> list[int]:
        return list(islice(left, _MOST_UNMATCHED))


def is_branch(part: Part) -> bool:
    """Whether a part is a branch of a choice, whose step in dotted paths depends on how many there are."""
    return part.name.startswith(("anyOf ", "oneOf ", "allOf "))


def _made_of(whole: Part, others: list[tuple[int, Part]]) -> tuple[int, ...]:
    """Return those of *others* whose names hold all words of the name of *whole*, and more."""
    words = set(words_of(whole.step))
    if not whole.step:
        return ()
    return tuple(index for index, part in others if part.step and words < set(words_of(part.step)))


def _type_score(one: str, other: str) -> int:
    if one == other:
        return 1
    ours, theirs = _plain(one), _plain(other)
    near = ours & theirs or any(ours <= group and theirs <= group for group in _NEAR)
    return 0 if near else -1


def _plain(label: str) -> set[str]:
    return {one.partition(" (")[0] for one in label.removeprefix("repeated ").split(" or ")} - {"null"}
