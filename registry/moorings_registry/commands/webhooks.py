"""Webhooks: where events of the registry are sent, by whom that was asked for, and how far they have come."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from moorings_compat import Problem
from moorings_registry.access import Access, Node, Verb, access_of, may_subscribe, subscribing_grants
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.errors import NotAllowed, RequestInvalid, WebhookNotFound
from moorings_registry.facts import (
    DeadLettersReplayed,
    WebhookAdvanced,
    WebhookCreated,
    WebhookRemoved,
    WebhookReplayed,
)
from moorings_registry.receiver_addresses import AllowedAddresses, read_address
from moorings_registry.registry_events import kinds_asked_for
from moorings_registry.settings import Settings
from moorings_registry.state import State, Webhook

MODES = ("structured", "binary")
MOST_WEBHOOKS = 200
"""All of them are served by one worker."""
LONGEST_URL = 1_000
LONGEST_BECAUSE = 2_000
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)\.?$")
"""A last label that makes a host an address, however it is written (WHATWG URL, section 3.5)."""


@dataclass(frozen=True, slots=True)
class CreateWebhook:
    """Send events to a URL from now on; its members are described at `facts.WebhookCreated`."""

    url: str
    node: str
    kinds: tuple[str, ...] = ()
    mode: str = "structured"
    after: int | None = None
    """None: what happens from now on."""


@dataclass(frozen=True, slots=True)
class ReplayWebhook:
    """Send everything that followed a position again."""

    id: int
    after: int


@dataclass(frozen=True, slots=True)
class ReplayDeadLetters:
    """Send again what a receiver did not take."""

    id: int


@dataclass(frozen=True, slots=True)
class RemoveWebhook:
    """End a webhook."""

    id: int
    because: str = ""


@dataclass(frozen=True, slots=True)
class RecordDelivery:
    """Remember how far a webhook has come, in the run that the entry *begun* started."""

    id: int
    begun: int
    position: int


def create_webhook(state: State, command: CreateWebhook, dependencies: Dependencies) -> Decision:
    """Decide a new webhook.

    Raises:
        RequestInvalid: no URL that may be used, not a node, an unknown kind.
        NotAllowed: its author neither governs the node, nor audits and reads it.
    """
    kinds = kinds_asked_for(command.kinds, "kinds")
    addresses = addresses_allowed(state, dependencies.settings)
    problems = [*_url_problems(command.url, addresses), *_other_problems(state, command)]
    if problems:
        raise RequestInvalid("The webhook cannot be created as requested", problems)
    node = Node.parse(command.node)
    grants = subscribing_grants(_access(state, dependencies), node)
    if grants is None:
        raise NotAllowed(Verb.GOVERN, str(node), is_node=True)
    if len(state.webhooks) >= MOST_WEBHOOKS:
        raise RequestInvalid(f"There are {MOST_WEBHOOKS} webhooks already, which is the maximum")
    fact = WebhookCreated(
        url=normalised_url(command.url),
        node=str(node),
        kinds=list(kinds),
        mode=command.mode,
        after=state.position if command.after is None else command.after,
        grants=[one.id for one in grants],
        created_by=dependencies.principal.name,
    )
    return Decision((fact,), Outcome(domain=str(node), created=True))


def replay_webhook(state: State, command: ReplayWebhook, dependencies: Dependencies) -> Decision:
    """Decide to send what followed a position again.

    Raises:
        WebhookNotFound: there is none, or it is not the caller's to see.
        RequestInvalid: nothing has that position yet.
    """
    known = known_webhook(state, command.id, _access(state, dependencies))
    if command.after > state.position:
        raise RequestInvalid(
            "The ledger does not have this position yet", [Problem("/after", f"after {state.position}")]
        )
    return Decision((WebhookReplayed(known.id, command.after),), Outcome(domain=known.node))


def replay_dead_letters(state: State, command: ReplayDeadLetters, dependencies: Dependencies) -> Decision:
    """Decide to send again what a receiver did not take.

    Raises:
        WebhookNotFound
    """
    known = known_webhook(state, command.id, _access(state, dependencies))
    return Decision((DeadLettersReplayed(known.id),), Outcome(domain=known.node))


def remove_webhook(state: State, command: RemoveWebhook, dependencies: Dependencies) -> Decision:
    """Decide the end of a webhook.

    Raises:
        WebhookNotFound
    """
    known = known_webhook(state, command.id, _access(state, dependencies))
    because = command.because.strip()[:LONGEST_BECAUSE]
    return Decision((WebhookRemoved(known.id, known.node, because),), Outcome(domain=known.node))


def record_delivery(state: State, command: RecordDelivery, _dependencies: Dependencies) -> Decision:
    """Decide to remember a position; nothing is remembered of a run that has ended meanwhile."""
    known = state.webhooks.get(command.id)
    news = known is not None and known.begun == command.begun and known.advanced < command.position
    return Decision((WebhookAdvanced(command.id, command.position),) if news else (), Outcome())


def known_webhook(state: State, id: int, access: Access) -> Webhook:
    """The webhook *id*, for a caller who may be sent what its node is about.

    Raises:
        WebhookNotFound: there is none, or it is not theirs to see.
    """
    known = state.webhooks.get(id)
    if known is None or not may_subscribe(access, Node.parse(known.node)):
        raise WebhookNotFound(id)
    return known


def addresses_allowed(state: State, settings: Settings) -> AllowedAddresses:
    """Where webhooks may lead: this machine only while all who call are on it, too."""
    return AllowedAddresses(settings.webhook_networks, loopback=not state.issuers)


def _access(state: State, dependencies: Dependencies) -> Access:
    return access_of(state.grants, dependencies.principal, dependencies.now())


def _other_problems(state: State, command: CreateWebhook) -> Iterator[Problem]:
    try:
        Node.parse(command.node)
    except ValueError as error:
        yield Problem("/node", str(error))
    if command.mode not in MODES:
        yield Problem("/mode", f"mode must be one of {', '.join(MODES)}")
    if command.after is not None and command.after > state.position:
        yield Problem("/after", f"the ledger ends at position {state.position}")


def _url_problems(url: str, addresses: AllowedAddresses) -> Iterator[Problem]:
    """What is wrong with a URL, as far as it tells by itself; where its name leads is looked at when it is used."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        yield Problem("/url", f"not a URL of at most {LONGEST_URL} printable ASCII characters")
        return
    parts = _split(url)
    host = (parts.hostname or "") if parts is not None else ""
    if parts is None or not _is_host(host) or parts.scheme not in ("https", "http"):
        yield Problem("/url", "not an https URL such as https://hooks.example/moorings")
        return
    if "@" in parts.netloc or parts.query or parts.fragment or "?" in url:
        what = "has a user, a query or a fragment, and the ledger keeps no secrets: receivers verify the signature"
        yield Problem("/url", what)
    address = read_address(host)
    if address is not None and not addresses.allow(address):
        yield Problem("/url", "leads to an address that is not public, which serve --webhook-network has to allow")
    is_local = address.is_loopback if address is not None else host.removesuffix(".") == "localhost"
    if address is None and is_local and not addresses.allow(IPv4Address("127.0.0.1")):
        yield Problem("/url", "leads to this machine, which serve --webhook-network has to allow")
    if parts.scheme == "http" and not is_local:
        yield Problem("/url", "http is for receivers on this machine alone: use https")


def normalised_url(url: str) -> str:
    """*url* as receivers see and verify it: scheme and host in lower case, a path, no port that goes without saying."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix({"https": ":443", "http": ":80"}[parts.scheme]).removesuffix(":")
    return urlunsplit((parts.scheme, host, parts.path or "/", "", ""))


def _is_host(host: str) -> bool:
    """Whether *host* is an address, or a name that cannot be taken for one: resolvers read ``127.1`` and ``0x7f.1``."""
    return read_address(host) is not None or (_NAME.fullmatch(host) is not None and not _NUMBER.search(host))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None
