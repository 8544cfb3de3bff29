"""Writing a base in a process of its own: `python -m moorings_registry.server.base_writing`, which a worker starts.

It has the options of the service in its environment, low priority, and no part of the worker's memory. It prints what
came of it as one line of JSON, a `Told`.
"""

import gc
import os
import sys
from pathlib import Path

import msgspec
import structlog

from moorings_registry.bases import BaseFolder, BaseObserver, NotStorable, WrittenBase, fold_version
from moorings_registry.engines import bases_path, engine_of, open_ledger
from moorings_registry.ledger import Ledger, LedgerError
from moorings_registry.log_ids import background_pass
from moorings_registry.server.logs import configure_logs
from moorings_registry.server.options import Options, options_from_environment

NICENESS = 19
FAILED = 1

log = structlog.get_logger("moorings.bases")


def open_bases(options: Options, ledger: Ledger, observer: BaseObserver | None = None) -> BaseFolder | None:
    """The bases of *ledger*; None where none are kept, as for one that ends with its process."""
    path = Path(options.base_folder) if options.base_folder else bases_path(options.ledger)
    if path is None or options.base_entries == 0 or not engine_of(options.ledger).shared:
        return None
    if not fold_version():
        log.warning("no_bases", cause="the sources of the registry are not here, so nobody knows what wrote a base")
        return None
    return BaseFolder(path, ledger, fold_version(), most_bytes=options.base_bytes, observer=observer)


class Told(msgspec.Struct):
    """What a writer says to the worker that started it."""

    written: WrittenBase | None = None
    """None where nothing was written: too few entries have come, or another process is writing."""
    failure: str = ""
    """Why it could not be written."""
    thrown_away: int = 0
    """Bases that it could not use, and removed."""


class _Counted:
    """Counts the bases that were thrown away."""

    number = 0

    def thrown_away(self) -> None:
        self.number += 1


def main() -> int:
    """Write a base of all that the ledger has; 1 where that fails."""
    configure_logs()
    os.nice(NICENESS)
    gc.disable()
    options, counted, told = options_from_environment(), _Counted(), Told()
    with background_pass("bases"):
        try:
            folder = open_bases(options, open_ledger(options.ledger, create=False), counted)
            told.written = folder.bring_up_to_date(least_entries=options.base_entries) if folder else None
        except (OSError, LedgerError, NotStorable) as error:
            told.failure = str(error)
    told.thrown_away = counted.number
    sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    return FAILED if told.failure else 0


if __name__ == "__main__":
    sys.exit(main())
