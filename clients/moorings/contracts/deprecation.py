"""Warns a service, once, that the owner of a contract has deprecated a major."""

import sys
import threading
import warnings
from pathlib import Path


class ContractDeprecated(UserWarning):
    """A service uses a major that its owner has deprecated."""


_PACKAGE = str(Path(__file__).parent.parent)
_warned: set[tuple[str, int]] = set()
_lock = threading.Lock()


def warn_once(subject: str, major: int, sunset: str | None, instead: str = "", page: str = "") -> None:
    """Warn of a deprecated major, once in each process, at the line of the service that asked for it."""
    with _lock:
        if (subject, major) in _warned:
            return
        _warned.add((subject, major))
    until = f"; maintained until {sunset}" if sunset else ""
    use = f"; use {instead} instead" if instead else ""
    message = f"{subject} major {major} is deprecated{until}{use}{f' ({page})' if page else ''}"
    warnings.warn(message, ContractDeprecated, stacklevel=level_outside())


def level_outside() -> int:
    """Count the frames up to the first one outside this package."""
    level, frame = 2, sys._getframe(2)  # noqa: SLF001 - `warnings` skips by file only from Python 3.12 on
    while frame.f_code.co_filename.startswith(_PACKAGE) and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    return level
