"""Writing a base in a process of its own: `python -m moorings_registry.server.base_writing`, which a worker starts.

It has the options of the service in its environment, low priority, and no part of the worker's memory. It prints what
it wrote as one line of JSON; nothing where another process is writing.
"""

import gc
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import structlog

from moorings_registry.bases import BaseFolder, BaseObserver, NotStorable, fold_version
from moorings_registry.engines import bases_path, open_ledger
from moorings_registry.ledger import Ledger, LedgerError
from moorings_registry.log_ids import background_pass
from moorings_registry.server.logs import configure_logs
from moorings_registry.server.options import Options, options_from_environment

NICENESS = 19
FAILED = 1

log = structlog.get_logger("moorings.bases")


def open_bases(options: Options, ledger: Ledger, observer: BaseObserver | None = None) -> BaseFolder | None:
    """The bases of *ledger*; None where none are kept."""
    path = Path(options.base_folder) if options.base_folder else bases_path(options.ledger)
    if path is None or options.base_entries == 0:
        return None
    if not fold_version():
        log.warning("no_bases", cause="the sources of the registry are not here, so nobody knows what wrote a base")
        return None
    return BaseFolder(path, ledger, fold_version(), observer=observer)


def main() -> int:
    """Write a base of all that the ledger has; 1 where that fails."""
    configure_logs()
    os.nice(NICENESS)
    gc.disable()
    options = options_from_environment()
    with background_pass("bases"):
        return _write(options)


def _write(options: Options) -> int:
    try:
        folder = open_bases(options, open_ledger(options.ledger, create=False))
        written = folder.bring_up_to_date(least_entries=options.base_entries) if folder else None
    except (OSError, LedgerError, NotStorable) as error:
        log.error("base_not_written", cause=str(error))
        return FAILED
    if written is not None:
        sys.stdout.write(json.dumps(asdict(written)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
