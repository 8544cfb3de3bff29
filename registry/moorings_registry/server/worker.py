"""What each worker process runs: the application, and threads that keep up with other nodes, export and deliver."""

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from moorings_registry.access_evidence import keep_evidence
from moorings_registry.app import Application, build_application
from moorings_registry.callers import Caller
from moorings_registry.commands import NO_ISSUERS, ConfigureIssuers
from moorings_registry.engines import access_path, open_lease, open_records, open_side_stores
from moorings_registry.errors import Refusal, UsageUnavailable
from moorings_registry.exporting.leases import DELIVERING, FileLease
from moorings_registry.exporting.runner import Runner
from moorings_registry.http.access_log import AccessLog
from moorings_registry.http.base_metrics import BaseMetrics
from moorings_registry.http.failure_limit import FailureLimit
from moorings_registry.http.log_metrics import count_line
from moorings_registry.http.operations import of_worker
from moorings_registry.http.token_authentication import TrustedProxies
from moorings_registry.issuers import Issuers, Trust
from moorings_registry.ledger import Ledger
from moorings_registry.log_ids import background_pass, current_correlation_id
from moorings_registry.node_position import NodePosition
from moorings_registry.own_keys import OwnKeys
from moorings_registry.principals import Principal
from moorings_registry.server.base_writing import open_bases
from moorings_registry.server.keeping_bases import keep_bases
from moorings_registry.server.loading import collect_seldom, without_collection
from moorings_registry.server.logs import count_lines_with
from moorings_registry.server.options import Options
from moorings_registry.service import Registry
from moorings_registry.sunset_reminders import keep_reminding
from moorings_registry.telemetry.environment import wanted
from moorings_registry.webhooks.dispatcher import Dispatcher

if TYPE_CHECKING:
    from moorings_registry.telemetry.running import Running

log = structlog.get_logger("moorings.server")


def load(options: Options, ledger: Ledger) -> Application:
    """Build the application on *ledger* and load the state; workers that are forked afterwards share its memory.

    Raises:
        IssuersInvalid, VerbMissing
    """
    count_lines_with(count_line)
    with background_pass("start"):
        return _loaded(options, ledger)


def _loaded(options: Options, ledger: Ledger) -> Application:
    trust = Trust(Path(options.issuers)) if options.issuers else None
    with without_collection():
        if wanted():
            import moorings_registry.telemetry.running  # noqa: F401 - an extra; here, workers share its code
        application = _build(options, ledger, trust)
    record_issuers(application, trust.issuers if trust else NO_ISSUERS)
    return application


def _build(options: Options, ledger: Ledger, trust: Trust | None) -> Application:
    records, own_keys = open_records(options.ledger), None
    if options.public_url:
        own_keys = OwnKeys(options.public_url, records, rotation_s=options.rotate_keys_s)
        own_keys.maintain()
    return build_application(
        ledger,
        options.settings,
        node_position=NodePosition(options.node_position_path),
        stores=open_side_stores(options.ledger, options.runtime_path),
        access_log=AccessLog(sys.stdout.fileno() if options.access_log else None),
        access_path=access_path(options.ledger),
        trust=trust,
        own_keys=own_keys,
        records=records,
        failures=FailureLimit(options.runtime_path / "failures") if trust else None,
        proxies=TrustedProxies(frozenset(options.proxy_users), options.proxy_certificate_header),
        bases=open_bases(options, ledger, BaseMetrics()),
    )


def record_issuers(application: Application, issuers: Issuers) -> None:
    """Write to the ledger whom this node trusts, if that is news."""
    caller = Caller(Principal("moorings-registry"), current_correlation_id())
    try:
        application.registry.execute(ConfigureIssuers(issuers), caller)
    except Refusal as refusal:
        # Sign-in works nevertheless; the next start or change records it.
        log.warning("issuers_not_recorded", cause=str(refusal))


def begin_last_uses(registry: Registry) -> None:
    """Note since when last uses are known, if nothing did: otherwise the first report or question does."""
    with background_pass("last-uses"):
        try:
            registry.usage.last.since(registry.now())
        except UsageUnavailable as error:
            log.warning("last_uses_not_begun", cause=str(error))


_telemetry: "Running | None" = None


def begin_telemetry(application: Application, options: Options) -> None:
    """Export spans and metrics from this worker, if the environment says where to."""
    global _telemetry
    if wanted():
        from moorings_registry.telemetry.running import Running  # an extra

        _telemetry = Running(lambda: of_worker(application.registry, application.trust), options.runtime_path)


def end_telemetry() -> None:
    """Send what is left, within a bound."""
    if _telemetry is not None:
        _telemetry.stop()


def keep_up(application: Application, options: Options) -> threading.Event:
    """Start following the ledger, exporting from it and delivering, in threads; setting the event ends them."""
    collect_seldom()
    begin_telemetry(application, options)
    stop = threading.Event()
    lease = open_lease(options.ledger, options.runtime_path)
    exporter = Runner(application.registry, lease, own_keys=application.own_keys)
    threading.Thread(target=application.registry.keep_up, args=(stop,), name="keep-up", daemon=True).start()
    threading.Thread(target=exporter.keep_exporting, args=(stop,), name="exporting", daemon=True).start()
    evidence = (application.registry, stop)
    threading.Thread(target=keep_evidence, args=evidence, name="access", daemon=True).start()
    threading.Thread(target=keep_reminding, args=evidence, name="reminders", daemon=True).start()
    threading.Thread(target=begin_last_uses, args=(application.registry,), name="last-uses", daemon=True).start()
    if application.registry.bases is not None:
        lease = FileLease(options.runtime_path / "bases")
        keeping = (application.registry, lease, options.base_entries, stop)
        threading.Thread(target=keep_bases, args=keeping, name="bases", daemon=True).start()
    if application.own_keys is not None:
        application.own_keys.maintain()  # a worker that takes the place of another one has the key of the start
        threading.Thread(target=application.own_keys.keep_fresh, args=(stop,), name="own-keys", daemon=True).start()
    if application.webhooks is not None:
        lease = open_lease(options.ledger, options.runtime_path, DELIVERING)
        dispatcher = Dispatcher(application.webhooks, lease)
        threading.Thread(target=dispatcher.keep_delivering, args=(stop,), name="webhooks", daemon=True).start()
    if application.trust is not None:
        watching = (stop, lambda issuers: record_issuers(application, issuers))
        threading.Thread(target=application.trust.keep_fresh, args=watching, name="issuers", daemon=True).start()
    return stop
