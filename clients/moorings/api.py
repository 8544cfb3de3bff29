"""The registry's native API, a method for each path that a client or a CI job needs; answers are values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from uuid import UUID

from moorings.answers import (
    Domain,
    Event,
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
from moorings.errors import AnswerInvalid, NotFound
from moorings.transport import Transport
from moorings_compat import Format, Reference

_PAGE = 200


class Api:
    """Speaks `/v1`; every method raises what `Transport.request` raises."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def answer(self, path: str) -> Any:
        """Return what the registry answers to a path, as JSON."""
        return self._get(path)

    def domains(self) -> tuple[Domain, ...]:
        return read_domains(self._get("/v1/domains"))

    def domain(self, name: str) -> Domain | None:
        """Return a domain; None when the registry does not have it."""
        try:
            return read_domain(self._get(f"/v1/domains/{_segment(name)}"))
        except NotFound:
            return None

    def put_domain(self, name: str, settings: Mapping[str, Any]) -> Domain:
        """Create a domain or change it; *settings* holds owner, contacts, description and policy."""
        return read_domain(self._put(f"/v1/domains/{_segment(name)}", settings))

    def events(self, domain: str | None = None) -> Iterator[Event]:
        """Yield every event, or every one of *domain*, page by page."""
        offset = 0
        while True:
            query: dict[str, str | int] = {"limit": _PAGE, "offset": offset}
            if domain is not None:
                query["domain"] = domain
            page = read_events(self._get("/v1/events", query=query))
            yield from page
            if len(page) < _PAGE:
                return
            offset += len(page)

    def event(self, subject: str) -> Event | None:
        """Return an event's overview; None when the registry does not have it."""
        try:
            return read_event(self._get(f"/v1/events/{_segment(subject)}"))
        except NotFound:
            return None

    def versions(self, subject: str) -> tuple[Version, ...]:
        """Return the versions of a subject, oldest first, without their texts."""
        return read_versions(self._get(f"/v1/events/{_segment(subject)}/versions"))

    def version(self, subject: str, version: int | str) -> Version:
        """Return one version: by number (``5``), label (``2.1``), ``latest``, or ``v2``, the latest of major 2."""
        path = f"/v1/events/{_segment(subject)}/versions/{_segment(str(version))}"
        return read_version(self._get(path))

    def schema_by_id(self, schema_id: int) -> StoredSchema:
        return read_stored(self._get(f"/v1/schemas/ids/{schema_id}"))

    def schema_by_guid(self, guid: UUID) -> StoredSchema:
        return read_stored(self._get(f"/v1/schemas/{guid}"))

    def register(
        self,
        subject: str,
        schema: str,
        format: Format,
        references: Sequence[Reference] = (),
        major: int | str | None = None,
    ) -> Registered:
        """Register a schema into the current major, into *major*, or into a new one (``"next"``).

        Raises:
            SchemaIncompatible: it breaks a promise; the report is attached.
        """
        body = _definition(schema, format, references)
        if major is not None:
            body["major"] = major
        path = f"/v1/events/{_segment(subject)}/versions"
        answer = self._transport.request("POST", path, body=body)
        return Registered(read_version(answer.body), created=answer.status == 201)

    def lookup(self, subject: str, schema: str, format: Format, references: Sequence[Reference] = ()) -> Version | None:
        """Return the version of *subject* that holds this very schema; None when none does."""
        path = f"/v1/events/{_segment(subject)}/lookup"
        try:
            return read_version(self._post(path, _definition(schema, format, references)))
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
    ) -> Mapping[str, Any]:
        """Check without registering; return the report as the registry writes it."""
        body = {"subject": subject, **_definition(schema, format, references)}
        if major is not None:
            body["major"] = major
        if level is not None:
            body["level"] = level
        answer = self._post("/v1/checks", body)
        report = answer.get("report") if isinstance(answer, Mapping) else None
        if not isinstance(report, Mapping):
            raise AnswerInvalid("the registry's answer to a check has no report")
        return report

    def rules(self) -> Sequence[Mapping[str, Any]]:
        """Return the catalogue of rules that this registry checks with."""
        answer = self._get("/v1/rules")
        return answer.get("rules", []) if isinstance(answer, Mapping) else []

    def _get(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        return self._transport.get(path, query)

    def _put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._transport.request("PUT", path, body=body).body

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._transport.request("POST", path, body=body).body


def _definition(schema: str, format: Format, references: Sequence[Reference]) -> dict[str, Any]:
    return {
        "schema": schema,
        "format": str(format),
        "references": [{"name": one.name, "subject": one.subject, "version": one.version} for one in references],
    }


def _segment(text: str) -> str:
    return quote(text, safe="")
