"""The catalogue of errors: a stable code, what is wrong, who can fix it, and how.

Their HTTP statuses are in `http/statuses.py`; nothing here knows of HTTP.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from moorings_compat import Problem, Report
from moorings_registry.second_opinion import ComparedSchemas

_LONGEST_PAYLOAD = 500


class Refusal(Exception):
    """The registry does not do what was asked; the message says why, and `fix` what to do next."""

    code: ClassVar[str]
    title: ClassVar[str]
    audience: ClassVar[str] = "caller"
    """Who can fix it: caller, owner (of the domain) or operator."""
    retryable: ClassVar[bool] = False
    fix: ClassVar[str]

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class NotFound(Refusal):
    code = "NOT_FOUND"
    title = "Path not found"
    fix = "Check the path; /openapi.json and /openapi/confluent.json list every path of the two APIs."

    def __init__(self) -> None:
        super().__init__("HTTP 404 Not Found")


class MethodNotAllowed(Refusal):
    code = "METHOD_NOT_ALLOWED"
    title = "Method not allowed for this path"
    fix = "Use one of the methods in the `Allow` header."

    def __init__(self) -> None:
        super().__init__("HTTP 405 Method Not Allowed")


class InternalError(Refusal):
    """A fault of the registry itself; what caused it goes to the log alone."""

    code = "INTERNAL_ERROR"
    title = "Internal error"
    audience = "operator"
    fix = "Look for the correlation id in the registry's log."

    def __init__(self) -> None:
        super().__init__("An internal error occurred; the registry's log has the details under the correlation id")


class RequestInvalid(Refusal):
    code = "REQUEST_INVALID"
    title = "Invalid request"
    fix = "Fix the locations listed in `errors`; /openapi.json and /openapi/confluent.json describe every request."


class BodyUnreadable(Refusal):
    code = "BODY_UNREADABLE"
    title = "Unreadable request body"
    fix = "Send JSON in UTF-8, or name another Unicode charset in `Content-Type`; `errors` has the location."


class BodyTooLarge(Refusal):
    code = "BODY_TOO_LARGE"
    title = "Request body too large"
    fix = "Send one schema of at most 1 MiB per request, or contracts of at most 8 MiB together."

    def __init__(self) -> None:
        super().__init__("The request body is larger than this registry accepts")


class SubjectInvalid(Refusal):
    code = "SUBJECT_INVALID"
    title = "Invalid subject name"
    fix = "Use a printable name of at most 500 characters, such as shop.orders.OrderPlaced."

    def __init__(self, subject: str) -> None:
        super().__init__(f"The specified subject '{_printable(subject)}' is not a valid subject name")


class DomainNameInvalid(Refusal):
    code = "DOMAIN_NAME_INVALID"
    title = "Invalid domain name"
    fix = "Use lower-case words joined by dots, such as shop.orders."

    def __init__(self, domain: str) -> None:
        super().__init__(f"'{_printable(domain)}' is not a valid domain name")


class DomainNotFound(Refusal):
    code = "DOMAIN_NOT_FOUND"
    title = "Domain not found"
    fix = (
        "Check the name in GET /v1/domains, or register it with PUT /v1/domains/{domain}. What you may not read looks "
        "the same: GET /v1/access says so, and whom to ask."
    )

    def __init__(self, domain: str) -> None:
        super().__init__(f"Domain '{_printable(domain)}' not found")


class SubjectNotFound(Refusal):
    code = "SUBJECT_NOT_FOUND"
    title = "Subject not found"
    fix = (
        "Check the spelling; GET /v1/events lists every event. What you may not read looks the same: GET /v1/access "
        "says so, and whom to ask."
    )

    def __init__(self, subject: object, reason: str = "") -> None:
        super().__init__(f"Subject '{_printable(str(subject))}' not found{f': {reason}' if reason else ''}.")


class VersionNotFound(Refusal):
    code = "VERSION_NOT_FOUND"
    title = "Version not found"
    fix = "Use a version that GET /v1/events/{subject} lists."

    def __init__(self, version: object, reason: str = "") -> None:
        super().__init__(f"Version {_printable(str(version))} not found{f': {reason}' if reason else ''}.")


class VersionInvalid(Refusal):
    code = "VERSION_INVALID"
    title = "Invalid version"
    fix = "Use a number from 1 to 2147483647, a revision such as 2.1, or latest."

    def __init__(self, version: str) -> None:
        super().__init__(
            f"The specified version '{_printable(version)}' is not a valid version id. "
            'Allowed values are between [1, 2^31-1] and the string "latest"'
        )


class SchemaNotFound(Refusal):
    code = "SCHEMA_NOT_FOUND"
    title = "Schema not found"
    fix = "Check the id, the guid or the text, or register the schema first."

    def __init__(self, what: str = "", reason: str = "") -> None:
        found = f"Schema {_printable(what)} not found" if what else "Schema not found"
        super().__init__(f"{found}: {reason}" if reason else found)


class SubjectAlreadyDeleted(Refusal):
    code = "SUBJECT_ALREADY_DELETED"
    title = "Subject already soft-deleted"
    fix = "Delete it permanently, or register a version to bring it back."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently")


class SubjectNotDeletedFirst(Refusal):
    code = "SUBJECT_NOT_DELETED_FIRST"
    title = "Subject not soft-deleted yet"
    fix = "Delete the subject without `permanent` first."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{subject}' was not deleted first before being permanently deleted")


class VersionAlreadyDeleted(Refusal):
    code = "VERSION_ALREADY_DELETED"
    title = "Version already soft-deleted"
    fix = "Delete it permanently, or register the schema again."

    def __init__(self, subject: object, version: int) -> None:
        super().__init__(
            f"Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently"
        )


class VersionNotDeletedFirst(Refusal):
    code = "VERSION_NOT_DELETED_FIRST"
    title = "Version not soft-deleted yet"
    fix = "Delete the version without `permanent` first."

    def __init__(self, subject: object, version: int) -> None:
        super().__init__(
            f"Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
        )


class ReferenceExists(Refusal):
    code = "REFERENCE_EXISTS"
    title = "Other schemas refer to this version"
    fix = "Delete the referring versions first."

    def __init__(self, subject: object, version: int) -> None:
        super().__init__(f"One or more references exist to the schema {{subject={subject},version={version}}}.")


class ReferenceNotFound(Refusal):
    code = "REFERENCE_NOT_FOUND"
    title = "Referenced version not found"
    fix = "Register the referenced schema first, and give its subject and version in the reference."

    def __init__(self, name: str, subject: object, version: int) -> None:
        super().__init__(
            f"Invalid schema: reference '{_printable(name)}' points to subject '{_printable(str(subject))}' "
            f"version {version}, which is not registered"
        )


class SchemaInvalid(Refusal):
    """The text is not a schema; `problems` has every location."""

    code = "SCHEMA_INVALID"
    title = "Invalid schema"
    fix = "Fix the locations listed in `errors`."

    def __init__(self, reason: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"Invalid schema: {reason}", problems)


class SchemaUnreadable(Refusal):
    """A definition that was imported as it was elsewhere cannot be built on: it is not a valid schema here."""

    code = "SCHEMA_UNREADABLE"
    title = "Schema cannot be read"
    fix = (
        "Open the next major, or register in a new subject; outside the domains, delete what was imported or set NONE."
    )

    def __init__(self, guid: str, reason: str) -> None:
        super().__init__(f"The schema {guid} was imported as it was elsewhere, and cannot be read here: {reason}")


class SchemaLimitExceeded(Refusal):
    code = "SCHEMA_LIMIT_EXCEEDED"
    title = "Schema too large"
    fix = "Split the schema with references, or ask the operator for a higher limit."


class SchemaIncompatible(Refusal):
    """The schema would break a promise of its major; `report` proves it."""

    code = "SCHEMA_INCOMPATIBLE"
    title = "Schema incompatible with earlier versions"
    audience = "owner"
    fix = "Follow the advice of the findings, or start the next major."

    def __init__(
        self,
        subject: object,
        report: Report,
        labels: dict[int, str],
        report_id: int | None = None,
        compared: ComparedSchemas | None = None,
    ) -> None:
        self.subject = subject
        self.compared = compared
        """What an answer that shows the report runs its witnesses with."""
        self.report = report
        self.labels = labels
        self.report_id = report_id
        super().__init__(
            f'Schema being registered is incompatible with an earlier schema for subject "{subject}": '
            + (self._details() if report.failing else "the versions that it was compared with were permanently deleted")
        )

    def _details(self) -> str:
        first = self.report.failing[0]
        shown = "; ".join(f"{one.rule} at '{one.reader_path}': {one.message}" for one in first.findings[:3])
        label = self.labels.get(first.version, "?")
        return f"version {first.version} ({label}), level {self.report.level}, {first.promise}; details: {shown}"


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """A part of a write that was refused, by its JSON Pointer in the request."""

    pointer: str
    refusal: Refusal


class ContractsRefused(Refusal):
    """Parts of a write of contracts were refused, so nothing of it happened; `parts` has each with its own error."""

    code = "CONTRACTS_REFUSED"
    title = "Contracts refused: nothing was written"
    audience = "owner"
    fix = "Fix the parts listed in `errors`, each by its own code, and send all of it again."

    def __init__(self, parts: Sequence[RefusedPart]) -> None:
        self.parts = tuple(parts)
        count = f"{len(parts)} parts were" if len(parts) > 1 else "1 part was"
        message = f"Nothing was written, because {count} refused: {parts[0].refusal}"
        super().__init__(message, [Problem(one.pointer, str(one.refusal)) for one in parts])


class ContractsIncompatible(ContractsRefused):
    """At least one of the parts would break a promise."""

    code = "CONTRACTS_INCOMPATIBLE"
    title = "Contracts incompatible with earlier versions: nothing was written"


class NameRefused(Refusal):
    code = "NAME_REFUSED"
    title = "Name violates the domain's policy"
    audience = "owner"
    fix = (
        "Name a fact in the past tense, such as OrderPlaced, and a command in the imperative, such as PlaceOrder, "
        "within the producing domain."
    )


class KindRefused(Refusal):
    code = "KIND_REFUSED"
    title = "The domain has no events of this kind"
    audience = "owner"
    fix = "Declare the event as a kind that the message names, or add its kind to `kinds` in the domain's policy."


class EventInvalid(Refusal):
    code = "EVENT_INVALID"
    title = "The event cannot be declared as requested"
    audience = "owner"
    fix = "Fix the locations listed in `errors`."


class EventOutsideDomains(Refusal):
    code = "EVENT_OUTSIDE_DOMAINS"
    title = "Only events of registered domains are declared"
    audience = "owner"
    fix = "Register the domain first, with PUT /v1/domains/{domain}, and name the event within it."

    def __init__(self, subject: object) -> None:
        super().__init__(f"'{_printable(str(subject))}' belongs to no registered domain, so it cannot be declared")


class TopicTaken(Refusal):
    code = "TOPIC_TAKEN"
    title = "The topic belongs to other events"
    audience = "owner"
    fix = "Choose another topic, or agree with the owner of those events."

    def __init__(self, topic: str, why: str, place: str) -> None:
        message = f"Topic '{topic}' cannot be bound or named here: {why}"
        super().__init__(message, [Problem(place, message)] if place else ())


class TopicSubjectDiffers(Refusal):
    """A subject with the name of the topic holds something that is not a revision of the topic's events."""

    code = "TOPIC_SUBJECT_DIFFERS"
    title = "The topic already has schemas that its event does not have"
    audience = "owner"
    fix = "Register what the message names as a revision of the event first, or delete it, and bind the topic then."

    def __init__(self, name: object, version: int, events: Sequence[str], place: str) -> None:
        known = " or ".join(f"'{one}'" for one in events) or "what the topic carries"
        message = f"Version {version} of '{name}' is not a revision of {known}"
        super().__init__(message, [Problem(place, message)])


