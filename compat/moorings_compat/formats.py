"""The table of formats. To add a format, add its folder and one line here.

A format's folder is imported when it is first needed: a process that reads Avro alone pays for Avro alone, and
Protobuf's libraries are an extra that need not be installed.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from moorings_compat.conditions.rules import RULES as CONDITION_RULES
from moorings_compat.consumer_rules import RULES as CONSUMER_RULES
from moorings_compat.errors import ProtobufLibraryMissing
from moorings_compat.findings import Finding
from moorings_compat.limits import DEFAULT_LIMITS, Budget, Limits
from moorings_compat.policies import DEFAULT_DIALECT, DEFAULT_POLICY, Dialect, Policy
from moorings_compat.rules import FORMAT_CHANGED, Rule
from moorings_compat.schema import Format, ResolvedReference, Schema


class FormatParts(Protocol):
    """What the `__init__` of a format's folder exports."""

    RULES: tuple[Rule, ...]

    def parse(self, text: str, references: Sequence[ResolvedReference], limits: Limits, **choices: Any) -> Schema:
        """Read, validate and resolve; `moorings_compat.parse` says what is raised. *choices* are the format's own."""

    def compare(self, reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterable[Finding]:
        """Find everything that the reader cannot read; a spent budget is an UNDECIDED finding and is not raised."""


FOLDERS: dict[Format, str] = {
    Format.AVRO: "moorings_compat.avro",
    Format.JSON: "moorings_compat.json_schema",
    Format.PROTOBUF: "moorings_compat.protobuf",
}


@cache
def format_parts(format: Format) -> FormatParts:
    """Import the folder of *format*, once.

    Raises:
        ProtobufLibraryMissing: Protobuf's libraries are an extra, and are not installed.
    """
    try:
        parts: FormatParts = import_module(FOLDERS[format])  # a module fills the protocol
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] != "google":
            raise
        raise ProtobufLibraryMissing from None
    return parts


def catalogue() -> dict[str, Rule]:
    """Collect every rule of every format, those about conditions, consumers and formats, by its code."""
    rules = (rule for format in FOLDERS for rule in format_parts(format).RULES)
    return {rule.code: rule for rule in (*rules, *CONDITION_RULES, *CONSUMER_RULES, FORMAT_CHANGED)}


def parse(
    text: str,
    format: Format,
    references: Sequence[ResolvedReference] = (),
    limits: Limits = DEFAULT_LIMITS,
    *,
    dialect: Dialect = DEFAULT_DIALECT,
) -> Schema:
    """Parse *text* with its references already resolved.

    A byte order mark at its beginning is not part of it. A JSON Schema whose `$schema` names a dialect of another party
    is read in the draft *dialect*.

    Raises:
        SchemaInvalid, ReferenceMissing, ReferenceCircle, SchemaLimitExceeded: each says where and why.
    """
    choices = {"dialect": dialect} if format is Format.JSON else {}
    return format_parts(format).parse(text.removeprefix("\ufeff"), references, limits, **choices)


def parse_again(schema: Schema, text: str, limits: Limits = DEFAULT_LIMITS) -> Schema:
    """Parse *text*, an edit of *schema*'s, as *schema* was: in its format and dialect, with its references.

    Raises:
        SchemaInvalid, ReferenceMissing, ReferenceCircle, SchemaLimitExceeded: each says where and why.
    """
    dialect = Dialect(schema.dialect or DEFAULT_DIALECT)
    return parse(text, schema.format, schema.references, limits, dialect=dialect)


def can_read(
    reader: Schema,
    writer: Schema,
    policy: Policy = DEFAULT_POLICY,
    budget: Budget | None = None,
) -> tuple[Finding, ...]:
    """Find what *reader* cannot read of what *writer* can write; both have one format.

    Nothing of severity BREAK or UNDECIDED among the findings means: proven compatible.
    """
    if reader == writer:
        return ()
    return tuple(format_parts(reader.format).compare(reader, writer, policy, budget or Budget()))
