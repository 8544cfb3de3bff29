"""What each worker process runs: the application, and a thread that keeps up with other nodes."""

import sys
import threading

from moorings_registry.app import Application, build_application
from moorings_registry.board import Board
from moorings_registry.http.observing import AccessLog
from moorings_registry.ledger import open_ledger
from moorings_registry.server.options import Options


def load(options: Options) -> Application:
    """Build the application and load the state; workers that are forked afterwards share its memory."""
    return build_application(
        open_ledger(options.ledger),
        options.settings,
        board=Board(options.board_path),
        access_log=AccessLog(sys.stdout.fileno() if options.access_log else None),
    )


def keep_up(application: Application) -> threading.Event:
    """Start following the ledger in a thread of this process; setting the event ends it."""
    stop = threading.Event()
    threading.Thread(target=application.registry.keep_up, args=(stop,), name="keep-up", daemon=True).start()
    return stop