class TopicAmbiguous(Refusal):
    """The topic carries several events, so its own name does not say which one is meant."""

    code = "TOPIC_AMBIGUOUS"
    title = "The topic carries several events"
    fix = (
        "Set the client's subject name strategy to RecordNameStrategy or TopicRecordNameStrategy; the message has the "
        "names that these give."
    )

    def __init__(self, subject: object, topic: str, events: Sequence[Any]) -> None:
        """*events* are subjects that it carries, as far as the caller may know."""
        self.subject = subject
        self.topic = topic
        self.events = tuple(events)
        names = f", such as '{events[0].name}'" if events else ""
        both = f", such as '{topic}-{events[0].name}'" if events else ""
        super().__init__(
            f"Topic '{topic}' carries several events, and '{_printable(str(subject))}' does not say which one: use the "
            f"name of the record{names}, or of topic and record{both}"
        )

    def among(self, events: Sequence[Any]) -> "TopicAmbiguous":
        """The same, for a caller who sees *events* alone."""
        return TopicAmbiguous(self.subject, self.topic, events)


class DeclaredFieldMissing(Refusal):
    """The schema lacks a field that the event's declaration points to."""

    code = "DECLARED_FIELD_MISSING"
    title = "The schema has no field that the event's declaration names"
    audience = "owner"
    fix = (
        "Keep the field, or change replay and idempotency of the event first: PUT /v1/events/{subject}. "
        "PUT /v1/domains/{domain}/contracts changes both together."
    )


