"""The ids that lines of the log have: of the request, or of the pass of a background thread, that is worked for here.

One context variable, read when a line is logged: a request that logs nothing pays for setting it, and no more.
"""

import random
from collections.abc import MutableMapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any, Self

_CURRENT: ContextVar["LogIds | None"] = ContextVar("moorings_log_ids", default=None)


class LogIds:
    """Whatever is logged within has these ids; entered once, in one thread, and seen by copies of its context."""

    __slots__ = ("_token", "correlation_id", "task", "trace_id")

    def __init__(self, correlation_id: str, trace_id: str = "", task: str = "") -> None:
        self.correlation_id = correlation_id
        self.trace_id = trace_id
        self.task = task
        """The background thread that this is for; empty for a request."""
        self._token: Token[LogIds | None] | None = None

    def __enter__(self) -> Self:
        self._token = _CURRENT.set(self)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        assert self._token is not None
        _CURRENT.reset(self._token)


def current_correlation_id() -> str:
    """The correlation id of what is worked for here; empty for nothing of the kind."""
    ids = _CURRENT.get()
    return "" if ids is None else ids.correlation_id


def new_correlation_id() -> str:
    """A random one: it tells requests apart, hides nothing, and asks the kernel for nothing."""
    return f"{random.getrandbits(128):032x}"


def background_pass(task: str) -> LogIds:
    """One pass of a background thread: its lines, and the entries that it leads to, have an id of their own."""
    return LogIds(new_correlation_id(), task=task)


def with_ids(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the ids to a line; what it says itself stays. A processor of structlog."""
    ids = _CURRENT.get()
    if ids is not None:
        line.setdefault("correlation_id", ids.correlation_id)
        if ids.trace_id:
            line.setdefault("trace_id", ids.trace_id)
        if ids.task:
            line.setdefault("task", ids.task)
    return line
