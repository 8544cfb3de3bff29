"""One webhook at work: what is next for it is found in the ledger, sent, and noted, one event after another.

Whatever happens between sending and noting, the event is sent again, so a receiver gets each at least once, and in
order: nothing is sent before what precedes it was taken, or given up and noted as a dead letter.
"""

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import islice
from urllib.parse import urlsplit

import structlog

from moorings_registry.access import Access, Node, lasting_access, may_subscribe
from moorings_registry.callers import Caller
from moorings_registry.commands import RecordDelivery, RemoveWebhook, addresses_allowed
from moorings_registry.entries import Entry
from moorings_registry.errors import WebhookNotFound
from moorings_registry.log_ids import LogIds, current_correlation_id
from moorings_registry.principals import Principal
from moorings_registry.receiver_addresses import AllowedAddresses
from moorings_registry.registry_events import Describe, RegistryEvent, events_of, reader_of_node
from moorings_registry.service import Registry
from moorings_registry.state import State, Webhook
from moorings_registry.tracing import Span, client_span
from moorings_registry.webhook_progress import DeadLetter, Progress
from moorings_registry.webhooks import metrics
from moorings_registry.webhooks.cloud_events import TESTED, TYPE_PREFIX, VERSION, attributes_of, data_of, write
from moorings_registry.webhooks.connecting import Resolve
from moorings_registry.webhooks.pace import Pace
from moorings_registry.webhooks.sending import TIMEOUT_S, Answer, Fate, Sender
from moorings_registry.webhooks.signing import Signer

ENTRIES_AT_A_TIME = 200
TURN_S = 5.0
"""How long one webhook may send before others have their turn."""
REST_S = 5.0
RECORDED_EVERY = 1_000
"""Entries between two records of a webhook's position in the ledger."""
_CALLER = Principal("moorings-webhooks")
NO_RIGHT = "its author may no longer know what happens there"