class TypeNameRefused(Refusal):
    code = "TYPE_NAME_REFUSED"
    title = "Type name violates the domain's policy"
    audience = "owner"
    fix = "Give the type inside the schema the name of the event, or set type_names to any in the domain's policy."

    def __init__(self, subject: object, event: str, names: Sequence[str]) -> None:
        shown = ", ".join(f"'{name[:200]}'" for name in names[:5])
        kind = "the type" if len(names) == 1 else "the types"
        verb = "is" if len(names) == 1 else "are"
        super().__init__(f"{kind} inside the schema of '{subject}' {verb} named {shown}, and the event '{event}'")
        self.names = tuple(names)


class MajorUnknown(Refusal):
    code = "MAJOR_UNKNOWN"
    title = "Major not found"
    fix = "Register into an existing major, or open the next one."

    def __init__(self, subject: object, major: int, newest: int) -> None:
        super().__init__(
            f"Subject '{subject}' has majors 1 to {newest}; major {major} is neither one of them nor the next one"
            if newest
            else f"Subject '{subject}' has no versions yet, so its first major is 1, not {major}"
        )


class FieldReserved(Refusal):
    code = "FIELD_RESERVED"
    title = "Reserved field name"
    fix = "Rename the field, or keep the name listed in confluent:reserved; the setting validateFields asks for both."

    def __init__(self, subject: object, what: str, problems: Sequence[Problem]) -> None:
        named = _printable(str(subject))
        started = f'Schema being registered is incompatible with an earlier schema for subject "{named}"'
        super().__init__(f"{started}: {what}", problems)


class ContextHoldsSettings(Refusal):
    code = "CONTEXT_HOLDS_SETTINGS"
    title = "The context holds settings and modes alone"
    fix = "Use another context; :.__GLOBAL: has the settings and the mode that hold where nothing nearer is set."

    def __init__(self) -> None:
        super().__init__("The context .__GLOBAL holds settings and modes, and no subjects")


class MajorRetired(Refusal):
    code = "MAJOR_RETIRED"
    title = "Major retired"
    audience = "owner"
    fix = "Use the major that the message names, or a newer one; a waiver of kind retire brings a retired major back."

    def __init__(self, subject: object, major: int, instead: str = "") -> None:
        super().__init__(f"{retired_text(subject, major)} and accepts no new revisions{instead}")


def retired_text(subject: object, major: int) -> str:
    """The beginning of a sentence about a retired major."""
    return f"Major {major} of '{_printable(str(subject))}' is retired"


class LifecycleInvalid(Refusal):
    code = "LIFECYCLE_INVALID"
    title = "The lifecycle cannot be set as requested"
    audience = "owner"
    fix = "Fix the locations listed in `errors`."


class MigrationInvalid(Refusal):
    code = "MIGRATION_INVALID"
    title = "Not a mapping between majors"
    audience = "owner"
    fix = "Fix the locations listed in `errors`; docs/replay.md describes every step."


