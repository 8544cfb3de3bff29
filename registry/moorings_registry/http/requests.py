"""What the routes of both APIs and the pages read from the current request."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from flask import Request, Response, current_app, g, request

from moorings_compat import Limits, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.json_text import read_json
from moorings_registry.access import ANYWHERE, EVERYTHING, Verb, VisibleState
from moorings_registry.callers import Caller
from moorings_registry.errors import (
    BodyTooLarge,
    BodyUnreadable,
    DomainNotFound,
    KeyNotFound,
    NotAllowed,
    ReportNotFound,
    RequestInvalid,
    SchemaNotFound,
    SubjectInvalid,
    SubjectNotFound,
    TopicAmbiguous,
    VersionNotFound,
)
from moorings_registry.http.response_cache import WHOLE, StateDependency
from moorings_registry.names import DEFAULT_CONTEXT, Subject, context_name
from moorings_registry.policy import aliased
from moorings_registry.principals import Principal
from moorings_registry.service import Registry
from moorings_registry.state import State
from moorings_registry.topics import named_by_topic

LARGEST_BODY_BYTES = 8 * 1024 * 1024
"""A schema of the largest size, with every character escaped, and its wrapping."""
LARGEST_REPORT_BYTES = 512 * 1024
"""A report of what clients counted, with as many rows as are taken, each with the longest names."""

WHOLE_BODY = "moorings.body"
"""The member of an environ with the body, where it was read before the framework was asked."""

_BODY_LIMITS = Limits(size_bytes=LARGEST_BODY_BYTES, depth=64, digits=40)
_CHARSETS = frozenset(
    ("utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be", "us-ascii", "iso-8859-1")
)
_NOT_KNOWN_YET = (SubjectNotFound, VersionNotFound, SchemaNotFound, ReportNotFound, DomainNotFound, KeyNotFound)

_OF_THE_NAME_ITSELF = ("/config/", "/mode/", "/associations/", "/keks/")
"""What is in the rules of routes that do not follow aliases."""

T = TypeVar("T")


def current_request() -> Request:
    """The request itself. Flask's `request` looks for it whenever it is asked for anything."""
    return request._get_current_object()  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001 - as documented


def current_notes() -> Any:
    """What is noted with the request: `g` itself, which is looked for as `request` is."""
    return g._get_current_object()  # noqa: SLF001 - as documented


def current_registry() -> Registry:
    """The registry that serves this request."""
    registry: Registry = current_app.extensions["moorings"]
    return registry


def requested_node() -> str:
    """The node that the path of this request names: a subject with its context, or a domain; else `ANYWHERE`.

    One subject has one spelling here, however the path spells it; a name that is not valid stays as it was sent. An
    alias is the subject that it leads to, since that is what the request reads or changes, except where the route is
    about the settings of the name itself; the name of a topic is its event everywhere.
    """
    asked = current_request()
    arguments = asked.view_args or {}
    subject, within = arguments.get("subject"), g.get("within")
    if subject is None:
        return str(arguments.get("domain", ANYWHERE))
    try:
        context = DEFAULT_CONTEXT if within is None else context_name(within)
        named = Subject.parse(subject, context=context)
    except SubjectInvalid:
        return str(subject)
    rule = asked.url_rule.rule if asked.url_rule is not None else ""
    keeps_aliases = any(family in rule for family in _OF_THE_NAME_ITSELF)
    registry = current_registry()
    seen = registry.authorization.visible(registry.known, g.principal)  # where a name leads is for its readers to know
    try:
        return str((named_by_topic if keeps_aliases else aliased)(seen, named))
    except TopicAmbiguous:  # whoever answers the request says so
        return str(named)


def current_caller() -> Caller:
    """Who calls: the authenticated principal, the correlation id, and the idempotency key if one was sent.

    Raises:
        RequestInvalid: the key is longer than 255 characters, or not printable ASCII.
    """
    asked = current_request()
    key = asked.headers.get("Idempotency-Key", "")
    return caller_with(key, f"{asked.method} {asked.full_path}\n".encode() + sent_body() if key else b"")


def caller_with(key: str, asked: bytes) -> Caller:
    """Who calls, with the idempotency key *key* and what has to be *asked* for again under it.

    Raises:
        RequestInvalid: the key is longer than 255 characters, or not printable ASCII.
    """
    if key and (len(key) > 255 or not (key.isascii() and key.isprintable())):
        raise RequestInvalid("Idempotency-Key is not 1 to 255 printable ASCII characters")
    digest = hashlib.sha256(asked).hexdigest() if key else ""
    noted = current_notes()
    return Caller(noted.principal, noted.correlation_id, key, digest)


def current_principal() -> Principal:
    """Who sends this request, verified."""
    principal: Principal = g.principal
    return principal


def etag_header(etag: str) -> dict[str, str]:
    """What an answer names its state by, for the `If-Match` of a write that is decided on it."""
    return {"ETag": f'"{etag}"'}


