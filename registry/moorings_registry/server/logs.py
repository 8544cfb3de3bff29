"""Structured logs: one JSON object a line, ours and the libraries' alike."""

import logging
import logging.config
import sys
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

from moorings_registry.log_ids import with_ids

Processor = Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]


def _nothing_counted(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return line


_count: Processor = _nothing_counted

_SHARED: list[Any] = [
    with_ids,
    structlog.stdlib.add_log_level,
    lambda logger, method, line: _count(logger, method, line),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


# Without locals: they hold what callers sent.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def count_lines_with(processor: Processor) -> None:
    """Pass each line through *processor* from now on.

    Not before: metrics that workers share may be imported once their folder is chosen, and lines are logged earlier.
    """
    global _count
    _count = processor


def log_config() -> dict[str, Any]:
    """The configuration of standard logging that renders every library's lines as JSON on standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*_SHARED, structlog.stdlib.add_logger_name],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _TRACEBACKS,
                    structlog.processors.JSONRenderer(),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # gunicorn adds handlers of its own to these, which would write each line twice.
            "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "gunicorn.access": {"handlers": [], "level": "WARNING", "propagate": False},
        },
    }


def configure_logs() -> None:
    """Set up structured logging for this process and those that it forks."""
    logging.config.dictConfig(log_config())
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