class MigrationUnfit(Refusal):
    """The event in the message is made up."""

    code = "MIGRATION_UNFIT"
    title = "The mapping does not lead to valid events of the next major"
    audience = "owner"
    fix = "Change the mapping with PUT /v1/events/{subject}/majors/{major}/migration so that it fits both schemas."

    def __init__(self, subject: object, major: int, fault: str, payload: str) -> None:
        shown = payload if len(payload) <= _LONGEST_PAYLOAD else f"{payload[:_LONGEST_PAYLOAD]}..."
        mapping = f"The mapping from major {major - 1} to {major} of '{_printable(str(subject))}'"
        super().__init__(f"{mapping} fails ({fault}) for the event {shown}")


class RetirementBlocked(Refusal):
    code = "RETIREMENT_BLOCKED"
    title = "The major cannot be retired yet"
    audience = "owner"
    fix = "Remove what `errors` lists, wait until the earliest day, or have a waiver of kind retire granted."

    def __init__(self, subject: object, major: int, problems: Sequence[Problem], earliest: str) -> None:
        blocked = f"Major {major} of '{_printable(str(subject))}' cannot be retired yet: {problems[0].message}"
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        day = f". The earliest day is {earliest}" if earliest else ""
        super().__init__(f"{blocked}{more}{day}", problems)


class MajorNotRetired(Refusal):
    code = "MAJOR_NOT_RETIRED"
    title = "Versions of a major that is not retired are not deleted"
    audience = "owner"
    fix = (
        "Deprecate and retire the major: `moorings deprecate` and `moorings retire`, or "
        "PUT /v1/events/{subject}/majors/{major}. A waiver of kind retire lets its versions be deleted before."
    )

    def __init__(self, subject: object, major: int, domain: str) -> None:
        super().__init__(
            f"Major {major} of '{_printable(str(subject))}' is in use and domain '{domain}' keeps its promises, so its "
            f"versions cannot be deleted: retire it with `moorings retire {_printable(str(subject))}@{major}`"
        )


class LevelInvalid(Refusal):
    code = "LEVEL_INVALID"
    title = "Invalid compatibility level"
    fix = "Use NONE, BACKWARD, FORWARD, FULL, or one of the last three with _TRANSITIVE."

    def __init__(self, level: object) -> None:
        super().__init__(
            f"Invalid compatibility level {_printable(str(level))}. Valid values are none, backward, forward, full, "
            "backward_transitive, forward_transitive, and full_transitive"
        )


class PolicyBelowFloor(Refusal):
    code = "POLICY_BELOW_FLOOR"
    title = "The policy asks for less than its floor"
    audience = "owner"
    fix = "Choose at least what the message names, or have a waiver of kind level granted for the domain."


class StateChanged(Refusal):
    code = "STATE_CHANGED"
    title = "The state is not the one that If-Match names"
    fix = "Read it again, and repeat the change with the new ETag if it still applies."

    def __init__(self, etag: str) -> None:
        super().__init__(f'The ETag is "{etag}" now' if etag else "There is nothing here yet")


class WaiverNeeded(Refusal):
    code = "WAIVER_NEEDED"
    title = "A registered domain allows this only under a waiver"
    audience = "owner"
    fix = "Have a waiver of the kind that the message names granted for the domain: POST /v1/waivers."

    def __init__(self, kind: str, domain: str, what: str) -> None:
        super().__init__(f"{what} needs an open waiver of kind {kind} for domain '{domain}'")


class WaiverInvalid(Refusal):
    code = "WAIVER_INVALID"
    title = "The waiver cannot be granted as requested"
    fix = "Fix the locations listed in `errors`."


class WaiverNotFound(Refusal):
    code = "WAIVER_NOT_FOUND"
    title = "No such waiver"
    fix = "List the waivers: GET /v1/waivers."

    def __init__(self, id: int) -> None:
        super().__init__(f"Waiver {id} not found")


class ReasonNeeded(Refusal):
    code = "REASON_NEEDED"
    title = "A permanent delete in a registered domain needs a reason"
    audience = "owner"
    fix = "Send the reason in the query parameter reason, 1 to 500 characters."

    def __init__(self, subject: object, domain: str) -> None:
        super().__init__(f"Permanently deleting versions of '{subject}', which domain '{domain}' owns, needs a reason")


class LevelNotSet(Refusal):
    code = "LEVEL_NOT_SET"
    title = "No compatibility level set"
    fix = "Set one, or ask for the effective level with defaultToGlobal=true."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{subject}' does not have subject-level compatibility configured")


class ModeInvalid(Refusal):
    code = "MODE_INVALID"
    title = "Invalid mode"
    fix = "Use READWRITE, READONLY or IMPORT; for the registry as a whole also READONLY_OVERRIDE or FORWARD."

    def __init__(self, mode: object, *, only_whole: bool = False) -> None:
        where = " for anything but the registry as a whole" if only_whole else ""
        super().__init__(
            f"Invalid mode {_printable(str(mode))}{where}. "
            "Valid values are READWRITE, READONLY, READONLY_OVERRIDE, IMPORT and FORWARD"
        )


class ModeNotSet(Refusal):
    code = "MODE_NOT_SET"
    title = "No mode set"
    fix = "Set one, or ask for the effective mode with defaultToGlobal=true."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{subject}' does not have subject-level mode configured")


class OperationNotPermitted(Refusal):
    code = "OPERATION_NOT_PERMITTED"
    title = "Operation not allowed in this mode"
    audience = "operator"
    fix = "Change the mode first, or leave the subject as it is."


class IdMismatch(Refusal):
    code = "ID_MISMATCH"
    title = "Schema already has another id"
    fix = "Import it under the id in the message, or into another context."

    def __init__(self, given: int, known: int) -> None:
        super().__init__(f"Schema already registered with id {known} instead of input id {given}")


