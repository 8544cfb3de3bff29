"""Check real schemas, version by version, and say what became of every pair: what `make histories` does.

A history is a file of questions (one JSON object a line as `moorings check --batch` takes them, with a ``path``; gzip
or plain), or a local clone of a repository: every version of every schema file in its git history, each against the
one before it. References are resolved from the question; else from what the same file or commit has under the name:
by ``$id``, by relative path, and imports of Protobuf by path.

    python tools/histories.py questions.jsonl.gz ../a-clone --most 300

Ends with 1 where a pair stays undecided, or a break has no payload although payloads show it.
"""

import argparse
import gzip
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from history_sources import Library, Pair, pairs_of_clone, pairs_of_file

from moorings_compat import Report, Schema, SchemaError, Severity, Verdict, check
from moorings_compat.changes import changes_of

WITHOUT_PAYLOAD = "AVRO_BUDGET_SPENT", "PROTO_SOURCE", "FORMAT_CHANGED"
"""Findings that no payload shows, by the beginning of their codes."""
COLUMNS = (
    f"{'history':32} {'pairs':>6} {'invalid':>8} {'undecided':>10} {'breaking':>9} {'changes/break':>14} "
    f"{'findings/break':>15} {'no witness':>11} {'median':>8} {'99th':>8} {'most':>8}"
)


@dataclass
class Figures:
    """What one history counted."""

    name: str
    pairs: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    changes: int = 0
    findings: int = 0
    without_witness: int = 0
    seconds: list[float] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)

    def add(self, pair: Pair, library: Library) -> None:
        """Check *pair*, and count what came of it."""
        self.pairs += 1
        began = time.perf_counter()
        try:
            old, new = (
                library.parsed(pair.format, text, side) for text, side in ((pair.old, "old"), (pair.new, "new"))
            )
        except SchemaError as error:
            self.reasons[_reason(error)] += 1
            return
        report = check(new, [(1, old)], pair.level)
        self.seconds.append(time.perf_counter() - began)
        self.verdicts[str(report.verdict)] += 1
        self._count(report, new, old)
        if any(one.verdict is Verdict.UNDECIDED for one in report.comparisons):
            self.undecided.append(pair.path)

    def _count(self, report: Report, new: Schema, old: Schema) -> None:
        broken = [one for one in report.findings if one.severity is Severity.BREAK]
        self.without_witness += sum(one.witness is None and not one.rule.startswith(WITHOUT_PAYLOAD) for one in broken)
        if report.verdict is Verdict.BREAKING:
            self.findings += len(broken)
            self.changes += sum(bool(one.findings) for one in changes_of(report, new, {1: old}))

    def line(self) -> str:
        """Write the figures as one row of `COLUMNS`."""
        broke = self.verdicts[str(Verdict.BREAKING)]
        times = sorted(self.seconds) or [0.0]
        return (
            f"{self.name[-32:]:32} {self.pairs:6} {sum(self.reasons.values()):8} {len(self.undecided):10} {broke:9} "
            f"{self.changes / max(broke, 1):14.1f} {self.findings / max(broke, 1):15.1f} {self.without_witness:11} "
            f"{statistics.median(times):8.3f} {times[int(0.99 * (len(times) - 1))]:8.3f} {times[-1]:8.3f}"
        )


def main(arguments: list[str]) -> int:
    """Print a line a history, the commonest reasons of invalid pairs, and the paths of those undecided."""
    options = _read_options(arguments)
    print(COLUMNS)
    failed = False
    for source in options.sources:
        figures = Figures(source.name)
        until = time.monotonic() + options.seconds
        for pair, library in _pairs(source):
            if figures.pairs >= options.most or time.monotonic() > until:
                print(f"{source.name}: stopped after {figures.pairs} pairs", file=sys.stderr)
                break
            figures.add(pair, library)
        print(figures.line(), flush=True)
        for reason, count in figures.reasons.most_common(options.reasons):
            print(f"    invalid, {count}: {reason}")
        for path in figures.undecided:
            print(f"    undecided: {path}")
        failed = failed or bool(figures.undecided or figures.without_witness)
    return int(failed)


def _read_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sources", nargs="+", type=Path, help="files of questions, and local clones")
    parser.add_argument("--most", type=int, default=2_000, help="pairs of one history, at most")
    parser.add_argument("--seconds", type=float, default=180, help="time for one history, at most")
    parser.add_argument("--reasons", type=int, default=3, help="reasons of invalid pairs that are printed")
    return parser.parse_args(arguments)


def _pairs(source: Path) -> Iterator[tuple[Pair, Library]]:
    if source.is_dir():
        yield from pairs_of_clone(source)
        return
    with gzip.open(source, "rt") if source.suffix == ".gz" else source.open() as lines:
        questions = [json.loads(line) for line in lines if line.strip()]
    yield from pairs_of_file(questions)


def _reason(error: SchemaError) -> str:
    """Return the first problem, without the place and the names in it, so that equal reasons are counted together."""
    first = error.problems[0].message if error.problems else str(error)
    pieces = first.split("'")
    return "'...'".join(pieces[::2])[:110] if len(pieces) > 2 else first[:110]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
