"""The worker that delivers: one thread of one worker of one node decides who is due, a few threads send.

A lease sees to it that of all workers and nodes one delivers at a time. One that loses it stops at once; what it may
still be sending then is sent by the other one again.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from moorings_registry.errors import LedgerUnavailable, Refusal
from moorings_registry.exporting.leases import Lease
from moorings_registry.log_ids import background_pass
from moorings_registry.state import Webhook
from moorings_registry.webhooks import metrics
from moorings_registry.webhooks.delivery import Delivery, Surroundings

THREADS = 8
"""Receivers that are sent to at a time: a slow one keeps one thread for ten seconds."""
PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
ELECTION_PAUSE_S = 1.0

log = structlog.get_logger("moorings.webhooks")


class Dispatcher:
    """Serves all webhooks of a registry."""

    def __init__(self, around: Surroundings, lease: Lease) -> None:
        self._around = around
        self._lease = lease
        self._leads = False
        self._deliveries: dict[int, Delivery] = {}
        self._running: dict[int, Future[None]] = {}
        self._pool: ThreadPoolExecutor | None = None

    def keep_delivering(self, stop: threading.Event) -> None:
        """Deliver until *stop* is set, whenever nobody else does; meant for a thread of its own."""
        pause_s = PAUSE_S
        while not stop.wait(pause_s):
            with background_pass("webhooks"):
                pause_s = self._pass()
        self._forget()
        self._lease.release()

    def _pass(self) -> float:
        """Take one turn; seconds until the next one."""
        try:
            return PAUSE_S if self.lead_turn() else ELECTION_PAUSE_S
        except Exception:
            # The thread is the node's only one for it, so it continues: a disk may have been full for a moment.
            log.exception("webhooks_failed")
            return LONGEST_PAUSE_S

    def lead_turn(self) -> bool:
        """Have everybody served who is due, if this worker is the one that delivers; whether it is."""
        self._leads = self._lease.held()
        if self._leads:
            self._turn()
        else:
            self._forget()
        return self._leads

    def _turn(self) -> None:
        """Let each webhook that is due send, on a thread of its own."""
        webhooks = self._around.registry.state.webhooks
        for id in [one for one in self._deliveries if one not in webhooks and self._is_idle(one)]:
            self._deliveries.pop(id).close()
        for webhook in webhooks.values():
            if not self._is_idle(webhook.id):
                continue
            delivery = self._delivery(webhook)
            if delivery.is_due:
                self._running[webhook.id] = self._threads().submit(self._send, delivery)
        metrics.behind(max((one.lag for one in self._deliveries.values()), default=0))

    def wait(self) -> None:
        """Wait until nobody sends any more: for tests, and for an orderly end."""
        for running in list(self._running.values()):
            running.result()

    def _send(self, delivery: Delivery) -> None:
        with background_pass("webhooks"):
            self._send_next(delivery)

    def _send_next(self, delivery: Delivery) -> None:
        try:
            delivery.turn()
        except (LedgerUnavailable, Refusal) as error:
            log.warning("webhook_not_sent", webhook=delivery.webhook.id, cause=str(error))
            delivery.rest()
        except Exception:
            # Whatever it is, it concerns this webhook alone: the others continue.
            log.exception("webhook_not_sent", webhook=delivery.webhook.id)
            delivery.rest()

    def _is_idle(self, id: int) -> bool:
        running = self._running.get(id)
        return running is None or running.done()

    def _delivery(self, webhook: Webhook) -> Delivery:
        known = self._deliveries.get(webhook.id)
        if known is None or known.webhook.begun != webhook.begun:
            if known is not None:
                known.close()
            known = self._deliveries[webhook.id] = Delivery(webhook, self._around, lambda: self._leads)
        known.follow(webhook)
        return known

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
        return self._pool

    def _forget(self) -> None:
        """Stop sending, and forget what is known of the receivers: another worker delivers from now on."""
        self._leads = False
        if self._pool is not None:
            self._pool.shutdown(wait=True)
            self._pool = None
        for delivery in self._deliveries.values():
            delivery.close()
        self._deliveries.clear()
        self._running.clear()
        metrics.behind(0)
