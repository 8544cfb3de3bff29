"""A process that appends until it is killed: `python -m tests.faults.writer URL LOG NAME`.

Every digest that the ledger acknowledged is in LOG, one a line, before the next append begins.
"""

import os
import sys
from itertools import count

from moorings_registry.ledger import LedgerUnavailable, open_ledger
from tests.engines.samples import append_next


def main(url: str, log: str, name: str) -> None:
    """Append for ever; a ledger that is away for a while is tried again."""
    ledger = open_ledger(url)
    acknowledged = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in count():
        try:
            one = append_next(ledger, f"{name}-{number}")
        except LedgerUnavailable:
            continue
        os.write(acknowledged, f"{one.digest}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
