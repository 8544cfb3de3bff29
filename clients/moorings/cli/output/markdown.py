"""Markdown, for the summary of a CI job or a comment on a change: a title, a summary, then one section for each
contract that fails."""

from collections.abc import Iterator, Mapping, Sequence

from moorings.cli.check_changes import CheckChange
from moorings.cli.check_findings import CheckFinding, opinion_disagrees, second_opinion_text
from moorings.cli.output.consumer_lines import consumer_lines
from moorings.cli.output.entries import Entry, counted, entries_of, summary
from moorings.cli.results import Checked

_VERDICT_EMOJI = {"breaking": "❌", "invalid": "❌", "undecided": "❓"}
_MOST_NAMED = 30
_READS = {"replay_safe": "a new reader", "consumers_safe": "today's consumer"}


def markdown(checked: Sequence[Checked]) -> str:
    failing = [one for one in checked if not one.passes]
    passing = [one for one in checked if one.passes]
    sign = "❌" if failing else "✅"
    lines = [f"## {sign} Event contracts: {summary(checked)}"]
    for one in failing:
        lines += ["", *_failing(one)]
    for one in passing:
        if any(entries_of(one)) or any(consumer_lines(one)):
            lines += ["", f"### {_inline(one.name)}: passes, with remarks", "", *_entries(one)]
    if passing:
        lines += ["", _passing(passing)]
    return "\n".join(lines)


def markdown_error(message: str) -> str:
    """Write that nothing could be checked, and why."""
    return f"## ❓ Event contracts: not checked\n\n{_inline(message)}"


def _failing(checked: Checked) -> Iterator[str]:
    held = f", held to {checked.level}" if checked.level else ""
    note = f" ({_inline(checked.note)})" if checked.note else ""
    yield f"### {_VERDICT_EMOJI.get(checked.verdict, '')} {_inline(checked.name)}: {checked.verdict}{held}{note}"
    if checked.link:
        yield ""
        yield f"[The report]({checked.link}) has both schemas beside each other."
    yield ""
    yield from _entries(checked)
    if checked.next_major:
        yield f"- or start the next major: {_inline(checked.next_major)}"
    if checked.corrected is not None:
        yield from _corrected(checked.corrected)


def _entries(checked: Checked) -> Iterator[str]:
    for entry in entries_of(checked):
        yield from _entry(entry)
    for line in consumer_lines(checked):
        yield f"- {_inline(line)}"
    harmless = [one for one in checked.changes if not one.findings]
    if harmless and not checked.passes:
        yield f"- also changed, without a finding: {'; '.join(_inline(one.sentence) for one in harmless[:_MOST_NAMED])}"


def _entry(entry: Entry) -> Iterator[str]:
    place = f"{_inline(entry.file.name)}, line {entry.line or 1}"
    change = entry.change
    if change is None:
        advice = " ".join(entry.body)
        yield f"- **{_inline(entry.headline)}** {_inline(advice)} ({place}, {entry.code})"
        return
    codes = ", ".join(change.rules)
    yield f"- **{_inline(entry.headline)}** ({place}). {_inline(change.consequence)} <sub>{codes}</sub>"
    for found in change.shown_by:
        yield from _witness(found)
    yield from _what_to_do(change)


def _what_to_do(change: CheckChange) -> Iterator[str]:
    for one in change.advice:
        yield f"  - {_inline(one)}"


def _witness(found: CheckFinding) -> Iterator[str]:
    if not found.witness:
        return
    encoded = found.witness.get("encoded")
    in_bytes = f" (bytes {_code_span(str(encoded))})" if encoded else ""
    said = f"{_inline(str(found.witness.get('error')))} [{_inline(str(found.witness.get('engine')))}]"
    reader = _READS.get(found.promise, found.promise)
    yield f"  - {reader} gets {_code_span(str(found.witness.get('payload')))}{in_bytes}: {said}"
    if isinstance(opinion := found.witness.get("second_opinion"), Mapping):
        sign = "⚠️ engines disagree" if opinion_disagrees(opinion) else "also run"
        yield f"  - {sign}: {_inline(second_opinion_text(opinion))}"


def _corrected(corrected: Mapping[str, object]) -> Iterator[str]:
    text = str(corrected.get("text", "")).rstrip("\n")
    fence = "```" if "```" not in text else "````"
    yield ""
    yield "<details><summary>A corrected schema that passes</summary>"
    yield ""
    yield f"{fence}\n{text}\n{fence}"
    yield ""
    yield "</details>"


def _passing(passing: Sequence[Checked]) -> str:
    names = [_inline(one.name) + (f" ({_inline(one.note)})" if one.note else "") for one in passing[:_MOST_NAMED]]
    rest = f" and {len(passing) - len(names)} more" if len(passing) > len(names) else ""
    return (
        f"✅ {counted(len(passing), 'contract')} {'passes' if len(passing) == 1 else 'pass'}: {', '.join(names)}{rest}"
    )


def _inline(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;")


def _code_span(text: str) -> str:
    """Fence *text* with more backticks than it has itself."""
    flat = " ".join(text.split())
    return f"`{flat}`" if "`" not in flat else f"{'`' * (flat.count('`') + 1)} {flat} {'`' * (flat.count('`') + 1)}"
