"""The form of an entry: a rule, and the sentence that tells one finding of it."""

from dataclasses import dataclass

from moorings_compat.findings import Severity
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

MIRROR_OF_ADDED = (
    "None of its own: without the keyword the reader accepts more; the other promise sees this rule again."
)
MIRROR_OF_NARROWED = (
    "None of its own: the opposite change lets the reader accept more; the other promise sees this rule."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """`says` has places for `{where}`, `{name}`, `{reader}` and `{writer}`: values as short JSON."""

    rule: Rule
    says: str


def entry(
    code: str,
    title: str,
    says: str,
    *,
    why: str,
    fix: str,
    source: str,
    example: tuple[str, str],
    mirror: str = "",
) -> Entry:
    """Build one entry; *example* is (writer, reader), the smallest change that fires the rule."""
    added = "ADDED" in code
    rule = Rule(
        code=f"JSON_{code}",
        format=Format.JSON,
        severity=Severity.BREAK,
        title=title,
        why=why,
        fix=fix,
        source=source,
        mirror=mirror or (MIRROR_OF_ADDED if added else MIRROR_OF_NARROWED),
        example=f"writer: {example[0]}  reader: {example[1]}",
    )
    return Entry(rule, says)
