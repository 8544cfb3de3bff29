"""The registry's native API as effects: a method for each path that clients and CI jobs need; responses are values."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

from moorings.api.domain_contracts import ContractsWritten, DomainContracts, read_contracts, read_written
from moorings.api.responses import (
    Domain,
    Event,
    MajorState,
    Registered,
    StoredSchema,
    Version,
    read_domain,
    read_domains,
    read_event,
    read_events,
    read_stored,
    read_version,
    read_versions,
)
from moorings.errors import AnswerInvalid, MooringsError, NotFound
from moorings.transport.effects import Effects
from moorings.transport.transport import Transport
from moorings_compat import Format, Reference

T = TypeVar("T")
PAGE = 200
"""How many events one request asks for."""


class Requests:
    """Speaks `/v1`; every method raises what `Transport.request` raises."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def answer(self, path: str) -> Effects[Any]:
        """Return the JSON of the response to a path."""
        return (yield from self._read(path, lambda found: found))

    def ask(self, path: str, query: Mapping[str, str]) -> Effects[Any]:
        """Return the JSON of the response to a path with a query."""
        return (yield from self._transport.get(path, dict(query)))

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Effects[Any]:
        """Send a body to a path and return the JSON of the response; None for an empty one."""
        return (yield from self._transport.request(method, path, body=body)).body

    def domains(self) -> Effects[tuple[Domain, ...]]:
        """Return every domain."""
        return (yield from self._read("/v1/domains", read_domains))

    def domain(self, name: str) -> Effects[Domain | None]:
        """Return a domain; None if the registry does not have it."""
        try:
            return (yield from self._read(f"/v1/domains/{_segment(name)}", read_domain))
        except NotFound:
            return None

    def put_domain(self, name: str, settings: Mapping[str, Any], etag: str = "") -> Effects[Domain]:
        """Create a domain or change it; *settings* holds owner, contacts, description and policy.

        With the *etag* of a domain that was read, a change that somebody made since is not overwritten: the registry
        refuses with `STATE_CHANGED`.
        """
        path = f"/v1/domains/{_segment(name)}"
        return read_domain((yield from self._transport.request("PUT", path, body=settings, if_match=etag)).body)

    def contracts(self, domain: str) -> Effects[DomainContracts | None]:
        """Return a domain with its events and the newest revision of each major; None if the registry lacks it."""
        try:
            path = f"/v1/domains/{_segment(domain)}/contracts"
            return read_contracts((yield from self._transport.get(path)))  # what a write is decided on is never cached
        except NotFound:
            return None

    def put_contracts(
        self, domain: str, body: Mapping[str, Any], etag: str = "", *, dry_run: bool = False
    ) -> Effects[ContractsWritten]:
        """Write what *body* says of a domain, its events and their majors: all of it, or nothing.

        With *etag*, contracts that somebody changed since are not overwritten: the registry refuses with
        `STATE_CHANGED`. With *dry_run* it decides and writes nothing.

        Raises:
            RegistryRefused: parts were refused; `errors` names each with its pointer, code and report.
        """
        path = f"/v1/domains/{_segment(domain)}/contracts"
        query: dict[str, str | int] | None = {"dry_run": "true"} if dry_run else None
        answer = yield from self._transport.request("PUT", path, body=body, query=query, if_match=etag)
        return read_written(answer.body)

    def events_page(self, offset: int, domain: str | None = None) -> Effects[tuple[Event, ...]]:
        """Return up to `PAGE` events, or events of *domain*, from *offset* on."""
        query: dict[str, str | int] = {"limit": PAGE, "offset": offset}
        if domain is not None:
            query["domain"] = domain
        return read_events((yield from self._transport.get("/v1/events", query)))

    def event(self, subject: str) -> Effects[Event | None]:
        """Return an event's overview; None if the registry does not have it."""
        try:
            return (yield from self._read(f"/v1/events/{_segment(subject)}", read_event))
        except NotFound:
            return None

    def versions(self, subject: str) -> Effects[tuple[Version, ...]]:
        """Return the versions of a subject, oldest first, without their texts."""
        return (yield from self._read(f"/v1/events/{_segment(subject)}/versions", read_versions))

    def version(self, subject: str, version: int | str) -> Effects[Version]:
        """Return one version: by number (``5``), label (``2.1``), ``latest``, or ``v2``, the latest of major 2."""
        return (yield from self._read(version_path(subject, version), read_version))

    def schema_by_id(self, schema_id: int) -> Effects[StoredSchema]:
        """Return the definition of an id; raises `NotFound`."""
        return (yield from self._read(schema_path(schema_id), read_stored))

    def schema_by_guid(self, guid: UUID) -> Effects[StoredSchema]:
        """Return the definition of a guid; raises `NotFound`."""
        return (yield from self._read(schema_path(guid), read_stored))

    def register(
        self,
        subject: str,
        schema: str,
        format: Format,
        references: Sequence[Reference] = (),
        major: int | str | None = None,
        *,
        metadata: Mapping[str, Any] | None = None,
        rule_set: Mapping[str, Any] | None = None,
    ) -> Effects[Registered]:
        """Register a schema into the current major, into *major*, or into a new one (``"next"``).

        With *major*, the registry takes *metadata* and *rule_set* as given, and inherits none.

        Raises:
            SchemaIncompatible: it breaks a promise; the report is attached.
        """
        body = _definition(schema, format, references)
        optional = {"major": major, "metadata": metadata, "rule_set": rule_set}
        body |= {name: value for name, value in optional.items() if value is not None}
        path = f"/v1/events/{_segment(subject)}/versions"
        answer = yield from self._transport.request("POST", path, body=body)
        return Registered(read_version(answer.body), created=answer.status == 201)

    def lookup(
        self, subject: str, schema: str, format: Format, references: Sequence[Reference] = ()
    ) -> Effects[Version | None]:
        """Return the version of *subject* that has exactly this schema; None if there is none."""
        path = f"/v1/events/{_segment(subject)}/lookup"
        try:
            return read_version((yield from self.send("POST", path, _definition(schema, format, references))))
        except NotFound:
            return None

    def check(
        self,
        subject: str,
        schema: str,
        format: Format,
        references: Sequence[Reference] = (),
        major: int | str | None = None,
        level: str | None = None,
        *,
        metadata: Mapping[str, Any] | None = None,
        rule_set: Mapping[str, Any] | None = None,
        job: Mapping[str, str] | None = None,
    ) -> Effects[Mapping[str, Any]]:
        """Check without registering; return the report as the registry writes it.

        For a CI *job*, the registry keeps the check: ``kept`` and ``not_kept`` of its answer are beside the report.
        """
        optional = {"major": major, "level": level, "metadata": metadata, "rule_set": rule_set, "job": job}
        body = {"subject": subject, **_definition(schema, format, references)}
        body |= {name: value for name, value in optional.items() if value is not None}
        answer = yield from self.send("POST", "/v1/checks", body)
        report = answer.get("report") if isinstance(answer, Mapping) else None
        if not isinstance(report, Mapping):
            raise AnswerInvalid("the registry's response to a check has no report")
        return report if job is None else {**report, **{name: answer.get(name) for name in ("kept", "not_kept")}}

    def webhooks(self) -> Effects[Sequence[Mapping[str, Any]]]:
        """Return the webhooks that the caller may see, the newest first."""
        found = yield from self._transport.get("/v1/webhooks", {})
        return found.get("webhooks", []) if isinstance(found, Mapping) else []

    def create_webhook(self, body: Mapping[str, Any]) -> Effects[Mapping[str, Any]]:
        """Create a webhook and return it."""
        return _object((yield from self.send("POST", "/v1/webhooks", body)), "a webhook")

    def remove_webhook(self, number: int, because: str = "") -> Effects[None]:
        """End a webhook."""
        query = f"?{urlencode({'because': because})}" if because else ""
        yield from self.send("DELETE", f"/v1/webhooks/{number}{query}")

    def replay_webhook(self, number: int, body: Mapping[str, Any]) -> Effects[Mapping[str, Any]]:
        """Send events again: those after a position (`after`), or what was not taken (`dead_letters`)."""
        return _object((yield from self.send("POST", f"/v1/webhooks/{number}/replay", body)), "a webhook")

    def test_webhook(self, number: int) -> Effects[Mapping[str, Any]]:
        """Send a test event now, and return what became of it (`fate`, `status`, `reason`)."""
        return _object((yield from self.send("POST", f"/v1/webhooks/{number}/test", {})), "a test")

    def waivers(self, query: Mapping[str, str]) -> Effects[Sequence[Mapping[str, Any]]]:
        """Return the waivers that *query* asks for (`domain`, `kind`, `open`), the newest first."""
        found = yield from self._transport.get("/v1/waivers", dict(query))
        return found.get("waivers", []) if isinstance(found, Mapping) else []

    def grant_waiver(self, body: Mapping[str, Any]) -> Effects[Mapping[str, Any]]:
        """Grant a waiver and return it."""
        return _object((yield from self.send("POST", "/v1/waivers", body)), "a waiver")

    def withdraw_waiver(self, number: int) -> Effects[Mapping[str, Any]]:
        """End a waiver early and return it."""
        return _object((yield from self.send("DELETE", f"/v1/waivers/{number}")), "a waiver")

    def approve_waiver(self, number: int) -> Effects[Mapping[str, Any]]:
        """Approve a waiver that another caller requested, and return it."""
        return _object((yield from self.send("POST", f"/v1/waivers/{number}/approval")), "a waiver")

    def grants(self, node: str = "") -> Effects[Sequence[Mapping[str, Any]]]:
        """Return the grants that the caller may see, by id; with *node*, those that hold on it, or below it."""
        found = yield from self._transport.get("/v1/grants", {"node": node} if node else {})
        return found.get("grants", []) if isinstance(found, Mapping) else []

    def grant_access(self, body: Mapping[str, Any]) -> Effects[Mapping[str, Any]]:
        """Grant callers verbs on a node, and return the grant."""
        return _object((yield from self.send("POST", "/v1/grants", body)), "a grant")

    def revoke_access(self, number: int, because: str = "") -> Effects[None]:
        """End a grant early."""
        yield from self._transport.request("DELETE", f"/v1/grants/{number}", query={"because": because})

    def explain_access(self, query: Mapping[str, Any]) -> Effects[Mapping[str, Any]]:
        """Say whether a caller may do something, and which grant decides."""
        path = f"/v1/access?{urlencode(dict(query), doseq=True)}"
        return _object((yield from self._transport.get(path)), "an answer about access")

    def principal(self) -> Effects[Mapping[str, Any]]:
        """Return whom the registry takes the caller for."""
        return _object((yield from self._transport.get("/v1/principal")), "a principal")

    def open_link(self, path: str) -> Effects[Mapping[str, Any]]:
        """Return a link to a page that signs the caller in there; valid once, for a minute."""
        return _object((yield from self.send("POST", "/v1/sign-in/links", {"path": path})), "a link")

    def why_unreadable(self, subject: str) -> Effects[str]:
        """Say why *subject* may not be read and whom to ask; empty where it may be, or nobody has to sign in."""
        if not self._transport.signs_in:
            return ""
        try:
            found = yield from self.explain_access({"verb": "read", "node": subject})
        except MooringsError:
            return ""  # a registry that does not say, or not now
        return "" if found.get("allowed", True) else str(found.get("why") or "")

    def set_lifecycle(
        self,
        subject: str,
        major: int,
        state: MajorState,
        *,
        sunset: str | None = None,
        since: str | None = None,
        replacement: str = "",
        page: str = "",
        etag: str = "",
    ) -> Effects[Event]:
        """Make a major a draft, active, deprecated or retired, and return its event.

        The days are texts as 2027-01-31; *replacement* is a subject or ``subject@major``. With the *etag* of an event
        that was read, a change that somebody made since is not overwritten.

        Raises:
            RegistryRefused: with the code `RETIREMENT_BLOCKED`, `errors` lists what keeps the major from being retired.
        """
        given = {"sunset": sunset, "from": since, "replacement": replacement, "page": page}
        body = {"state": str(state), **{name: value for name, value in given.items() if value}}
        path = f"/v1/events/{_segment(subject)}/majors/{major}"
        return read_event((yield from self._transport.request("PUT", path, body=body, if_match=etag)).body)

    def put_migration(
        self, subject: str, major: int, steps: Sequence[Mapping[str, Any]] = (), reason: str = "", *, etag: str = ""
    ) -> Effects[Mapping[str, Any]]:
        """Set the mapping from the major before to *major*, or say why there is none; neither takes it away.

        Raises:
            RegistryRefused: `MIGRATION_INVALID` says what is wrong with which step, `MIGRATION_UNFIT` shows an event.
        """
        path = f"/v1/events/{_segment(subject)}/majors/{major}/migration"
        body = {"steps": list(steps), "reason": reason}
        return _object((yield from self._transport.request("PUT", path, body=body, if_match=etag)).body, "a mapping")

    def retirement(self, subject: str, major: int) -> Effects[Mapping[str, Any]]:
        """Return whether a major may be retired (`allowed`), from which day (`earliest`), and what keeps it."""
        path = f"/v1/events/{_segment(subject)}/majors/{major}/retirement"
        return _object((yield from self._transport.get(path, {})), "an answer about a retirement")

    def rules(self) -> Effects[Sequence[Mapping[str, Any]]]:
        """Return the catalogue of rules that this registry checks with."""
        found = yield from self.answer("/v1/rules")
        return found.get("rules", []) if isinstance(found, Mapping) else []

    def checked_version(self, subject: str, version: int | str, check: Callable[[Version], Effects[T]]) -> Effects[T]:
        """Return what *check* makes of a version; a response that it refuses is not cached, nor used from the cache."""
        return (
            yield from self._transport.read(version_path(subject, version), lambda found: check(read_version(found)))
        )

    def checked_schema(self, name: int | UUID, check: Callable[[StoredSchema], Effects[T]]) -> Effects[T]:
        """Return what *check* makes of the definition of an id or a guid; as `checked_version`."""
        return (yield from self._transport.read(schema_path(name), lambda found: check(read_stored(found))))

    def _read(self, path: str, read: Callable[[Any], T]) -> Effects[T]:
        def at_once(found: Any) -> Effects[T]:
            yield from ()
            return read(found)

        return (yield from self._transport.read(path, at_once))


def schema_path(name: int | UUID) -> str:
    """Return the path of the definition of an id or guid."""
    return f"/v1/schemas/ids/{name}" if isinstance(name, int) else f"/v1/schemas/{name}"


def version_path(subject: str, version: int | str) -> str:
    """Return the path of a version."""
    return f"/v1/events/{_segment(subject)}/versions/{_segment(str(version))}"


def _definition(schema: str, format: Format, references: Sequence[Reference]) -> dict[str, Any]:
    return {
        "schema": schema,
        "format": str(format),
        "references": [{"name": one.name, "subject": one.subject, "version": one.version} for one in references],
    }


def _object(found: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise AnswerInvalid(f"the registry's response is not {what}")
    return found


def _segment(text: str) -> str:
    # "." and ".." alone are taken out of a path, however they are quoted elsewhere (RFC 3986 5.2.4).
    return quote(text, safe="") if text.strip(".") else text.replace(".", "%2E")