log = structlog.get_logger("moorings.webhooks")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all webhooks of a registry have in common."""

    registry: Registry
    signer: Signer
    describe: Describe
    url: str
    """The address by which callers know the registry: what events name as their `source`, and where links lead."""
    pace: Pace = field(default_factory=Pace)
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    timeout_s: float = TIMEOUT_S
    resolve: Resolve = socket.getaddrinfo

    def sender(self, url: str) -> Sender:
        """What sends to *url*."""
        return Sender(url, self.signer, wall_clock=self.wall_clock, timeout_s=self.timeout_s, resolve=self.resolve)


class Delivery:
    """One webhook, from where it is known to have been. Used by one thread at a time."""

    def __init__(self, webhook: Webhook, around: Surroundings, may_send: Callable[[], bool]) -> None:
        """*may_send* tells whether this worker is still the one that delivers."""
        self.webhook = webhook
        self._around = around
        self._registry = around.registry
        self._may_send = may_send
        self._sender = around.sender(webhook.url)
        self.progress = self._registry.webhooks.of(webhook)
        self._recorded = webhook.advanced
        self._attempts = 0
        """At the event that is next."""
        self._not_before = 0.0

    def close(self) -> None:
        self._sender.close()

    @property
    def is_due(self) -> bool:
        """Whether there may be something to do now."""
        if self._around.clock() < self._not_before:
            return False
        has_work = self.progress.position < self._registry.known.position or bool(self.progress.again)
        return has_work or self.webhook.retried != self.progress.retried or bool(self.progress.stopped)

    @property
    def lag(self) -> int:
        """Entries of the ledger that have not been processed."""
        return max(0, self._registry.known.position - self.progress.position)

    def follow(self, webhook: Webhook) -> None:
        """Continue with *webhook* as it is now: somebody may have asked for its dead letters."""
        self.webhook = webhook

    def rest(self) -> None:
        """Wait a moment: something other than the receiver failed."""
        self._not_before = self._around.clock() + REST_S

    def turn(self) -> None:
        """Send what is next, until nothing is left, something fails, or others have to have their turn."""
        until = self._around.clock() + TURN_S
        self._grant_wish()
        while self._may_send() and self._around.clock() < until:
            if not self._step():
                return

    def _grant_wish(self) -> None:
        """Line up the dead letters where somebody asked for them."""
        if self.webhook.retried > self.progress.retried:
            again = (*self.progress.again, *self.progress.dead)
            self._not_before, self._attempts = 0.0, 0
            self._note(replace(self.progress, retried=self.webhook.retried, dead=(), again=again))

    def _step(self) -> bool:
        """Process the next dead letter that is to be sent again, or with the next entries; False to stop for now."""
        access = self._access()
        if access is None:
            return False
        if self.progress.again:
            return self._again(self.progress.again[0], access)
        entries = list(islice(self._registry.entries(self.progress.position), ENTRIES_AT_A_TIME))
        if not entries:
            return False
        state = self._registry.state_at_least(entries[-1].position)
        for entry in entries:
            if not self._may_send() or not self._deliver_entry(entry, state, access):
                return False
        self._note(self.progress)
        self._record()
        return True

    def _access(self) -> Access | None:
        """What the author of the webhook may still do; None, and noted, where that is not enough any more."""
        registry, webhook = self._registry, self.webhook
        access = lasting_access(webhook.authority, registry.state.grants, registry.dependencies.now())
        allowed = may_subscribe(access, Node.parse(webhook.node))
        stopped = "" if allowed else NO_RIGHT
        if stopped != self.progress.stopped:
            log.info("webhook_stopped" if stopped else "webhook_resumed", webhook=webhook.id)
            self._note(replace(self.progress, stopped=stopped))
        if not allowed:
            self._not_before = self._around.clock() + 1.0
        return access if allowed else None

    def _deliver_entry(self, entry: Entry, state: State, access: Access) -> bool:
        for event in self._events(entry, state, access):
            if event.index < self.progress.index:
                continue
            if not self._may_send() or not self._deliver(event):
                return False
            self._note(replace(self.progress, index=event.index + 1))
        self.progress = replace(self.progress, position=entry.position, index=0)
        return True

    def _events(self, entry: Entry, state: State, access: Access) -> list[RegistryEvent]:
        reader = reader_of_node(Node.parse(self.webhook.node), access)
        return list(events_of(entry, state, reader, self._around.describe, self.webhook.kinds))

    def _deliver(self, event: RegistryEvent) -> bool:
        """Send *event*; False where it is to be tried later. Lines about it have the id of what led to it."""
        with LogIds(event.correlation_id or current_correlation_id(), task="webhooks"):
            return self._dealt_with(event)

    def _dealt_with(self, event: RegistryEvent) -> bool:
        answer = self._send(event)
        if answer.fate is Fate.DELIVERED:
            self._took()
            return True
        if answer.fate is Fate.GONE:
            self._end(answer)
            return False
        return self._failed(event, answer)

    def _send(self, event: RegistryEvent) -> Answer:
        around = self._around
        attributes = attributes_of(event, around.url)
        message = write(attributes, data_of(event, around.url), self.webhook.mode)
        began = time.perf_counter()
        allowed = addresses_allowed(self._registry.known, self._registry.settings)
        with client_span("webhook delivery", caused_by=event.position) as span:
            answer = self._sender.send(message, allowed)
            if span is not None:
                self._tell(span, event, answer)
        metrics.sent(answer.fate, time.perf_counter() - began)
        return answer

    def _tell(self, span: Span, event: RegistryEvent, answer: Answer) -> None:
        span.set("http.request.method", "POST")
        span.set("server.address", urlsplit(self.webhook.url).hostname or "")
        span.set("moorings.webhook", self.webhook.id)
        span.set("moorings.event.kind", event.kind)
        span.set("moorings.webhook.attempt", self._attempts + 1)
        if answer.status:
            span.set("http.response.status_code", answer.status)
        if answer.fate is not Fate.DELIVERED:
            span.failed(str(answer.status or answer.fate))

    def _took(self) -> None:
        if self.progress.failures:
            log.info("webhook_back", webhook=self.webhook.id)
        self._attempts = 0
        self.progress = replace(
            self.progress,
            delivered=self.progress.delivered + 1,
            delivered_at=self._registry.dependencies.now(),
            failures=0,
            error="",
            failed_at="",
        )

    def _failed(self, event: RegistryEvent, answer: Answer) -> bool:
        self._attempts += 1
        now, failures = self._registry.dependencies.now(), self.progress.failures + 1
        if failures == 1:
            log.warning("webhook_failed", webhook=self.webhook.id, cause=answer.reason)
        self.progress = replace(self.progress, failures=failures, error=answer.reason, failed_at=now)
        given_up = self._around.pace.gives_up(self._attempts, answer)
        if given_up:
            letter = DeadLetter(event.position, event.index, event.kind, answer.reason, self._attempts, now)
            self.progress = self.progress.with_dead(letter)
            self._attempts = 0
            metrics.given_up()
        else:
            self._not_before = self._around.clock() + self._around.pace.pause_s(failures, answer)
            self._note(self.progress)
        return given_up

    def _again(self, letter: DeadLetter, access: Access) -> bool:
        """Send a dead letter again; what its author may not see any more is left out."""
        entry = self._registry.entry(letter.position)
        state = self._registry.state_at_least(letter.position)
        found = [one for one in self._events(entry, state, access) if one.index == letter.index]
        if found and not self._deliver(found[0]):
            return False
        self._note(replace(self.progress, again=self.progress.again[1:]))
        return True

    def _end(self, answer: Answer) -> None:
        """End the webhook, as its receiver asks."""
        log.info("webhook_gone", webhook=self.webhook.id)
        try:
            self._registry.execute(
                RemoveWebhook(self.webhook.id, answer.reason), Caller(_CALLER, current_correlation_id())
            )
        except WebhookNotFound:
            return

    def _note(self, progress: Progress) -> None:
        """Publish how far it has come, unless another worker does that by now."""
        self.progress = progress
        if self._may_send():
            self._registry.webhooks.put(self.webhook, progress)

    def _record(self) -> None:
        """Record the position in the ledger, rarely."""
        if self.progress.position - self._recorded >= RECORDED_EVERY and not self.progress.index:
            command = RecordDelivery(self.webhook.id, self.webhook.begun, self.progress.position)
            self._registry.execute(command, Caller(_CALLER, current_correlation_id()))
            self._recorded = self.progress.position


def send_test(around: Surroundings, webhook: Webhook, id: str, allowed: AllowedAddresses) -> Answer:
    """Send an event that says that it is a test, once, and return what became of it."""
    now = around.registry.dependencies.now()
    attributes = {
        "specversion": "1.0",
        "id": f"test-{id}",
        "source": around.url,
        "type": f"{TYPE_PREFIX}{TESTED}.{VERSION}",
        "subject": webhook.node,
        "time": now,
        "datacontenttype": "application/json",
    }
    data = {"summary": f"Webhook {webhook.id} was tested.", "webhook": webhook.id}
    sender = around.sender(webhook.url)
    try:
        return sender.send(write(attributes, data, webhook.mode), allowed)
    finally:
        sender.close()