class ContextNotFound(Refusal):
    code = "CONTEXT_NOT_FOUND"
    title = "Context not found"
    fix = "Check the name in GET /contexts; registering its first subject creates a context."

    def __init__(self, context: str) -> None:
        super().__init__(f"Context '{_printable(context)}' not found.")


class ContextNotEmpty(Refusal):
    code = "CONTEXT_NOT_EMPTY"
    title = "Context not empty"
    fix = "Permanently delete its subjects first."

    def __init__(self, context: str) -> None:
        super().__init__(f"Context '{_printable(context)}' is not empty")


class MetadataInvalid(Refusal):
    code = "METADATA_INVALID"
    title = "Invalid metadata or rule set"
    fix = "Fix the locations listed in `errors`."


class RuleSetInvalid(Refusal):
    code = "RULE_SET_INVALID"
    title = "Invalid rule set"
    fix = "Fix the locations listed in `errors`."


class IdempotencyKeyReused(Refusal):
    code = "IDEMPOTENCY_KEY_REUSED"
    title = "Idempotency key already used for another request"
    fix = "Use a new key for a new request; repeat a request with the same key and the same body."

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request before")


class PositionAhead(Refusal):
    code = "POSITION_AHEAD"
    title = "Position not reached yet"
    audience = "operator"
    retryable = True
    fix = "Retry in a moment; if the error persists, this node reads another ledger than the one that was written."

    def __init__(self, asked: int, reached: int) -> None:
        super().__init__(f"Position {asked} is ahead of the ledger, which is at {reached}")


class LedgerUnavailable(Refusal):
    code = "LEDGER_UNAVAILABLE"
    title = "Ledger unavailable"
    audience = "operator"
    retryable = True
    fix = "Retry after the time in `Retry-After`; with its Idempotency-Key, a request is never carried out twice."

    @classmethod
    def writing(cls, *, in_doubt: bool) -> "LedgerUnavailable":
        """For a write that failed; *in_doubt* where the entry may have been stored before the answer was lost."""
        if in_doubt:
            return cls("The ledger did not answer, so this request may or may not have been stored")
        return cls("The ledger cannot be written right now; nothing of this request was stored")


class DriftUnavailable(Refusal):
    code = "DRIFT_UNAVAILABLE"
    title = "Drift counts unavailable"
    audience = "operator"
    retryable = True
    fix = "Retry later; everything but drift counts still works."

    def __init__(self) -> None:
        super().__init__("The store of drift counts does not answer; nothing of this request was counted")


class KeptCheckNotFound(Refusal):
    code = "KEPT_CHECK_NOT_FOUND"
    title = "Kept check not found"
    fix = "Run the job again: checks are kept for 90 days, and the oldest of a domain make room for newer ones."

    def __init__(self, id: str) -> None:
        super().__init__(f"Kept check {_printable(id)} not found")


class KeptChecksUnavailable(Refusal):
    code = "KEPT_CHECKS_UNAVAILABLE"
    title = "Kept checks unavailable"
    audience = "operator"
    retryable = True
    fix = "Retry later; checking and registering still work."

    def __init__(self) -> None:
        super().__init__("The store of kept checks does not answer")


class UsageUnavailable(Refusal):
    code = "USAGE_UNAVAILABLE"
    title = "Counts of usage unavailable"
    audience = "operator"
    retryable = True
    fix = "Retry later: without them nobody knows who reads what the change removes."

    def __init__(self) -> None:
        super().__init__("The store of usage counts does not answer")


class ConsumerNotFound(Refusal):
    code = "CONSUMER_NOT_FOUND"
    title = "Consumer not found"
    fix = "Use an application that GET /v1/consumers lists."

    def __init__(self, application: str) -> None:
        super().__init__(f"Application '{_printable(application)}' declares nothing here")


class ConsumerOfAnotherTeam(Refusal):
    code = "CONSUMER_OF_ANOTHER_TEAM"
    title = "Another team has an application of this name"
    fix = "Choose another name; where the application changed teams, have the other team withdraw its declaration."

    def __init__(self, application: str, team: str) -> None:
        """*team* is empty for a caller who may not see the application."""
        whose = f"team {_printable(team)}" if team else "another team"
        super().__init__(f"Application '{_printable(application)}' belongs to {whose}")


class ApplicationOfOthers(Refusal):
    """The caller may not change what is recorded of an application; `application` says which."""

    code = "APPLICATION_OF_OTHERS"
    title = "Other callers hold this application"
    audience = "owner"
    fix = (
        "Sign in as a caller who holds it, or ask one of them or the registry's operator to name you: "
        "PUT /v1/consumers/{application}/holders."
    )

    def __init__(self, application: str, team: str = "") -> None:
        """*team* is whom to ask, where the caller may know."""
        self.application = application
        whom = f"; ask team {_printable(team)}" if team else ""
        super().__init__(f"Application '{_printable(application)}' is held by other callers{whom}")


class ConsumerInvalid(Refusal):
    code = "CONSUMER_INVALID"
    title = "Invalid declaration of a consumer"
    fix = "Fix the locations listed in `errors`: events, majors and fields are those that the registry has."


class Contention(Refusal):
    code = "CONTENTION"
    title = "Too many concurrent writers"
    retryable = True
    fix = "Retry in a moment."

    def __init__(self) -> None:
        super().__init__("Other writers were faster on every attempt; nothing of this request was stored")


