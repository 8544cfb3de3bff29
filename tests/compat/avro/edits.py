"""Applying a suggestion: the three operations of RFC 6902 that suggestions use, on a text as JSON."""

import copy
import json
from typing import Any

from moorings_compat import Suggestion


def applied(value: Any, suggestion: Suggestion) -> Any:
    """Return a copy of *value* with *suggestion* applied."""
    holder = {"root": copy.deepcopy(value)}
    steps = ["root", *(step.replace("~1", "/").replace("~0", "~") for step in suggestion.path.split("/")[1:])]
    owner: Any = holder
    for step in steps[:-1]:
        owner = owner[int(step)] if isinstance(owner, list) else owner[step]
    last, put = steps[-1], json.loads(suggestion.value)
    if isinstance(owner, dict):
        assert suggestion.action == "add" or last in owner
        owner[last] = put
    elif suggestion.action == "add":
        owner.insert(len(owner) if last == "-" else int(last), put)
    else:
        owner[int(last)] = put
    return holder["root"]
