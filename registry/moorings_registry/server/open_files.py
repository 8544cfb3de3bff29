"""How many files a process may have open, and how many of them are left to connections of callers.

The rest is for the ledger, pages and log files: a worker whose callers have taken every file could answer none of them.
"""

import resource
from contextlib import suppress

_OF_A_WORKER = 40
"""What a worker has open when nobody calls."""
_OF_A_THREAD = 4
"""What a request may have open: the ledger, counts, kept checks, records."""
_LEAST_CONNECTIONS = 16


class TooFewFiles(Exception):
    """The limit leaves no room for callers; the text says what to do."""


def raise_limit(threads: int) -> None:
    """Raise the limit of this process, and of those that it starts, as far as it may.

    Raises:
        TooFewFiles
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # some systems take less than they name
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    needed = _reserved(threads) + _LEAST_CONNECTIONS
    if not _is_endless(hard) and hard < needed:
        raise TooFewFiles(
            f"a process may have {hard} files open here, and a worker with {threads} threads needs {needed}. Raise the "
            "limit (`ulimit -Hn`, LimitNOFILE of systemd), or lower --threads"
        )


def most_connections(threads: int) -> int:
    """How many connections of callers a worker with so many threads may have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 30 if _is_endless(soft) else max(1, soft - _reserved(threads))


def _reserved(threads: int) -> int:
    return _OF_A_WORKER + _OF_A_THREAD * threads


def _is_endless(limit: int) -> bool:
    return limit == resource.RLIM_INFINITY
