"""Output for people: coloured in a terminal, plain lines anywhere else."""

import sys
from collections.abc import Mapping, Sequence

import click

from moorings.cli.results import Checked, CheckFinding, opinion_disagrees, second_opinion_text
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
_PROMISES = {
    "replay_safe": "new readers of stored events",
    "consumers_safe": "today's readers of new events",
}
_BROKEN_PROMISES = {
    "replay_safe": "the new schema cannot read events already stored",
    "consumers_safe": "today's readers cannot read events of the new schema",
}
_SHOWN_PAYLOAD = 400


def is_terminal() -> bool:
    return sys.stdout.isatty()


def say(text: str = "", *, colour: str | None = None, bold: bool = False) -> None:
    """Write a line to standard output; without colours if it is not a terminal."""
    click.secho(_encodable(text), fg=colour, bold=bold)


def complain(text: str) -> None:
    """Write a line to standard error."""
    click.secho(_encodable(text, sys.stderr.encoding), fg="red", err=True)


def show_checked(checked: Sequence[Checked]) -> None:
    """Write each contract with its verdict, findings and problems."""
    for one in checked:
        mark = _VERDICT_MARKS.get(one.verdict, "·")
        extras = ", ".join(filter(None, (one.level, one.note)))
        say(f"{mark} {one.name}: {one.verdict}{f' ({extras})' if extras else ''}", colour=_COLOURS.get(one.verdict))
        for issue in one.problems:
            show_issue(issue, indent="    ")
        for found in one.findings:
            _show_finding(found)
    counts = {
        verdict: sum(one.verdict == verdict for one in checked) for verdict in dict.fromkeys(c.verdict for c in checked)
    }
    if len(checked) > 1:
        say()
        say(", ".join(f"{count} {verdict}" for verdict, count in counts.items()), bold=True)


def show_issue(issue: Issue, indent: str = "") -> None:
    place = f":{issue.line}:{issue.column or 1}" if issue.line else ""
    say(f"{indent}{issue.file}{place}: {issue.code}: {issue.message}", colour=_COLOURS[issue.weight])
    if issue.advice:
        say(f"{indent}    {issue.advice}")


def _show_finding(found: CheckFinding) -> None:
    place = found.candidate_position
    position = f" (line {place.line}, column {place.column})" if place and found.candidate_path else ""
    head = f"    {found.rule} at {found.candidate_path or 'the whole schema'}{position}, compared with {found.version}"
    tolerated = f" [tolerated by {found.tolerated_by}]" if found.tolerated_by else ""
    is_break = found.severity == "break" and not found.tolerated_by
    promise = (_BROKEN_PROMISES if is_break else _PROMISES).get(found.promise, found.promise)
    say(f"{head}: {promise}{tolerated}", colour="red" if is_break else "yellow", bold=True)
    say(f"        {found.message}")
    say(f"        {found.advice}")
    if found.witness:
        _show_witness(found)
    if found.suggestion:
        say(f"        suggestion: {found.suggestion.get('title')}", colour="green")


def _show_witness(found: CheckFinding) -> None:
    assert found.witness is not None
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
