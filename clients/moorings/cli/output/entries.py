"""What every format lists: one entry for each issue of a file, and one for each change that something was found about.

Contracts that fail come first, and in them the changes that refuse them. Harmless changes are not listed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from moorings.cli.check_changes import CheckChange
from moorings.cli.results import Checked
from moorings.layout.issues import Issue, Weight

_MOST_READERS = 5
_WEIGHTS = {weight: order for order, weight in enumerate(Weight)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to tell."""

    contract: str
    file: Path
    line: int
    column: int
    place: str
    code: str
    """The first of its rules."""
    weight: Weight
    headline: str
    """One sentence that begins with the field, without a full stop."""
    body: tuple[str, ...]
    """Further sentences: what it breaks, what to do."""
    change: CheckChange | None = None

    @property
    def message(self) -> str:
        """Everything in one text: the sentences, and the codes in the second rank."""
        codes = ", ".join(self.change.rules if self.change else (self.code,))
        return " ".join([f"{self.headline.rstrip('.')}.", *self.body, f"({codes})"])


def failures_first(checked: Sequence[Checked]) -> list[Checked]:
    """Return contracts that do not pass before those that do, each in the order that they came in."""
    return sorted(checked, key=lambda one: one.passes)


def entries(checked: Sequence[Checked]) -> list[Entry]:
    """List everything, errors before warnings before notes."""
    listed = [entry for one in failures_first(checked) for entry in entries_of(one)]
    return sorted(listed, key=lambda one: _WEIGHTS[one.weight])


def entries_of(checked: Checked) -> Iterator[Entry]:
    """Yield the errors of one contract, then its changes, heaviest first, and then what is only worth a look."""
    file = checked.file or Path(checked.name)
    for issue in checked.problems:
        if issue.weight is Weight.ERROR:
            yield _of_issue(checked.name, issue)
    for change in checked.changes:
        if change.findings:
            yield _of_change(checked, file, change)
    for issue in checked.problems:
        if issue.weight is not Weight.ERROR:
            yield _of_issue(checked.name, issue)


def _of_issue(contract: str, issue: Issue) -> Entry:
    body = (issue.advice,) if issue.advice else ()
    place = issue.file, issue.line, issue.column, issue.place
    return Entry(contract, *place, issue.code, issue.weight, issue.message, body)


def _of_change(checked: Checked, file: Path, change: CheckChange) -> Entry:
    line, column = (change.position.line, change.position.column) if change.position else (1, 1)
    consequence = [change.consequence] if change.consequence else []
    advice = list(change.advice)
    if change.fails and checked.next_major:
        advice.append(f"Or start the next major: {checked.next_major}.")
    return Entry(
        checked.name,
        file,
        line,
        column,
        change.candidate_path,
        change.rules[0],
        change.weight,
        change.sentence,
        (*consequence, *_readers(change), *advice),
        change,
    )


def _readers(change: CheckChange) -> list[str]:
    """Who holds a change back, in a sentence for each."""
    told = (one.message for one in change.findings if one.rule.startswith("CONSUMER_"))
    return list(dict.fromkeys(told))[:_MOST_READERS]


def summary(checked: Iterable[Checked]) -> str:
    """Count contracts and what fails, in one sentence without a full stop: ``2 of 14 contracts fail, in 3 changes``.

    Files of settings, such as ``OrderPlaced.toml``, are checked beside contracts and are not counted as such.
    """
    held = list(checked)
    contracts = [one for one in held if not is_settings(one)]
    failing = [one for one in held if not one.passes]
    broken = [one for one in contracts if not one.passes]
    of_all = counted(len(contracts), "contract")
    passing = f"{of_all} {'passes' if len(contracts) == 1 else 'pass'}"
    if not failing:
        return passing
    verb = "fails" if len(broken) == 1 else "fail"
    sentences = [f"{len(broken)} of {of_all} {verb}" if broken else passing] * bool(contracts)
    if settings := len(failing) - len(broken):
        sentences.append(f"{counted(settings, 'settings file')} {'is' if settings == 1 else 'are'} invalid")
    changes = sum(change.fails for one in failing for change in one.changes)
    issues = sum(len(one.problems) for one in failing)
    parts = [counted(changes, "change")] * bool(changes) + [counted(issues, "issue")] * bool(issues)
    detail = f", in {' and '.join(parts)}" if parts else ""
    return f"{' and '.join(sentences)}{detail}"


def is_settings(checked: Checked) -> bool:
    """Whether it is a file beside the contracts: of an event, a domain or the repository."""
    return checked.file is not None and checked.file.suffix == ".toml"


def counted(count: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
