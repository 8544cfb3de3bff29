"""An entry of the catalogue: a rule, the sentence that reports one finding of it, and whether LENIENT tolerates it.

LENIENT is Confluent's `compatibilityPolicy` of that name. It bets that producers never sent names that their schema
did not declare: properties may be added to open objects if they are optional or have a default, and removed from
closed ones, and the schema for further properties may be narrowed. Every finding that it tolerates keeps its witness.
"""

from dataclasses import dataclass

from moorings_compat.findings import Severity
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

LENIENT = "LENIENT"
MIRROR_OF_ADDED = (
    "None of its own: without the keyword the reader accepts more; this rule reports it for the other promise."
)
MIRROR_OF_NARROWED = (
    "None of its own: the opposite change lets the reader accept more; this rule reports it for the other promise."
)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """`says` can use the location (`{where}`, `{of}`, `{for_}`), `{name}` and short values (`{reader}`, `{writer}`)."""

    rule: Rule
    says: str
    lenient: bool
    """LENIENT tolerates every finding of the rule."""

    def is_tolerated(self, *, about_undeclared: bool, required_with_default: bool) -> bool:
        """Say whether LENIENT tolerates a finding of this rule.

        *about_undeclared*: it lies within what `additionalProperties` or `unevaluatedProperties` say.
        *required_with_default*: the property is new to the writer's open object, and the reader gives it a default.
        """
        if self.rule.code == "JSON_PROPERTY_REQUIRED_ADDED":
            return required_with_default
        return about_undeclared or self.lenient


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
    lenient: bool = False,
) -> CatalogueEntry:
    """Build one entry; *example* is (writer, reader), the smallest change that fires the rule."""
    rule = Rule(
        code=code,
        format=Format.JSON,
        severity=Severity.BREAK,
        title=title,
        why=why,
        fix=fix,
        source=source,
        mirror=mirror or (MIRROR_OF_ADDED if "ADDED" in code else MIRROR_OF_NARROWED),
        example=f"writer: {example[0]}  reader: {example[1]}",
    )
    return CatalogueEntry(rule, says, lenient)
