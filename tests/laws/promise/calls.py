"""The requests of both APIs, by what they ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from moorings_compat import Format

NATIVE = "native"
CONFLUENT = "confluent"
APIS = (NATIVE, CONFLUENT)
WHOLE = ""
"""The scope of what is set for the registry as a whole."""


class Kind(StrEnum):
    """What a call is to the law."""

    REGISTER = "register"
    IMPORT = "import"
    DELETE = "delete"
    PURGE = "purge"
    RESTORE = "restore"
    CONFIG = "config"
    MODE = "mode"
    DOMAIN = "domain"
    EVENT = "event"
    CONTRACTS = "contracts"
    LIFECYCLE = "lifecycle"
    MIGRATION = "migration"
    CONSUMER = "consumer"
    REHEARSAL = "rehearsal"
    ASSOCIATION = "association"
    WAIVER = "waiver"
    WITHDRAWAL = "withdrawal"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `subject` is the name that it is asked under, or the scope of a setting."""

    kind: Kind
    method: str
    path: str
    body: Any = None
    subject: str = ""
    key: str = ""
    """Its idempotency key."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a registration brings."""

    format: Format
    text: str
    references: Sequence[Mapping[str, Any]] = ()
    rule_set: Mapping[str, Any] | None = None
    label: str = ""
    """The value of its property ``major``."""

    def body(self, api: str) -> dict[str, Any]:
        """As the body of a request has it."""
        names = ("format", "rule_set") if api == NATIVE else ("schemaType", "ruleSet")
        members = {
            "schema": self.text,
            names[0]: str(self.format),
            names[1]: self.rule_set,
            "references": list(self.references) or None,
            "metadata": {"properties": {"major": self.label}} if self.label else None,
        }
        return {name: value for name, value in members.items() if value is not None}


def register(
    api: str,
    subject: str,
    draft: Draft,
    *,
    major: int | str | None = None,
    normalize: bool = False,
    force: bool = False,
    state: str = "",
    key: str = "",
) -> Call:
    """Register a schema.

    The native API names the major and how it begins, the Confluent API normalises and asks to force.
    """
    body = draft.body(api)
    if api == NATIVE:
        named = {"major": major} if major is not None else {}
        named |= {"state": state} if state else {}
        return Call(Kind.REGISTER, "POST", f"{_event(subject)}/versions", {**body, **named}, subject, key)
    flags = [f"{name}=true" for name, wanted in (("normalize", normalize), ("force", force)) if wanted]
    query = f"?{'&'.join(flags)}" if flags else ""
    return Call(Kind.REGISTER, "POST", f"{_subject(subject)}/versions{query}", body, subject, key)


def import_version(subject: str, draft: Draft, id: int, number: int | None) -> Call:
    """Register a schema under an id of its own, and a number."""
    body = {**draft.body(CONFLUENT), "id": id, **({"version": number} if number else {})}
    return Call(Kind.IMPORT, "POST", f"{_subject(subject)}/versions", body, subject)


def register_rules(subject: str, rules: Mapping[str, Any]) -> Call:
    """Register the newest text once more, with other rules."""
    return Call(Kind.REGISTER, "POST", f"{_subject(subject)}/versions", {"ruleSet": rules}, subject)


def tag(subject: str, number: int | str, rules: Mapping[str, Any]) -> Call:
    """Register a version once more, with *rules* merged into those that it has."""
    return Call(Kind.REGISTER, "POST", f"{_subject(subject)}/versions/{number}/tags", {"rulesToMerge": rules}, subject)


def delete_version(api: str, subject: str, number: int | str, *, permanent: bool = False) -> Call:
    place = _event(subject) if api == NATIVE else _subject(subject)
    kind = Kind.PURGE if permanent else Kind.DELETE
    return Call(kind, "DELETE", f"{place}/versions/{number}{_permanently(permanent)}", None, subject)


