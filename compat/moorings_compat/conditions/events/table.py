"""The table of formats, for events: one line each, imported when it is first needed."""

from importlib import import_module
from typing import Any

from moorings_compat.conditions.events.port import Events, View
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy
from moorings_compat.schema import Format, Schema

_MODULES = {
    Format.AVRO: "moorings_compat.conditions.events.avro",
    Format.JSON: "moorings_compat.conditions.events.json_schema",
    Format.PROTOBUF: "moorings_compat.conditions.events.protobuf",
}


def view_of_given(text: str, reader: Schema, writer: Schema, event: str, policy: Policy) -> View:
    """Read an event that is given as JSON text, written with *writer*, as *reader* sees it.

    Raises:
        EventUnreadable: the writer does not allow it, or the reader cannot read it.
    """
    module: Any = import_module(_MODULES[writer.format])
    view: View = module.view_of_given(text, reader, writer, event, policy)
    return view


def events_of(reader: Schema, writer: Schema, event: str, policy: Policy, budget: Budget) -> Events:
    """Return the events that pass from *writer* to *reader*; *event* names the message of Protobuf.

    Raises:
        BudgetSpent: the budget ended first.
    """
    module: Any = import_module(_MODULES[writer.format])
    events: Events = module.events(reader, writer, event, policy, budget)
    return events
