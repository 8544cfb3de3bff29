"""Two schema texts beside each other: rows that share a line number, with what changed within a line standing out.

Long stretches that both share are folded away, and where findings point to a line, it carries a mark.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from moorings_compat import Format, Schema, positions_of
from moorings_registry.web.highlighting import markup, tokens
from moorings_registry.web.line_diff import Block, difference
from moorings_registry.web.line_pairs import changed_within, paired
from moorings_registry.web.schema_text import LaidOut, lay_out

CONTEXT_LINES = 4
"""Shared lines that are shown around a change."""
MANY_CHANGED = 40
"""Changed lines from which on a difference is shown plain, without the lines around them."""
MOST_ROWS = 1_500
"""Rows of one page; the rest is counted, and the whole texts are a link away."""

Marks = Mapping[int, str]
"""Line numbers, from 0, to the number of the finding that points there."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of one side; `number` counts from 1."""

    number: int
    code: Markup
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of two sides; None where one side has nothing. `kind`: same, changed, removed, added."""

    kind: str
    writer: Cell | None
    reader: Cell | None


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines left out since both sides share them."""

    count: int


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The rows to show, and how much they say."""

    rows: tuple[Row | Fold, ...]
    added: int
    removed: int
    cut: bool
    """Whether there were more rows than one page takes."""
    ordered: bool
    """Whether the texts were laid out with their keys in one order; Protobuf's source stays as it is."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two texts: its lines, and where findings point to."""

    schema: Schema
    marks: Marks
    laid_out: LaidOut

    @classmethod
    def of(cls, schema: Schema, paths: Mapping[str, str]) -> "Side":
        """Lay *schema* out; *paths* names the finding at a path."""
        laid_out = lay_out(schema.text, schema.format, ordered=True)
        by_path = _lines_of_source(schema, paths) if schema.format is Format.PROTOBUF else laid_out.line_of
        marks: dict[int, str] = {}
        for path, number in paths.items():
            line = by_path(path)
            if line is not None:
                marks.setdefault(line, number)
        return cls(schema, marks, laid_out)


def _lines_of_source(schema: Schema, paths: Iterable[str]) -> Callable[[str], int | None]:
    """Look the declarations up that *paths* name in source, which is shown as it is; its lines count from 0."""
    places = positions_of(schema, paths)
    return lambda path: places[path].line - 1 if path else None


def side_by_side(writer: Side, reader: Side, *, unfolded: bool = False) -> SideBySide:
    """Put the text of *writer* on one side and that of *reader* on the other."""
    blocks = difference(_compared(writer), _compared(reader))
    many = sum(max(len(block.first), len(block.second)) for block in blocks if not block.same) > MANY_CHANGED
    sheets = _Sheet(writer, plain=many), _Sheet(reader, plain=many)
    rows = tuple(islice(_all_rows(blocks, sheets, None if unfolded else 0 if many else CONTEXT_LINES), MOST_ROWS + 1))
    return SideBySide(
        rows=rows[:MOST_ROWS],
        added=sum(len(block.second) for block in blocks if not block.same),
        removed=sum(len(block.first) for block in blocks if not block.same),
        cut=len(rows) > MOST_ROWS,
        ordered=writer.schema.format is not Format.PROTOBUF,
    )


def _compared(side: Side) -> Sequence[str]:
    """The lines less the commas between members: the last member did not change because another one follows."""
    lines = side.laid_out.lines
    return lines if side.schema.format is Format.PROTOBUF else [line.rstrip(",") for line in lines]


class _Sheet:
    """The lines of one side with their tokens and marks."""

    def __init__(self, side: Side, *, plain: bool) -> None:
        self.lines = side.laid_out.lines
        self.marks = side.marks
        self._tokens = [[("", line)] for line in self.lines] if plain else tokens(self.lines, side.schema.format)

    def cell(self, line: int, changed: Sequence[tuple[int, int]] = ()) -> Cell:
        return Cell(line + 1, markup(self._tokens[line], changed), self.marks.get(line, ""))


Sheets = tuple[_Sheet, _Sheet]


def _all_rows(blocks: Sequence[Block], sheets: Sheets, context: int | None) -> Iterator[Row | Fold]:
    """Yield every row; *context* is how many shared lines are shown around a change, None for all of them."""
    for at, block in enumerate(blocks):
        if not block.same:
            yield from _changed(block, sheets)
        elif context is None:
            yield from _shared(block, range(len(block.first)), sheets)
        else:
            yield from _folded(block, sheets, context, first=at == 0, last=at == len(blocks) - 1)


def _folded(block: Block, sheets: Sheets, context: int, *, first: bool, last: bool) -> Iterator[Row | Fold]:
    """The rows of a shared stretch near what changed and near marks; folds in between."""
    length = len(block.first)
    shown = set(range(0 if first else min(context, length)))
    shown.update(range(length if last else max(0, length - context), length))
    for sheet, lines in zip(sheets, (block.first, block.second), strict=True):
        for mark in sheet.marks:
            if mark in lines:
                at = mark - lines.start
                shown.update(range(max(0, at - context), min(length, at + context + 1)))
    for at in sorted(shown):
        # A fold would take as much room as the one line that it hides.
        if at - 2 in shown:
            shown.add(at - 1)
    yield from _shared(block, sorted(shown), sheets)


def _shared(block: Block, shown: Iterable[int], sheets: Sheets) -> Iterator[Row | Fold]:
    """The rows at the places *shown* of a shared stretch, ascending; what lies between them is folded."""
    at = 0
    for place in shown:
        if place > at:
            yield Fold(place - at)
        yield Row("same", sheets[0].cell(block.first[place]), sheets[1].cell(block.second[place]))
        at = place + 1
    if at < len(block.first):
        yield Fold(len(block.first) - at)


def _changed(block: Block, sheets: Sheets) -> Iterator[Row]:
    writer, reader = sheets
    first, second = (
        [sheet.lines[at] for at in lines] for sheet, lines in zip(sheets, (block.first, block.second), strict=True)
    )
    for at, other in paired(first, second):
        if at is None:
            assert other is not None
            yield Row("added", None, reader.cell(block.second[other]))
        elif other is None:
            yield Row("removed", writer.cell(block.first[at]), None)
        else:
            before, after = changed_within(first[at], second[other])
            yield Row("changed", writer.cell(block.first[at], before), reader.cell(block.second[other], after))