def delete_subject(api: str, subject: str, *, permanent: bool = False) -> Call:
    place = _event(subject) if api == NATIVE else _subject(subject)
    kind = Kind.PURGE if permanent else Kind.DELETE
    return Call(kind, "DELETE", f"{place}{_permanently(permanent)}", None, subject)


def restore(api: str, subject: str, number: int | None) -> Call:
    """Undelete a version, or without a number the whole subject, which the Confluent API alone can."""
    if number is None:
        return Call(Kind.RESTORE, "POST", f"{_subject(subject)}/undelete", None, subject)
    if api == NATIVE:
        return Call(Kind.RESTORE, "POST", f"{_event(subject)}/versions/{number}/restore", None, subject)
    return Call(Kind.RESTORE, "POST", f"{_subject(subject)}/versions/{number}/undelete", None, subject)


def set_level(api: str, scope: str, level: str | None) -> Call:
    """Set the level of a subject, of a context on the Confluent API, or of the registry as a whole."""
    if api == CONFLUENT:
        return set_config(scope, {"compatibility": level})
    path = f"{_event(scope)}/level" if scope else "/v1/level"
    return Call(Kind.CONFIG, "PUT", path, {"level": level}, scope)


def set_config(scope: str, settings: Mapping[str, Any]) -> Call:
    return Call(Kind.CONFIG, "PUT", _scoped("/config", scope), dict(settings), scope)


def clear_config(scope: str) -> Call:
    return Call(Kind.CONFIG, "DELETE", _scoped("/config", scope), None, scope)


def set_mode(scope: str, mode: str, *, force: bool = False) -> Call:
    path = _scoped("/mode", scope) + ("?force=true" if force else "")
    return Call(Kind.MODE, "PUT", path, {"mode": mode}, scope)


def clear_mode(scope: str) -> Call:
    return Call(Kind.MODE, "DELETE", _scoped("/mode", scope), None, scope)


def put_domain(name: str, policy: Mapping[str, Any] | None = None, owner: str = "team") -> Call:
    """Register a domain, or change it; without a *policy*, the one that it has stays."""
    body = {"owner": owner, **({"policy": dict(policy)} if policy is not None else {})}
    return Call(Kind.DOMAIN, "PUT", f"/v1/domains/{name}", body, name)


def put_event(subject: str, kind: str = "fact", topics: Sequence[str] = (), key: Sequence[str] = ()) -> Call:
    """Declare an event; *key* has the pointers that identify it."""
    handler = {"handler": "checkout"} if kind == "command" else {}
    identified = {"idempotency": {"key": list(key)}} if key else {}
    body = {"kind": kind, "topics": list(topics), **handler, **identified}
    return Call(Kind.EVENT, "PUT", _event(subject), body, subject)


def put_contracts(
    domain: str,
    events: Mapping[str, Sequence[Mapping[str, Any]]],
    policy: Mapping[str, Any] | None = None,
    *,
    with_domain: bool = True,
    topics: Mapping[str, Sequence[str]] | None = None,
    dry_run: bool = False,
    key: str = "",
) -> Call:
    """Write contracts of a domain in one go: majors (`contract`) and topics, by subject."""
    own = {"owner": "team", **({"policy": dict(policy)} if policy is not None else {})}
    bound = {subject: {"kind": "fact", "topics": list(names)} for subject, names in (topics or {}).items()}
    listed = [
        {"subject": subject, "event": bound.get(subject), "majors": list(majors)} for subject, majors in events.items()
    ]
    body = {"domain": own if with_domain else None, "events": listed}
    path = f"/v1/domains/{domain}/contracts"
    if dry_run:
        return Call(Kind.REHEARSAL, "PUT", f"{path}?dry_run=true", body, domain)
    return Call(Kind.CONTRACTS, "PUT", path, body, domain, key)


def contract(major: int, draft: Draft | None, state: str = "") -> dict[str, Any]:
    """What is said of one major among the contracts of a domain."""
    version = draft.body(NATIVE) if draft else None
    return {"major": major, "version": version, "lifecycle": {"state": state} if state else None}


