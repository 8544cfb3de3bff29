"""Reports of a replay, as JSON and as Markdown; pointers, rules and counts, never a value."""

from dataclasses import asdict, dataclass
from typing import Any

from moorings.replay.replay_run import ReplayResult
from moorings.replay.tally import FailureCount


@dataclass(frozen=True, slots=True)
class About:
    """The archive, event and reader of a replay."""

    archive: str
    kind: str
    event: str
    reader: str
    reader_guid: str | None


def replay_json(about: About, replayed: ReplayResult) -> dict[str, Any]:
    """Return the whole report; keys never change their meaning."""
    tally = replayed.tally
    return {
        "archive": {"name": about.archive, "kind": about.kind},
        "event": about.event,
        "reader": {"label": about.reader, "guid": about.reader_guid},
        "events": tally.events,
        "readable": tally.readable,
        "unreadable": tally.unreadable,
        "tombstones": tally.tombstones,
        "damaged": tally.damaged,
        "complete": replayed.complete,
        "resumed": replayed.resumed,
        "writers": [{"writer": name, **asdict(one)} for name, one in sorted(tally.writers.items())],
        "failures": [asdict(one) for one in most_frequent(replayed)],
        "damages": [asdict(one) for one in tally.damages],
    }


def replay_markdown(about: About, replayed: ReplayResult, most: int) -> str:
    """Return a report for a pull request; *most* failures are listed."""
    tally = replayed.tally
    lines = [
        f"### {_code_span(about.event)} read as {_code_span(about.reader)}: {verdict(replayed)}",
        "",
        f"{tally.readable:,} of {tally.events:,} events in {_code_span(about.archive)} can be read.",
        "",
        "| written with | readable | unreadable |",
        "|---|--:|--:|",
        *(
            f"| {_code_span(name)} | {one.readable:,} | {one.unreadable:,} |"
            for name, one in sorted(tally.writers.items())
        ),
    ]
    failures = most_frequent(replayed)
    if failures:
        lines += ["", "| place | rule | written with | events | first | |", "|---|---|---|--:|---|---|"]
        lines += [
            f"| {_code_span(one.path or 'the event')} | {_code_span(one.rule)} | {_code_span(one.writer)} "
            f"| {one.count:,} | {_escaped_text(one.first)} | {_escaped_text(one.reason)} |"
            for one in failures[:most]
        ]
        if len(failures) > most:
            lines += ["", f"and {more_kinds(len(failures) - most)}"]
    lines += [f"\n- damaged: {_escaped_text(one.place)}: {_escaped_text(one.reason)}" for one in tally.damages[:most]]
    return "\n".join(lines) + "\n"


def more_kinds(number: int) -> str:
    """What is said of the failures that are not listed: ``2 more kinds of failures``."""
    return "1 more kind of failure" if number == 1 else f"{number} more kinds of failures"


def most_frequent(replayed: ReplayResult) -> list[FailureCount]:
    """Return the failures, the most frequent first."""
    return sorted(replayed.tally.failures.values(), key=lambda one: (-one.count, one.writer, one.path, one.rule))


def verdict(replayed: ReplayResult) -> str:
    """Return the verdict in a few words."""
    tally = replayed.tally
    if not tally.events and not tally.damaged:
        return "no events"
    said = [f"{tally.unreadable:,} unreadable"] if tally.unreadable else []
    said += [f"{tally.damaged:,} damaged"] if tally.damaged else []
    said += [] if replayed.complete else ["stopped before its end"]
    return ", ".join(said) or "all readable"


def _code_span(text: str) -> str:
    return "`" + text.replace("`", "'").replace("|", "\\|").replace("\n", " ") + "`"


def _escaped_text(text: str) -> str:
    shown = "".join(f"\\{letter}" if letter in "\\`*_{}[]<>#|" else letter for letter in text)
    return shown.replace("\n", " ")
