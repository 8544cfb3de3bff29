"""Contract tests of consumers: an event that has to be readable, and an expression that has to be true of it."""

from moorings_compat.cel.engine import CannotRun
from moorings_compat.cel.expressions import SKIPPED
from moorings_compat.conditions.compiling import compiled
from moorings_compat.conditions.events.port import EventUnreadable
from moorings_compat.conditions.events.table import view_of_given
from moorings_compat.errors import SchemaError
from moorings_compat.policies import Policy
from moorings_compat.schema import Schema

_MOST_SHOWN = 300


def failure(event_text: str, assertion: str, reader: Schema, writer: Schema, event: str, policy: Policy) -> str:
    """Say why a test fails: *reader* does not read the event, written with *writer*, or the assertion is not true.

    Empty where it passes. *event* names the message of Protobuf. No value of the event is repeated.
    """
    if reader.format is not writer.format:
        return f"the event was written as {writer.format}, and is read as {reader.format}"
    try:
        view = view_of_given(event_text, reader, writer, event, policy)
    except (EventUnreadable, SchemaError) as error:
        return str(error)[:_MOST_SHOWN]
    if not assertion:
        return ""
    expression = compiled(assertion)
    if isinstance(expression, str):
        return f"the assertion does not compile: {expression}"
    try:
        found = expression.run({"message": view.message}, view.size)
    except CannotRun as error:
        return f"the assertion cannot be evaluated: {error.reason}"
    return "" if found is True or found is SKIPPED else "the assertion is not true"