def set_life(subject: str, major: int, state: str) -> Call:
    return Call(Kind.LIFECYCLE, "PUT", f"{_event(subject)}/majors/{major}", {"state": state}, subject)


def put_migration(subject: str, major: int) -> Call:
    """Say that events of the major before are not mapped to this one."""
    path = f"{_event(subject)}/majors/{major}/migration"
    return Call(Kind.MIGRATION, "PUT", path, {"steps": [], "reason": "nobody needs it"}, subject)


def put_consumer(subject: str, major: int, fields: Sequence[str]) -> Call:
    """Declare what an application reads: *fields* by their paths; without any, it does not say."""
    named = {"fields": [{"path": one} for one in fields]} if fields else {}
    body = {"team": "billing", "reads": [{"event": subject, "major": major, **named}]}
    return Call(Kind.CONSUMER, "PUT", "/v1/consumers/billing", body, subject)


def associate(subject: str, draft: Draft | None, *, update: bool = False) -> Call:
    """Associate a topic, named after the subject, with it, and perhaps register a schema on the way."""
    schema = {"schema": draft.body(CONFLUENT)} if draft else {}
    body = {**_topic(subject), "associations": [{"subject": subject, **schema}]}
    return Call(Kind.ASSOCIATION, "PUT" if update else "POST", "/associations", body, subject)


def dissociate(subject: str) -> Call:
    """End the association of a topic, and delete the subject that belongs to it alone."""
    path = f"/associations/resources/{quote(_topic(subject)['resourceId'], safe='')}?cascadeLifecycle=true"
    return Call(Kind.ASSOCIATION, "DELETE", path, None, subject)


def associate_again(subject: str, draft: Draft) -> Call:
    """Both in one request: end the association with its subject, and begin it with another schema."""
    steps = [
        {"opType": "DELETE", "associationType": "value", "cascadeLifecycle": True},
        {"opType": "CREATE", "subject": subject, "schema": draft.body(CONFLUENT)},
    ]
    body = {"requests": [{**_topic(subject), "associations": steps}]}
    return Call(Kind.ASSOCIATION, "POST", "/associations:batch", body, subject)


def delete_context(name: str) -> Call:
    return Call(Kind.CONFIG, "DELETE", f"/contexts/{name}", None, f":{name}:")


def ask_whether(subject: str, draft: Draft) -> Call:
    """Ask whether a schema would be taken, which leaves no trace."""
    path = f"/compatibility{_subject(subject)}/versions"
    return Call(Kind.QUESTION, "POST", path, draft.body(CONFLUENT), subject)


def grant(kind: str, domain: str, until: str, *, subject: str = "", major: int = 0) -> Call:
    """Grant a waiver."""
    scope = {**({"subject": subject} if subject else {}), **({"major": major} if major else {})}
    people = {"reason": "the law is tested", "requested_by": "ada", "approved_by": "bert"}
    return Call(Kind.WAIVER, "POST", "/v1/waivers", {"kind": kind, "domain": domain, **scope, **people, "until": until})


def withdraw(id: str) -> Call:
    """Withdraw a waiver."""
    return Call(Kind.WITHDRAWAL, "DELETE", f"/v1/waivers/{quote(id, safe='')}", None, id)


def _event(subject: str) -> str:
    return f"/v1/events/{quote(subject, safe=':')}"


def _subject(subject: str) -> str:
    return f"/subjects/{quote(subject, safe='')}"


def _scoped(path: str, scope: str) -> str:
    return f"{path}/{quote(scope, safe='')}" if scope else path


def _permanently(permanent: bool) -> str:
    return "?permanent=true" if permanent else ""


def _topic(subject: str) -> dict[str, str]:
    name = subject.replace(":", "")
    return {"resourceName": name, "resourceNamespace": "kafka", "resourceId": f"id-{name}"}