class CompilerUnavailable(Refusal):
    code = "COMPILER_UNAVAILABLE"
    title = "Protobuf compiler unavailable"
    audience = "operator"
    retryable = True
    fix = "Install the protobuf extra on the server."


class AssociationNotFound(Refusal):
    code = "ASSOCIATION_NOT_FOUND"
    title = "Association not found"
    fix = "Use an association that GET /associations/resources/{id} lists."

    def __init__(self, resource: str) -> None:
        super().__init__(f"No associations found for resource '{_printable(resource)}'")


class AssociationInvalid(Refusal):
    code = "ASSOCIATION_INVALID"
    title = "Invalid association"
    fix = "Give the resource's id, name and namespace, a type (key or value) and a lifecycle (STRONG or WEAK)."


class AssociationFrozen(Refusal):
    code = "ASSOCIATION_FROZEN"
    title = "Association frozen"
    fix = "Keep it, or delete it together with its subject (cascadeLifecycle=true)."

    def __init__(self, resource: str) -> None:
        super().__init__(f"An association of resource '{_printable(resource)}' is frozen")


class TooManyAssociations(Refusal):
    code = "TOO_MANY_ASSOCIATIONS"
    title = "Several associations of one type"
    fix = "Send at most one association for keys and one for values."

    def __init__(self, resource: str) -> None:
        super().__init__(f"The request asks for several associations of one type for resource '{_printable(resource)}'")


class ResourceAssociatedOtherwise(Refusal):
    code = "RESOURCE_ASSOCIATED_OTHERWISE"
    title = "Resource already has an association of this type"
    fix = "Delete the other one first, or update its lifecycle with PUT."

    def __init__(self, resource: str, association_type: str) -> None:
        super().__init__(
            f"An association of type '{association_type}' already exists for resource '{_printable(resource)}'"
        )


class SubjectAssociated(Refusal):
    code = "SUBJECT_ASSOCIATED"
    title = "Subject already associated"
    fix = "Use a weak association, or another subject."

    def __init__(self, subject: object) -> None:
        super().__init__(f"An association already exists for subject '{_printable(str(subject))}'")


class SubjectStronglyAssociated(Refusal):
    code = "SUBJECT_STRONGLY_ASSOCIATED"
    title = "Subject strongly associated with another resource"
    fix = "Use another subject, or make the other association weak first."

    def __init__(self, subject: object) -> None:
        super().__init__(f"A strong association already exists for subject '{_printable(str(subject))}'")


class AssociatedSubjectKept(Refusal):
    code = "ASSOCIATED_SUBJECT_KEPT"
    title = "Last active version of an associated subject"
    fix = "Delete the association first, or together with its subject (cascadeLifecycle=true)."

    def __init__(self, subject: object) -> None:
        super().__init__(
            f"Subject '{_printable(str(subject))}' is associated with a resource and needs an active version"
        )


class ExporterNotFound(Refusal):
    code = "EXPORTER_NOT_FOUND"
    title = "Exporter not found"
    fix = "Use an exporter that GET /exporters lists."

    def __init__(self, name: str) -> None:
        super().__init__(f"Exporter '{_printable(name)}' not found")


class ExporterExists(Refusal):
    code = "EXPORTER_EXISTS"
    title = "Exporter already exists"
    fix = "Change it with PUT /exporters/{name}, or choose another name."

    def __init__(self, name: str) -> None:
        super().__init__(f"Exporter '{_printable(name)}' already exists")


class KeyNotFound(Refusal):
    code = "KEY_NOT_FOUND"
    title = "Encryption key not found"
    fix = "Use a key that GET /dek-registry/v1/keks lists; `deleted=true` includes soft-deleted ones."

    def __init__(self, key: str) -> None:
        super().__init__(f"{_printable(key)} not found")


class KeyNotSoftDeleted(Refusal):
    code = "KEY_NOT_SOFT_DELETED"
    title = "Encryption key not soft-deleted"
    fix = "Delete it without `permanent` first; an active key need not be restored."

    def __init__(self, key: str) -> None:
        super().__init__(f"{_printable(key)} was not deleted first before being permanently deleted or restored")


class KeySoftDeleted(Refusal):
    code = "KEY_SOFT_DELETED"
    title = "Encryption key soft-deleted"
    fix = "Restore it (POST to its path and /undelete), or delete it permanently with `permanent=true`."

    def __init__(self, key: str) -> None:
        super().__init__(f"{_printable(key)} was soft deleted")


class KeyExists(Refusal):
    code = "KEY_EXISTS"
    title = "Encryption key already exists"
    fix = "Use the key that is there, or the next version."

    def __init__(self, key: str) -> None:
        super().__init__(f"{_printable(key)} already exists")


class TooManyKeys(Refusal):
    code = "TOO_MANY_KEYS"
    title = "Too many encryption keys"
    fix = "Delete keys permanently that no stored event needs, or rotate them less often."


class KeyInvalid(Refusal):
    code = "KEY_INVALID"
    title = "Invalid encryption key"
    fix = "Fix the locations listed in `errors`."


class KeyReferenced(Refusal):
    code = "KEY_REFERENCED"
    title = "Encryption key in use"
    fix = "Delete the data encryption keys that it wraps first."

    def __init__(self, key: str, wraps: int) -> None:
        super().__init__(f"{_printable(key)} wraps data encryption keys of {wraps} subject{'s' * (wraps != 1)}")


class KeyGenerationRefused(Refusal):
    code = "KEY_GENERATION_REFUSED"
    title = "The registry neither makes nor unwraps keys"
    fix = "Let the client make the key and wrap it with its key management service; KEKs are not shared here."


