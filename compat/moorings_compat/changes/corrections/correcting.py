"""The ways out of each change, and one text with all of them: offered only where the check, run again, agrees.

A way is tried by itself for the first few changes that refuse the candidate. All together they are tried in rounds:
what a round does not settle is undone in the next one. How often the check runs is bounded, whatever there is to
correct.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module

from moorings_compat.changes.change import CausedFinding, Change, Way, WayKind, failing
from moorings_compat.changes.changes import APART
from moorings_compat.changes.corrections.port import Editor, Texts
from moorings_compat.changes.edit import EditKind
from moorings_compat.changes.sentences import named
from moorings_compat.errors import ProtobufCompilerUnavailable, SchemaError
from moorings_compat.findings import Report
from moorings_compat.formats import parse_again
from moorings_compat.levels import Promise
from moorings_compat.schema import Format, Schema

MOST_CORRECTED = 3
"""Changes whose ways are tried one by one."""
MOST_ROUNDS = 4
LARGEST = 200_000
"""Characters of a text that is corrected."""
_MODULES = {
    Format.AVRO: "moorings_compat.changes.corrections.avro",
    Format.JSON: "moorings_compat.changes.corrections.json_schema",
    Format.PROTOBUF: "moorings_compat.changes.corrections.protobuf",
}
_ORDER = (WayKind.BESIDE, WayKind.ADJUST, WayKind.UNDO)

Recheck = Callable[[Schema], Report]
"""Runs the check again, with another candidate against the same versions."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A text that passes, and what was done for it."""

    text: str
    ways: tuple[tuple[Change, WayKind], ...]


@dataclass(frozen=True, slots=True)
class Corrections:
    """What can be done about a refused candidate within its major."""

    ways: Mapping[int, tuple[Way, ...]] = field(default_factory=dict)
    """By the index of the change: those that were tried and settle it, the best first."""
    whole: Corrected | None = None
    """One text that settles all changes; None where none was found."""


def corrections_of(
    changes: Sequence[Change], candidate: Schema, older: Mapping[int, Schema], recheck: Recheck, text: str = ""
) -> Corrections:
    """Find texts of *candidate* that pass; only the candidate is edited, whichever direction found the break.

    *text* is the candidate as its author wrote it, if it is at hand: what is not corrected keeps its layout.
    """
    fails = failing(changes)
    if not fails or not older or len(text or candidate.text) > LARGEST:
        return Corrections()
    newest = older[max(older)]
    if newest.format is not candidate.format:
        return Corrections()
    own = text if text and candidate.format is not Format.PROTOBUF else candidate.text
    texts = Texts(candidate, own, older)
    editor: Editor = import_module(_MODULES[candidate.format]).editor(texts)
    trial = _Trial(texts, editor, recheck, changes)
    apart = any(one.finding.rule in APART for change in fails for one in change.findings)  # no schema settles a rule
    ways = {
        index: tuple(trial.ways(change))
        for index, change in enumerate(changes)
        if change.fails and len(fails) <= MOST_CORRECTED
    }
    return Corrections(ways, None if apart else trial.whole(fails, ways))


