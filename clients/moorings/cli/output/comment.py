"""The text of one comment on a change, which a job rewrites at each run: Markdown within the forge's limit.

Its first line is hidden, and is how a job finds the comment that it wrote before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from moorings.cli.output.markdown import markdown, markdown_error
from moorings.cli.results import Checked

MARKER = "<!-- moorings -->"
LONGEST_COMMENT = 60_000
"""Bytes; GitHub takes 65,536 characters of a comment."""
LONGEST_SUMMARY = 900_000
"""Bytes; GitHub takes a summary of 1 MiB."""
_SHORTENED = "Shortened: the log and the reports of the job have everything."


def comment(checked: Sequence[Checked], compared_with: str, most_bytes: int = LONGEST_COMMENT) -> str:
    """Write what was found in at most *most_bytes*: details of later contracts are dropped first."""
    head, tail = f"{MARKER}\n", f"\n\n{compared_with}"
    room = most_bytes - len((head + tail + _SHORTENED).encode()) - 2
    whole = markdown(checked)
    if _fits(whole, room):
        return f"{head}{whole}{tail}"
    shorter = next((text for text in _shorter(checked) if _fits(text, room)), whole.partition("\n")[0])
    return f"{head}{shorter}\n\n{_SHORTENED}{tail}"


def comment_of_error(message: str) -> str:
    """Write why nothing could be checked, so that an earlier comment does not stay."""
    return f"{MARKER}\n{markdown_error(message[: LONGEST_COMMENT // 8])}"


def _fits(text: str, room: int) -> bool:
    return len(text.encode()) <= room


def _shorter(checked: Sequence[Checked]) -> Iterator[str]:
    plain = [replace(one, corrected=None) for one in checked]
    yield markdown(plain)
    detailed = [index for index, one in enumerate(plain) if one.problems or one.changes or one.consumers]
    kept = len(detailed)
    while kept:
        kept //= 2
        bare = set(detailed[kept:])
        yield markdown([_bare(one) if index in bare else one for index, one in enumerate(plain)])


def _bare(checked: Checked) -> Checked:
    """Leave the verdict alone; its contract is listed without details."""
    return replace(checked, problems=(), changes=(), findings=(), consumers=(), next_major="")