class CrossSiteRefused(Refusal):
    code = "CROSS_SITE_REFUSED"
    title = "The form did not come from a page of this registry"
    fix = "Open the page of the registry itself, and send the form from there."

    def __init__(self) -> None:
        super().__init__("The request came from another site, or does not say where it came from")


class CallerRefused(Refusal):
    code = "CALLER_REFUSED"
    title = "Access denied"
    audience = "operator"
    fix = "Call the registry directly and for yourself; without sign-in, from its own machine and as its own user."


class CredentialRefused(Refusal):
    code = "CREDENTIAL_REFUSED"
    title = "The credential was not accepted"
    fix = "Leave out the Authorization header while the registry has no sign-in configured."


class SignInNeeded(Refusal):
    """A caller without a credential asks for what takes one."""

    code = "SIGN_IN_NEEDED"
    title = "Sign-in needed"
    fix = "Send `Authorization: Bearer` with a token of an issuer that this registry is configured with."

    def __init__(self) -> None:
        super().__init__("The request has no credential, and callers without one may not do this")


class TokenFault(StrEnum):
    """Why a credential does not hold: a class of reasons, never a value of the credential."""

    MANY = "several"
    SCHEME = "scheme"
    SIZE = "size"
    MALFORMED = "malformed"
    HEADER = "header"
    ALGORITHM = "algorithm"
    TYPE = "type"
    ISSUER = "issuer"
    KEY = "key"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET = "not yet valid"
    LIFE = "life"
    CLAIMS = "claims"
    SUBJECT = "subject"
    KIND = "kind"
    BINDING = "binding"
    CERTIFICATE = "certificate"
    PURPOSE = "purpose"
    USED = "used"


_TOKEN_FAULTS = {
    TokenFault.MANY: "The request carries more than one credential, or credentials of two callers",
    TokenFault.SCHEME: "The Authorization header holds neither a bearer token nor the user `token` with a token",
    TokenFault.SIZE: "The token has more than 8,192 characters",
    TokenFault.MALFORMED: "The token is not a signed JWT in compact form, with strict base64url and JSON",
    TokenFault.HEADER: "The token's header has a parameter other than alg, kid, typ and x5t",
    TokenFault.ALGORITHM: "The token is signed with an algorithm that its issuer is not configured with",
    TokenFault.TYPE: "The token's type (`typ`) is not one that is accepted for this purpose",
    TokenFault.ISSUER: "The token's issuer is not configured in this registry",
    TokenFault.KEY: "The token names a key that its issuer does not publish",
    TokenFault.SIGNATURE: "The token's signature is wrong",
    TokenFault.AUDIENCE: "The token is for another audience than this registry",
    TokenFault.EXPIRED: "The token has expired",
    TokenFault.NOT_YET: "The token is not valid yet: the clocks of its issuer and of the registry differ",
    TokenFault.LIFE: "The token is valid for longer than its issuer is configured with",
    TokenFault.CLAIMS: "A claim of the token is missing or malformed",
    TokenFault.SUBJECT: "The token's subject is missing or malformed",
    TokenFault.KIND: "The token does not show which workload it is for, in the claims that its kind of issuer has",
    TokenFault.BINDING: "The token is bound to a key or a certificate that the caller did not show",
    TokenFault.CERTIFICATE: "The client certificate does not name one workload of a configured trust domain",
    TokenFault.PURPOSE: "The token is for another purpose than the one that it is shown for",
    TokenFault.USED: "The token was exchanged before, which it can be once",
}


class TokenRefused(Refusal):
    """A credential that does not hold; `fault` is the class of its reason."""

    code = "TOKEN_REFUSED"
    title = "The token was not accepted"
    fix = "Get a new token, issued for this registry's audience, and send it alone, as `Authorization: Bearer`."

    def __init__(self, fault: TokenFault) -> None:
        self.fault = fault
        super().__init__(f"{_TOKEN_FAULTS[fault]} ({fault})")


class TokenExposed(Refusal):
    """A credential came unencrypted from another machine."""

    code = "TOKEN_EXPOSED"
    title = "The credential was sent unencrypted"
    fix = "Call the registry by https, and revoke the token: others may have read it."

    def __init__(self) -> None:
        super().__init__("The credential came over plain http from another machine")


class TooManyFailures(Refusal):
    """Too many credentials from one address did not hold."""

    code = "TOO_MANY_FAILURES"
    title = "Too many refused credentials"
    fix = "Find out why the credentials are refused, and wait before the next attempt."

    def __init__(self) -> None:
        super().__init__("Too many credentials from this address were refused in the last seconds")


class IssuerAway(Refusal):
    """The keys of an issuer cannot be had, so its tokens cannot be checked."""

    code = "ISSUER_AWAY"
    title = "The issuer's keys are not available"
    audience = "operator"
    retryable = True
    fix = "Retry later; if it lasts, check that the registry reaches the issuer's key set."

    def __init__(self) -> None:
        super().__init__("The keys of the token's issuer are not available now, so the token cannot be checked")


class SessionEnded(Refusal):
    """The session in a browser's cookie does not hold any more."""

    code = "SESSION_ENDED"
    title = "The session has ended"
    fix = "Sign in again."

    def __init__(self, target: str = "") -> None:
        """*target* is the page to lead to after the next sign-in, where it is not the one that was asked for."""
        self.target = target
        super().__init__("The session has ended")


class SignInAgain(Refusal):
    """A person governs or operates, and proved who they are too long ago."""

    code = "SIGN_IN_AGAIN"
    title = "Sign in again to do this"
    fix = "Sign in again, and send the form once more."

    def __init__(self) -> None:
        super().__init__("This needs a sign-in within the last 15 minutes")


