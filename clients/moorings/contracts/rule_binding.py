"""Binds the rules of a contract to its writer and reader; `moorings.rules` is imported for the first that has any."""

from importlib import import_module
from typing import TYPE_CHECKING

from moorings.api.responses import Version
from moorings.codecs.failures import MakeInvalid, MakeUnreadable
from moorings.codecs.formats import Reader, Writer
from moorings_compat import Schema

if TYPE_CHECKING:
    from moorings.rules import RuleBook

_RULED = "moorings.rules.ruled"


def ruled_writer(
    inner: Writer, version: Version, schema: Schema, event: str, book: "RuleBook | None", refused: MakeInvalid
) -> Writer:
    """Return a writer that runs the rules of *version* first; *inner* itself if there are none.

    *event* is the event's name, by which Protobuf finds its message.

    Raises:
        ExtraMissing: a rule is written in CEL, and that is not installed.
    """
    if not version.rule_set:
        return inner
    return import_module(_RULED).ruled_writer(inner, version, schema, event, book, refused)  # type: ignore[no-any-return]  # a module loaded by name


def ruled_reader(
    inner: Reader,
    version: Version,
    schema: Schema,
    event: str,
    book: "RuleBook | None",
    unreadable: MakeUnreadable,
    *,
    written_as: str = "",
) -> Reader:
    """Return a reader that runs the rules of *version* afterwards; *inner* itself if there are none.

    *schema* is what events are read as, *written_as* the label of the writer's revision, where it is known.

    Raises:
        ExtraMissing: a rule is written in CEL, and that is not installed.
        Mismatch: the contract has rules that bring an event from that revision's major to this one.
    """
    if not version.rule_set:
        return inner
    import_module(_RULED).refuse_migration(version, written_as)
    return import_module(_RULED).ruled_reader(inner, version, schema, event, book, unreadable)  # type: ignore[no-any-return]
