"""Contract tests of consumers: events that a candidate must be able to read, and what is asserted of them."""

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from moorings_compat import Problem, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.json_text import read_json


def uncompilable(where: str, event: str, assertion: str) -> Iterator[Problem]:
    """Find what keeps a test from being run at all: an event that is not JSON, an assertion that is not CEL."""
    try:
        read_json(event)
    except (SchemaInvalid, SchemaLimitExceeded) as error:
        yield Problem(f"{where}/event", f"not JSON: {error}")
    if assertion:
        compiling: Any = import_module("moorings_compat.conditions.compiling")  # the engine, for those who use it
        found = compiling.compiled(assertion)
        if isinstance(found, str):
            yield Problem(f"{where}/assertion", found)


def event_text(event: Any) -> str:
    """Write an event as the JSON text that is kept."""
    return event if isinstance(event, str) else json.dumps(event, ensure_ascii=False, sort_keys=True)
