"""Metrics of the log: how many lines of a warning or worse there were. An alert on them needs no reader of logs."""

import re
from collections.abc import MutableMapping
from typing import Any

from prometheus_client import Counter

LINES = Counter("moorings_log_lines", "Lines of the log that warn, or tell of an error.", ["level", "event"])
LEVELS = ("warning", "error", "critical")
LIBRARY = "(library)"
"""What stands for the texts of libraries, of which there may be any number."""
_EVENT = re.compile(r"[a-z][a-z_]{2,59}")
"""Our own events are written so, in the code."""


def count_line(_logger: Any, method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Count a line that warns; a processor of structlog, after the one that adds the level."""
    level = line.get("level", method)
    if level in LEVELS:
        event = str(line.get("event", ""))
        LINES.labels(level, event if _EVENT.fullmatch(event) else LIBRARY).inc()
    return line
