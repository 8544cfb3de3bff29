"""What each worker process runs: the application, and threads that keep up with other nodes and export to others."""

import sys
import threading

from moorings_registry.app import Application, build_application
from moorings_registry.engines import open_drift, open_lease, open_ledger, open_statuses, open_usage
from moorings_registry.export_statuses import ExportStatuses
from moorings_registry.exporting.runner import Runner
from moorings_registry.http.access_log import AccessLog
from moorings_registry.node_position import NodePosition
from moorings_registry.server.options import Options


def load(options: Options) -> Application:
    """Build the application and load the state; workers that are forked afterwards share its memory."""
    return build_application(
        open_ledger(options.ledger),
        options.settings,
        node_position=NodePosition(options.node_position_path),
        exports=ExportStatuses(open_statuses(options.ledger, options.runtime_path)),
        drift=open_drift(options.ledger),
        usage=open_usage(options.ledger),
        access_log=AccessLog(sys.stdout.fileno() if options.access_log else None),
    )


def keep_up(application: Application, options: Options) -> threading.Event:
    """Start following the ledger, and exporting from it, in threads of this process; setting the event ends them."""
    stop = threading.Event()
    exporter = Runner(application.registry, open_lease(options.ledger, options.runtime_path))
    threading.Thread(target=application.registry.keep_up, args=(stop,), name="keep-up", daemon=True).start()
    threading.Thread(target=exporter.keep_exporting, args=(stop,), name="exporting", daemon=True).start()
    return stop