def expected_etags() -> tuple[str, ...] | None:
    """The etags that `If-Match` names; None where the header is absent.

    Raises:
        RequestInvalid: not a list of strong etags.
    """
    sent = request.headers.get("If-Match")
    if sent is None:
        return None
    if sent.strip() == "*":
        return ("*",)
    tags = [one.strip() for one in sent.split(",")]
    if not all(len(one) > 2 and one.startswith('"') and one.endswith('"') for one in tags):
        raise RequestInvalid('If-Match is not "*" or a list of ETags in double quotes')
    return tuple(one[1:-1] for one in tags)


def consult(query: Callable[[State], T]) -> T:
    """Answer *query* from the state, as the caller may see it: the only way to a state for a read.

    What is unknown is looked for in the ledger before it is denied.

    Raises:
        RequestInvalid, PositionAhead, LedgerUnavailable
    """
    state = _state_asked_for()
    try:
        return query(_visible(state))
    except _NOT_KNOWN_YET:
        newer = current_registry().catch_up()
        if newer.position == state.position:
            raise
        return query(_visible(newer))


def current_state() -> State:
    """The state that `consult` answers from, for what is put together from several questions."""
    return consult(lambda state: state)


def require_permission(verb: Verb, node: str) -> None:
    """Pass, or refuse a request to whoever lacks *verb* on *node*, where not its path but its query names that.

    Raises:
        NotAllowed, SignInNeeded
    """
    registry = current_registry()
    if not registry.authorization.allows(g.principal, verb, node):
        raise registry.denial(registry.known, g.principal, verb, node)


def reads_ledger() -> bool:
    """Whether the caller may read the ledger, in which everything stands: it audits, and may read everything."""
    registry, principal = current_registry(), g.principal
    state = registry.known
    return registry.authorization.allows(principal, Verb.AUDIT, ANYWHERE) and not isinstance(
        registry.authorization.visible(state, principal), VisibleState
    )


def require_ledger() -> None:
    """Pass, or refuse the ledger to whoever may not read everything.

    Raises:
        NotAllowed
    """
    if not reads_ledger():
        raise NotAllowed(Verb.READ, EVERYTHING, is_node=True)


def _visible(state: State) -> State:
    noted = current_notes()
    noted.seen = seen = current_registry().authorization.visible(state, noted.principal)
    return seen


def _state_asked_for() -> State:
    """The state as new as this node knows, or as the request's `Moorings-Position` demands."""
    asked = request.headers.get("Moorings-Position")
    if asked is None:
        return current_registry().state
    if not (asked.isascii() and asked.isdigit() and len(asked) < 17):
        raise RequestInvalid("Moorings-Position is not the number that an answer to a write carried")
    return current_registry().state_at_least(int(asked))


def keep(*bases: StateDependency) -> None:
    """Let the answer to this request be cached for as long as *bases* hold (see `response_cache`)."""
    g.bases = bases
    seen = g.get("seen")
    if not isinstance(seen, VisibleState):
        return
    # What is cached is compared with the state as a whole, of which this caller sees a part.
    whole = [(one, *_basis(seen, one)) for one in bases]
    depends = all(depends for _, depends, _ in whole)
    g.has_etag = bool(bases)  # whether an answer can be cached must not show in it
    g.bases = tuple(replace(one, value=value) for one, _, value in whole) if depends else ()


def _basis(seen: VisibleState, one: StateDependency) -> tuple[bool, Any]:
    return (True, seen.whole_map(one.map)) if one.key is WHOLE else seen.basis(one.map, one.key)


def wrote(response: Response, state: State) -> Response:
    """Mark an answer to a write with the position that shows it."""
    response.headers.update(position_header(state))
    return response


def position_header(state: State) -> dict[str, str]:
    """The header of an answer to a write, which names the position that shows it."""
    return {"Moorings-Position": str(state.position)}


def require_body_within(limit_bytes: int) -> None:
    """Pass, or refuse the request's body before anything of it is read.

    Raises:
        BodyTooLarge
    """
    if len(sent_body()) > limit_bytes:
        raise BodyTooLarge(limit_bytes)


def sent_body() -> bytes:
    """The request's body; where the server's bridge has it whole, without the framework's streams around it."""
    whole: bytes | None = request.environ.get(WHOLE_BODY)
    return request.get_data() if whole is None else whole


def read_body(*, empty: Any = None) -> Any:
    """The request's JSON, read strictly; *empty* where there is no body.

    Raises:
        BodyUnreadable: not text in its charset, not JSON, a key twice, too deep, or a number too long; says where.
    """
    data = sent_body()
    if not data:
        return empty
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in _CHARSETS:
        raise BodyUnreadable(f"The charset {charset[:40]!r} is not one of {', '.join(sorted(_CHARSETS))}")
    try:
        text = data.decode(charset)
    except UnicodeDecodeError:
        raise BodyUnreadable(f"The body is not text in {charset}") from None
    try:
        return read_json(text.removeprefix("\ufeff"), _BODY_LIMITS)
    except (SchemaInvalid, SchemaLimitExceeded) as error:
        raise BodyUnreadable(f"The body cannot be read: {error}", error.problems) from None