class SignInFailed(Refusal):
    """A sign-in of a person that an issuer's answer did not complete."""

    code = "SIGN_IN_FAILED"
    title = "You are not signed in"
    fix = "Begin again from the sign-in page. If it fails again, show the correlation id to whoever runs the registry."

    def __init__(self, reason: str) -> None:
        super().__init__(f"Signing in did not work: {reason}")


class LinkEnded(Refusal):
    """A link of `moorings open` that was used, or is older than a minute."""

    code = "LINK_ENDED"
    title = "The link has ended"
    fix = "Run `moorings open` again: each link works once, for a minute."

    def __init__(self) -> None:
        super().__init__("The link was used already, or is older than a minute")


class SessionsUnavailable(Refusal):
    """What is kept about sessions beside the ledger cannot be read or written."""

    code = "SESSIONS_UNAVAILABLE"
    title = "Sessions cannot be checked now"
    audience = "operator"
    retryable = True
    fix = "Retry in a moment; if it lasts, check the store of the ledger."

    def __init__(self) -> None:
        super().__init__("Nobody can say now whether the session was ended")


class SigningUnavailable(Refusal):
    """No token can be signed now that every node of the service would know the key of."""

    code = "SIGNING_UNAVAILABLE"
    title = "Tokens cannot be issued now"
    audience = "operator"
    retryable = True
    fix = "Retry later; if it lasts, check that the registry reaches the storage of its ledger."

    def __init__(self) -> None:
        super().__init__("The registry's key is not published beside the ledger, so no token can be issued now")


class NotAllowed(Refusal):
    """The caller is known and lacks a permission; `verb` and `node` say which one."""

    code = "NOT_ALLOWED"
    title = "Permission denied"
    audience = "owner"
    fix = "Ask the owner of the domain for the permission that the message names."

    def __init__(self, verb: str, node: str, owner: str = "", *, is_granted: bool = False) -> None:
        """*owner* is whom to ask, where the caller may know. *is_granted*: the token leaves out what is granted."""
        self.verb = verb
        self.node = node
        self.owner = owner
        if is_granted:
            where = f" for '{_printable(node)}'" if node else ""
            super().__init__(
                f"Permission '{verb}'{where} is granted, and the token does not carry it: exchange a credential for "
                "one that does (POST /v1/token)"
            )
            return
        whom = f"; the owner of the domain is {_printable(owner)}" if owner else ""
        super().__init__(f"Permission '{verb}' is missing" + (f" for '{_printable(node)}'" if node else "") + whom)


class GrantInvalid(Refusal):
    code = "GRANT_INVALID"
    title = "The grant cannot be stored as requested"
    fix = "Fix the locations listed in `errors`."


class GrantNotFound(Refusal):
    code = "GRANT_NOT_FOUND"
    title = "No such grant"
    fix = "List the grants that you may see: GET /v1/grants."

    def __init__(self, id: int) -> None:
        super().__init__(f"Grant {id} not found")


class GrantToOneself(Refusal):
    code = "GRANT_TO_ONESELF"
    title = "The grant is for its own author"
    audience = "owner"
    fix = "Ask somebody else who governs the node to grant it."

    def __init__(self) -> None:
        super().__init__("The grant would be for the caller who asks for it")


class AuditUnavailable(Refusal):
    code = "AUDIT_UNAVAILABLE"
    title = "Counts of access unavailable"
    audience = "operator"
    retryable = True
    fix = "Check the file of counts beside the ledger; everything but the counts still works."

    def __init__(self) -> None:
        super().__init__("The file with the counts of access cannot be read right now")


class OtherCallerNeeded(Refusal):
    code = "OTHER_CALLER_NEEDED"
    title = "Another caller has to agree"
    audience = "owner"
    fix = "Ask somebody else who may do it; nobody agrees to their own request."


class TransferNotFound(Refusal):
    code = "TRANSFER_NOT_FOUND"
    title = "Domain not offered to another owner"
    fix = "Offer it first: PUT /v1/domains/{domain} with the other owner."

    def __init__(self, domain: str) -> None:
        super().__init__(f"Domain '{_printable(domain)}' is not offered to another owner")


def _printable(text: str) -> str:
    """Cut *text* so that a hostile name cannot fill a log; control characters are escaped."""
    cut = text if len(text) <= 200 else text[:200] + "…"
    return cut.encode("unicode_escape").decode() if not cut.isprintable() else cut


class WebhookNotFound(Refusal):
    code = "WEBHOOK_NOT_FOUND"
    title = "Webhook not found"
    fix = "Use a webhook that GET /v1/webhooks lists."

    def __init__(self, id: int) -> None:
        super().__init__(f"Webhook {id} not found")


class TooManyWaiting(Refusal):
    code = "TOO_MANY_WAITING"
    title = "Too many requests are waiting"
    retryable = True
    fix = "Wait a moment, then ask again; or ask without `wait`, and less often."

    def __init__(self, what: str = "requests that wait for news") -> None:
        super().__init__(f"This worker has as many {what} as it takes")


class SigningNotSetUp(Refusal):
    code = "SIGNING_NOT_SET_UP"
    title = "The registry has no address of its own, so it signs nothing"
    audience = "operator"
    fix = "Start it with `serve --public-url`: webhooks are signed with its own key, which receivers find there."

    def __init__(self) -> None:
        super().__init__("Webhooks are signed, and this registry was started without a public URL to find its keys at")