class _Trial:
    """Texts of one candidate, tried."""

    def __init__(self, texts: Texts, editor: Editor, recheck: Recheck, changes: Sequence[Change]) -> None:
        self._texts = texts
        self._editor = editor
        self._recheck = recheck
        self._changes = changes

    def ways(self, change: Change) -> Iterator[Way]:
        """Yield the ways that settle *change* and cause nothing else."""
        others = _marks(one for held in self._changes if held is not change for one in held.findings)
        undone = self._editor.corrected([(change, WayKind.UNDO)])
        found: set[WayKind] = set()
        for kind in _ORDER:
            text = self._editor.corrected([(change, kind)])
            if kind is WayKind.ADJUST and (WayKind.BESIDE in found or text == undone):
                continue
            report = self._checked(text)
            if text is not None and report is not None and _marks(_weighing(report)) <= others:
                found.add(kind)
                yield Way(kind, way_title(change, kind), text)

    def whole(self, fails: Sequence[Change], ways: Mapping[int, tuple[Way, ...]]) -> Corrected | None:
        """Correct everything, in rounds: what a round does not settle is undone in the next one."""
        tried = {id(self._changes[index]): found[0].kind for index, found in ways.items() if found}
        chosen = {id(one): (one, tried.get(id(one)) or _likely(one)) for one in fails if one.edit is not None}
        for _ in range(MOST_ROUNDS):
            plan = tuple(chosen.values())
            text = self._editor.corrected(plan)
            report = self._checked(text)
            if text is not None and report is not None and report.passes:
                return Corrected(text, plan)
            again = self._again(chosen, report)
            if again == chosen:
                return None
            chosen = again
        return None

    def _again(self, chosen: "_Chosen", report: Report | None) -> "_Chosen":
        """Undo what still fails, and take in what the check only finds now: it lists a bounded number of findings."""
        if report is None:
            return {key: (change, WayKind.UNDO) for key, (change, _) in chosen.items()}
        left = _marks(_weighing(report))
        again = {
            key: (change, WayKind.UNDO if left & _marks(change.findings) else kind)
            for key, (change, kind) in chosen.items()
        }
        for change in self._changes:
            if change.edit is not None and id(change) not in again and _is_found(change, report):
                again[id(change)] = change, _likely(change)
        if again == chosen:
            return {key: (change, WayKind.UNDO) for key, (change, _) in chosen.items()}
        return again

    def _checked(self, text: str | None) -> Report | None:
        """Run the check with *text*; None where it is not a schema."""
        if text is None:
            return None
        candidate = self._texts.candidate
        try:
            return self._recheck(parse_again(candidate, text))
        except (SchemaError, ProtobufCompilerUnavailable):
            return None


_Chosen = dict[int, tuple[Change, WayKind]]
"""Changes that are corrected, each in its way, by their identity."""


def _is_found(change: Change, report: Report) -> bool:
    """Whether something is found where *change* is, going by the older version, whose places do not move."""
    edit = change.edit
    pointers = () if edit is None else edit.old_pointers
    for one in _weighing(report):
        path = one.finding.writer_path if one.promise is Promise.REPLAY_SAFE else one.finding.reader_path
        if any(held and f"{path}/".startswith(f"{held}/") for held in pointers):
            return True
    return False


def _likely(change: Change) -> WayKind:
    """Choose a way that has not been tried by itself; whether it settles anything is tried with all others."""
    edit = change.edit
    if edit is None or edit.kind is EditKind.REMOVED:
        return WayKind.UNDO
    if edit.kind is EditKind.ADDED:
        return WayKind.UNDO if edit.new[0].part.fillable else WayKind.ADJUST
    if edit.kind is EditKind.CHANGED:
        return WayKind.BESIDE if edit.type_change is not None and edit.new else WayKind.UNDO
    return WayKind.BESIDE


def _weighing(report: Report) -> Iterator[CausedFinding]:
    for comparison in report.comparisons:
        for finding in comparison.findings:
            caused = CausedFinding(comparison.version, comparison.promise, finding)
            if caused.weighs:
                yield caused


def _marks(findings: Iterable[CausedFinding]) -> set[tuple[object, ...]]:
    """What findings are recognised by in another text: not their places, which may have moved."""
    return {(one.version, one.promise, one.finding.rule, one.finding.message) for one in findings}


def way_title(change: Change, kind: WayKind) -> str:
    """Say what a way does."""
    edit = change.edit
    if kind is WayKind.ADJUST or edit is None:
        return _adjusting(change)
    if kind is WayKind.BESIDE:
        if edit.kind is EditKind.CHANGED:
            return f"keep `{edit.path}` as it was, and add a field for the new type beside it"
        return f"keep {named(edit.old)}, and add {named(edit.new)} beside {'it' if len(edit.old) == 1 else 'them'}"
    match edit.kind:
        case EditKind.ADDED:
            return f"leave {named(edit.new)} out"
        case EditKind.CHANGED | EditKind.REORDERED:
            return f"keep `{edit.path}` as it was" if edit.path else "keep it as it was"
    return f"keep {named(edit.old)}" + (f" instead of {named(edit.new)}" if edit.new else "")


def _adjusting(change: Change) -> str:
    titles = (one.finding.suggestion.title for one in change.findings if one.weighs and one.finding.suggestion)
    return ", ".join(dict.fromkeys(titles)) or f"make `{change.path}` optional"
