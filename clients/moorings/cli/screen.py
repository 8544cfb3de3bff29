"""Output for people: coloured in a terminal, plain lines anywhere else."""

import sys
from collections.abc import Mapping, Sequence

import click

from moorings.cli.check_changes import CheckChange
from moorings.cli.check_findings import CheckFinding, opinion_disagrees, second_opinion_text
from moorings.cli.output.consumer_lines import consumer_lines
from moorings.cli.output.entries import counted, failures_first, summary
from moorings.cli.results import REGISTERED_AS, Checked
from moorings.layout.issues import Issue, Weight

_COLOURS = {
    "compatible": "green",
    "clean": "green",
    "breaking": "red",
    "invalid": "red",
    "undecided": "yellow",
    Weight.ERROR: "red",
    Weight.WARNING: "yellow",
    Weight.NOTE: "cyan",
}
_VERDICT_MARKS = {"compatible": "✓", "clean": "✓", "breaking": "✗", "invalid": "✗", "undecided": "?"}
_READS = {
    "replay_safe": "the new schema reads a stored event",
    "consumers_safe": "today's reader gets a new event",
}
_SHOWN_PAYLOAD = 400
_MOST_NAMED = 10


def is_terminal() -> bool:
    """Say whether standard output is a terminal, and not a pipe or a file."""
    return sys.stdout.isatty()


def say(text: str = "", *, colour: str | None = None, bold: bool = False, dim: bool = False) -> None:
    """Write a line to standard output; without colours if it is not a terminal."""
    click.secho(_encodable(text), fg=colour, bold=bold, dim=dim or None)


def complain(text: str) -> None:
    """Write a line to standard error."""
    click.secho(_encodable(text, sys.stderr.encoding), fg="red", err=True)


def show_checked(checked: Sequence[Checked]) -> None:
    """Write contracts with their changes and problems: those that fail first, those that pass in one line."""
    if len(checked) == 1:
        _show_contract(checked[0])
        return
    passing = [one for one in checked if one.passes]
    shown = [one for one in failures_first(checked) if not one.passes or _has_remarks(one)]
    for one in shown:
        _show_contract(one)
    if shown:
        say()
    if passing:
        _show_passing(passing)
    if len(passing) < len(checked) or not checked:
        say(summary(checked), bold=True)


def _has_remarks(one: Checked) -> bool:
    return bool(one.problems) or any(change.findings for change in one.changes) or any(consumer_lines(one))


def _show_passing(passing: Sequence[Checked]) -> None:
    """Count what passes, and name in the same line what was not compared with a registered version."""
    unlike = (one for one in passing if one.note and not one.note.startswith(REGISTERED_AS) and not _has_remarks(one))
    new = [f"{one.name} ({one.note})" for one in unlike]
    rest = f" and {len(new) - _MOST_NAMED} more" if len(new) > _MOST_NAMED else ""
    named = f", among them {', '.join(new[:_MOST_NAMED])}{rest}" if new else ""
    verb = "passes" if len(passing) == 1 else "pass"
    say(f"✓ {counted(len(passing), 'contract')} {verb}{named}", colour="green")


def _show_contract(one: Checked) -> None:
    mark = _VERDICT_MARKS.get(one.verdict, "·")
    extras = ", ".join(filter(None, (one.level, one.note)))
    say(f"{mark} {one.name}: {one.verdict}{f' ({extras})' if extras else ''}", colour=_COLOURS.get(one.verdict))
    _show_found(one)
    harmless = [change for change in one.changes if not change.findings]
    if harmless and not one.passes:
        say("    also changed, without a finding:")
        for change in harmless:
            say(f"        {change.sentence}")
    for line in consumer_lines(one):
        say(f"    {line}")
    if any(change.fails for change in one.changes):
        _show_ways(one)
    if one.link:
        say(f"    report: {one.link}")


def _show_found(one: Checked) -> None:
    """Write the errors, then the changes, and then what is only worth a look."""
    errors = [issue for issue in one.problems if issue.weight is Weight.ERROR]
    for issue in errors:
        show_issue(issue, indent="    ")
    seen: set[tuple[str, ...]] = set()
    for change in one.changes:
        if change.findings:
            _show_change(change, seen)
    for issue in one.problems:
        if issue not in errors:
            show_issue(issue, indent="    ")


def _show_ways(one: Checked) -> None:
    """Write the ways out that concern the contract as a whole."""
    if one.corrected is not None and one.file is not None:
        say("    a corrected schema passes: moorings fix shows it and writes it", colour="green")
    if one.next_major:
        say(f"    or start the next major: {one.next_major}", colour="green")


def show_issue(issue: Issue, indent: str = "") -> None:
    """Write an issue as ``FILE:LINE:COLUMN: CODE: message``, which editors follow, and the advice below it."""
    place = f":{issue.line}:{issue.column or 1}" if issue.line else ""
    say(f"{indent}{issue.file}{place}: {issue.code}: {issue.message}", colour=_COLOURS[issue.weight])
    if issue.advice:
        say(f"{indent}    {issue.advice}")


def _show_change(change: CheckChange, seen: set[tuple[str, ...]]) -> None:
    """Write a change; *seen* are the payloads of the contract that were written already, each once."""
    place = change.position
    position = f" (line {place.line}, column {place.column})" if place and change.candidate_path else ""
    colour = _COLOURS[change.weight]
    say(f"    {change.sentence}{position}", colour=colour, bold=True)
    if change.consequence:
        say(f"        {change.consequence}", colour=colour)
    for found in change.shown_by:
        if _payload_of(found) in seen:
            say(f"        {_READS.get(found.promise, found.promise)}: the payload above shows it", colour="cyan")
        else:
            _show_witness(found)
        seen.add(_payload_of(found))
    if not change.shown_by:
        for detail in change.details:
            say(f"        {detail}")
    for advice in change.advice:
        if advice == change.caution:
            say(f"        {advice}", colour="yellow")
        else:
            say(f"        - {advice}", colour="green" if change.ways else None)
    say(f"        rules: {', '.join(change.rules)}", dim=True)


def _payload_of(found: CheckFinding) -> tuple[str, ...]:
    witness = found.witness or {}
    return found.version, found.promise, str(witness.get("payload", "")), str(witness.get("encoded", ""))


def _show_witness(found: CheckFinding) -> None:
    assert found.witness is not None
    say(f"        compared with {found.version}: {_READS.get(found.promise, found.promise)}")
    say(f"        payload:  {_short_payload(str(found.witness.get('payload', '')))}", colour="cyan")
    if found.witness.get("encoded"):
        say(f"        bytes:    {_short_payload(str(found.witness['encoded']))}", colour="cyan")
    say(f"        answer:   {found.witness.get('error', '')}  [{found.witness.get('engine', '')}]", colour="cyan")
    if isinstance(opinion := found.witness.get("second_opinion"), Mapping):
        label, colour = ("disagrees:", "yellow") if opinion_disagrees(opinion) else ("also run: ", "cyan")
        say(f"        {label} {second_opinion_text(opinion)}", colour=colour)


def _short_payload(text: str) -> str:
    return text if len(text) <= _SHOWN_PAYLOAD else text[:_SHOWN_PAYLOAD] + "…"


def _encodable(text: str, encoding: str | None = None) -> str:
    """Replace characters that the terminal's encoding lacks."""
    name = encoding or sys.stdout.encoding or "utf-8"
    return text.encode(name, "replace").decode(name)
