"""The one catalogue of refusals: a stable code, what it means, who can mend it, and how.

Statuses of HTTP stand in `http/statuses.py`; nothing here knows of it.
"""

from collections.abc import Sequence
from typing import ClassVar

from moorings_compat import Problem, Report


class Refusal(Exception):
    """The registry will not do what was asked; the message says why, and `fix` what to do next."""

    code: ClassVar[str]
    title: ClassVar[str]
    audience: ClassVar[str] = "caller"
    """Who can mend it: caller, owner (of the domain), operator."""
    retryable: ClassVar[bool] = False
    fix: ClassVar[str]

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class NotFound(Refusal):
    code = "NOT_FOUND"
    title = "Nothing is served at this path"
    fix = "Check the path; /openapi.json describes every one of the native API."

    def __init__(self) -> None:
        super().__init__("HTTP 404 Not Found")


class MethodNotAllowed(Refusal):
    code = "METHOD_NOT_ALLOWED"
    title = "This path does not take that method"
    fix = "Use one of the methods that the Allow header lists."

    def __init__(self) -> None:
        super().__init__("HTTP 405 Method Not Allowed")


class InternalError(Refusal):
    """A fault of the registry itself; what caused it goes to the log alone."""

    code = "INTERNAL_ERROR"
    title = "Something went wrong inside the registry"
    audience = "operator"
    fix = "Look for the correlation id in the registry's log."

    def __init__(self) -> None:
        super().__init__("Something went wrong inside the registry; its log tells under the correlation id")


class RequestInvalid(Refusal):
    code = "REQUEST_INVALID"
    title = "The request does not have the described form"
    fix = "Mend the places named in errors; /openapi.json describes every request."


class BodyUnreadable(Refusal):
    code = "BODY_UNREADABLE"
    title = "The request's body cannot be read"
    fix = "Send JSON in UTF-8, or name another charset of Unicode in Content-Type; errors names the place."


class BodyTooLarge(Refusal):
    code = "BODY_TOO_LARGE"
    title = "The request's body is too large"
    fix = "Send one schema of at most 1 MiB a request."

    def __init__(self) -> None:
        super().__init__("The request's body is larger than this registry reads")


class SubjectInvalid(Refusal):
    code = "SUBJECT_INVALID"
    title = "Not a subject name"
    fix = "Use a printable name of at most 500 characters, such as shop.orders.OrderPlaced."

    def __init__(self, subject: str) -> None:
        super().__init__(f"The specified subject '{_shown(subject)}' is not a valid subject name")


class DomainNameInvalid(Refusal):
    code = "DOMAIN_NAME_INVALID"
    title = "Not a domain name"
    fix = "Use lower-case words joined by dots, such as shop.orders."

    def __init__(self, domain: str) -> None:
        super().__init__(f"'{_shown(domain)}' is not a domain name: lower-case words joined by dots")


class DomainNotFound(Refusal):
    code = "DOMAIN_NOT_FOUND"
    title = "No such domain"
    fix = "Register it with PUT /v1/domains/{domain}, or look at GET /v1/domains."

    def __init__(self, domain: str) -> None:
        super().__init__(f"Domain '{_shown(domain)}' not found")


class SubjectNotFound(Refusal):
    code = "SUBJECT_NOT_FOUND"
    title = "No such subject"
    fix = "Check the spelling, or look at GET /v1/events."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{_shown(str(subject))}' not found.")


class VersionNotFound(Refusal):
    code = "VERSION_NOT_FOUND"
    title = "No such version"
    fix = "GET /v1/events/{subject} lists the versions that exist."

    def __init__(self, version: object) -> None:
        super().__init__(f"Version {_shown(str(version))} not found.")


class VersionInvalid(Refusal):
    code = "VERSION_INVALID"
    title = "Not a version"
    fix = "Use a number from 1 to 2147483647, a revision such as 2.1, or latest."

    def __init__(self, version: str) -> None:
        super().__init__(
            f"The specified version '{_shown(version)}' is not a valid version id. "
            'Allowed values are between [1, 2^31-1] and the string "latest"'
        )


class SchemaNotFound(Refusal):
    code = "SCHEMA_NOT_FOUND"
    title = "No such schema"
    fix = "Register it first, or check the id, the guid or the text."

    def __init__(self, what: str = "") -> None:
        super().__init__(f"Schema {_shown(what)} not found" if what else "Schema not found")


class SubjectAlreadyDeleted(Refusal):
    code = "SUBJECT_ALREADY_DELETED"
    title = "The subject is soft-deleted already"
    fix = "Delete it permanently, or register a version to bring it back."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{subject}' was soft deleted. Set permanent=true to delete permanently")


class SubjectNotDeletedFirst(Refusal):
    code = "SUBJECT_NOT_DELETED_FIRST"
    title = "A permanent delete comes after a soft one"
    fix = "Delete the subject without permanent first."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{subject}' was not deleted first before being permanently deleted")


class VersionAlreadyDeleted(Refusal):
    code = "VERSION_ALREADY_DELETED"
    title = "The version is soft-deleted already"
    fix = "Delete it permanently, or register the schema again."

    def __init__(self, subject: object, version: int) -> None:
        super().__init__(
            f"Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently"
        )


class VersionNotDeletedFirst(Refusal):
    code = "VERSION_NOT_DELETED_FIRST"
    title = "A permanent delete comes after a soft one"
    fix = "Delete the version without permanent first."

    def __init__(self, subject: object, version: int) -> None:
        super().__init__(
            f"Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
        )


class ReferenceExists(Refusal):
    code = "REFERENCE_EXISTS"
    title = "Other schemas refer to it"
    fix = "Delete the referring versions first."

    def __init__(self, subject: object, version: int) -> None:
        super().__init__(f"One or more references exist to the schema {{subject={subject},version={version}}}.")


class ReferenceNotFound(Refusal):
    code = "REFERENCE_NOT_FOUND"
    title = "A referenced version does not exist"
    fix = "Register the referenced schema first, and name its subject and version."

    def __init__(self, name: str, subject: object, version: int) -> None:
        super().__init__(
            f"Invalid schema: reference '{_shown(name)}' leads to subject '{_shown(str(subject))}' "
            f"version {version}, which is not registered"
        )


class SchemaInvalid(Refusal):
    """The text is not a schema; `problems` has every place."""

    code = "SCHEMA_INVALID"
    title = "Not a valid schema"
    fix = "Mend the places named in errors."

    def __init__(self, reason: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"Invalid schema: {reason}", problems)


class SchemaLimitExceeded(Refusal):
    code = "SCHEMA_LIMIT_EXCEEDED"
    title = "The schema is larger, deeper or wider than this registry accepts"
    fix = "Split it by references, or ask the operator for a higher limit."


class SchemaIncompatible(Refusal):
    """A promise would break; `report` proves it."""

    code = "SCHEMA_INCOMPATIBLE"
    title = "The change breaks a promise of this major"
    audience = "owner"
    fix = "Follow the advice of the findings, or start the next major."

    def __init__(self, subject: object, report: Report, labels: dict[int, str], report_id: int | None = None) -> None:
        self.subject = subject
        self.report = report
        self.labels = labels
        self.report_id = report_id
        super().__init__(
            f'Schema being registered is incompatible with an earlier schema for subject "{subject}": '
            + (self._details() if report.failing else "the versions that it was compared with are gone for good")
        )

    def _details(self) -> str:
        first = self.report.failing[0]
        shown = "; ".join(f"{one.rule} at '{one.reader_path}': {one.message}" for one in first.findings[:3])
        label = self.labels.get(first.version, "?")
        return f"version {first.version} ({label}), level {self.report.level}, {first.promise}; details: {shown}"


class NameRefused(Refusal):
    code = "NAME_REFUSED"
    title = "The name is against the domain's policy"
    audience = "owner"
    fix = "Name the event as a fact in the past tense, such as OrderPlaced, within its producing domain."


class MajorUnknown(Refusal):
    code = "MAJOR_UNKNOWN"
    title = "No such major"
    fix = "Register into an existing major, or open the one that follows the newest."

    def __init__(self, subject: object, major: int, newest: int) -> None:
        super().__init__(
            f"Subject '{subject}' has majors 1 to {newest}; {major} is neither one of them nor the next, {newest + 1}"
            if newest
            else f"Subject '{subject}' has no versions yet, so its first major is 1, not {major}"
        )


class MajorRetired(Refusal):
    code = "MAJOR_RETIRED"
    title = "The major is retired"
    audience = "owner"
    fix = "Register into a newer major, or bring this one back to active first."

    def __init__(self, subject: object, major: int) -> None:
        super().__init__(f"Major {major} of '{subject}' is retired and takes no new revisions")


class LevelInvalid(Refusal):
    code = "LEVEL_INVALID"
    title = "Not a compatibility level"
    fix = "Use NONE, BACKWARD, FORWARD, FULL, or one of the last three with _TRANSITIVE."

    def __init__(self, level: object) -> None:
        super().__init__(
            f"Invalid compatibility level {_shown(str(level))}. Valid values are none, backward, forward, full, "
            "backward_transitive, forward_transitive, and full_transitive"
        )


class PolicyBelowFloor(Refusal):
    code = "POLICY_BELOW_FLOOR"
    title = "The policy asks for less than what it stands under"
    audience = "owner"
    fix = "Choose at least what the message names, or have a waiver of kind level granted for the domain."


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
    title = "No compatibility level of its own"
    fix = "Set one, or ask for the effective level (defaultToGlobal=true)."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{subject}' does not have subject-level compatibility configured")


class ModeInvalid(Refusal):
    code = "MODE_INVALID"
    title = "Not a mode of this scope"
    fix = "Use READWRITE, READONLY or IMPORT; READONLY_OVERRIDE and FORWARD for the registry as a whole."

    def __init__(self, mode: object, *, only_whole: bool = False) -> None:
        where = " for anything but the registry as a whole" if only_whole else ""
        super().__init__(
            f"Invalid mode {_shown(str(mode))}{where}. "
            "Valid values are READWRITE, READONLY, READONLY_OVERRIDE, IMPORT and FORWARD"
        )


class ModeNotSet(Refusal):
    code = "MODE_NOT_SET"
    title = "No mode of its own"
    fix = "Set one, or ask for the effective mode (defaultToGlobal=true)."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{subject}' does not have subject-level mode configured")


class OperationNotPermitted(Refusal):
    code = "OPERATION_NOT_PERMITTED"
    title = "The mode does not allow it"
    audience = "operator"
    fix = "Change the mode first, or leave the subject as it is."


class IdMismatch(Refusal):
    code = "ID_MISMATCH"
    title = "The schema has another id here"
    fix = "Import it under the id that the message names, or into a context of its own."

    def __init__(self, given: int, known: int) -> None:
        super().__init__(f"Schema already registered with id {known} instead of input id {given}")


class ContextNotFound(Refusal):
    code = "CONTEXT_NOT_FOUND"
    title = "No such context"
    fix = "Look at GET /contexts; a context begins with its first subject."

    def __init__(self, context: str) -> None:
        super().__init__(f"Context '{_shown(context)}' not found.")


class ContextNotEmpty(Refusal):
    code = "CONTEXT_NOT_EMPTY"
    title = "The context holds subjects"
    fix = "Delete its subjects first, permanently."

    def __init__(self, context: str) -> None:
        super().__init__(f"Context '{_shown(context)}' is not empty")


class MetadataInvalid(Refusal):
    code = "METADATA_INVALID"
    title = "The metadata or the rule set does not have its form"
    fix = "Mend the places named in errors."


class RuleSetInvalid(Refusal):
    code = "RULE_SET_INVALID"
    title = "The rule set does not have its form"
    fix = "Mend the places named in errors."


class IdempotencyKeyReused(Refusal):
    code = "IDEMPOTENCY_KEY_REUSED"
    title = "The idempotency key was used for another request"
    fix = "Use a new key for a new request; repeat a request with its own key and its own body."

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key came with another request before")


class PositionAhead(Refusal):
    code = "POSITION_AHEAD"
    title = "The registry has not reached that position"
    audience = "operator"
    retryable = True
    fix = "Ask again in a moment; if it stays, this node lost the ledger that the answer came from."

    def __init__(self, asked: int, reached: int) -> None:
        super().__init__(f"Position {asked} was asked for, and the ledger is at {reached}")


class LedgerUnavailable(Refusal):
    code = "LEDGER_UNAVAILABLE"
    title = "The ledger cannot be written or read right now"
    audience = "operator"
    retryable = True
    fix = "Ask again after the time in Retry-After; a repeated request is never carried out twice."

    @classmethod
    def writing(cls, *, in_doubt: bool) -> "LedgerUnavailable":
        """For a write that failed; *in_doubt* where the entry may have been stored before the answer was lost."""
        if in_doubt:
            return cls("The ledger did not answer, so this request may or may not have been stored")
        return cls("The ledger cannot be written right now; nothing of this request was stored")


class DriftUnavailable(Refusal):
    code = "DRIFT_UNAVAILABLE"
    title = "Drift counts cannot be kept or read right now"
    audience = "operator"
    retryable = True
    fix = "Ask again later; the ledger and everything else are not touched by this."

    def __init__(self) -> None:
        super().__init__("The store of drift counts does not answer; nothing of this request was counted")


class Contention(Refusal):
    code = "CONTENTION"
    title = "Too many writers at once"
    retryable = True
    fix = "Ask again in a moment."

    def __init__(self) -> None:
        super().__init__("Other writers were first each time; nothing of this request was stored")


class CompilerUnavailable(Refusal):
    code = "COMPILER_UNAVAILABLE"
    title = "Protobuf schemas cannot be read right now"
    audience = "operator"
    retryable = True
    fix = "Install the protobuf extra on the server."


class AssociationNotFound(Refusal):
    code = "ASSOCIATION_NOT_FOUND"
    title = "No such association"
    fix = "Look at GET /associations/resources/{id}."

    def __init__(self, resource: str) -> None:
        super().__init__(f"No associations found for resource '{_shown(resource)}'")


class AssociationInvalid(Refusal):
    code = "ASSOCIATION_INVALID"
    title = "Not an association"
    fix = "Name the resource by id, name and namespace, the type (key or value), and the lifecycle (STRONG or WEAK)."


class AssociationFrozen(Refusal):
    code = "ASSOCIATION_FROZEN"
    title = "The association is frozen"
    fix = "Leave it as it is, or delete it together with what belongs to it (cascadeLifecycle=true)."

    def __init__(self, resource: str) -> None:
        super().__init__(f"An association of resource '{_shown(resource)}' is frozen")


class TooManyAssociations(Refusal):
    code = "TOO_MANY_ASSOCIATIONS"
    title = "More than one association of a type"
    fix = "Ask for at most one association for keys and one for values."

    def __init__(self, resource: str) -> None:
        super().__init__(f"The request asks for several associations of one type for resource '{_shown(resource)}'")


class ResourceAssociatedOtherwise(Refusal):
    code = "RESOURCE_ASSOCIATED_OTHERWISE"
    title = "The resource has another association of that type"
    fix = "Delete the other one first, or update its lifecycle with PUT."

    def __init__(self, resource: str, association_type: str) -> None:
        super().__init__(
            f"An association of type '{association_type}' already exists for resource '{_shown(resource)}'"
        )


class SubjectAssociated(Refusal):
    code = "SUBJECT_ASSOCIATED"
    title = "The subject is associated, so it cannot belong to one resource alone"
    fix = "Use a weak association, or a subject of its own."

    def __init__(self, subject: object) -> None:
        super().__init__(f"An association already exists for subject '{_shown(str(subject))}'")


class SubjectStronglyAssociated(Refusal):
    code = "SUBJECT_STRONGLY_ASSOCIATED"
    title = "The subject belongs to another resource alone"
    fix = "Use another subject, or make the other association weak first."

    def __init__(self, subject: object) -> None:
        super().__init__(f"A strong association already exists for subject '{_shown(str(subject))}'")


class AssociatedSubjectKept(Refusal):
    code = "ASSOCIATED_SUBJECT_KEPT"
    title = "An associated subject keeps an active version"
    fix = "Delete the association first, or with it the subject (cascadeLifecycle=true)."

    def __init__(self, subject: object) -> None:
        super().__init__(f"Subject '{_shown(str(subject))}' is associated with a resource, and keeps an active version")


class ExporterNotFound(Refusal):
    code = "EXPORTER_NOT_FOUND"
    title = "No such exporter"
    fix = "GET /exporters lists those that exist."

    def __init__(self, name: str) -> None:
        super().__init__(f"Exporter '{_shown(name)}' not found")


class ExporterExists(Refusal):
    code = "EXPORTER_EXISTS"
    title = "An exporter of that name exists"
    fix = "Change it with PUT /exporters/{name}, or choose another name."

    def __init__(self, name: str) -> None:
        super().__init__(f"Exporter '{_shown(name)}' already exists")


class NotServed(Refusal):
    code = "NOT_SERVED"
    title = "This registry does not serve that"
    audience = "operator"
    fix = "Use what the message names instead."


class CallerRefused(Refusal):
    code = "CALLER_REFUSED"
    title = "Access denied"
    audience = "operator"
    fix = "Call the registry directly, from its own machine and as its own user: no sign-in is configured."


class CredentialRefused(Refusal):
    code = "CREDENTIAL_REFUSED"
    title = "The credential was not accepted"
    fix = "Leave out the Authorization header while the registry has no sign-in configured."


class NotAllowed(Refusal):
    """The caller is known and lacks a permission; `verb` and `node` say which one."""

    code = "NOT_ALLOWED"
    title = "Permission denied"
    audience = "owner"
    fix = "Ask the owner of the domain for the permission that the message names."

    def __init__(self, verb: str, node: str) -> None:
        self.verb = verb
        self.node = node
        super().__init__(f"Permission '{verb}' is missing" + (f" for '{_shown(node)}'" if node else ""))


def _shown(text: str) -> str:
    """Cut *text* so that a hostile name cannot fill a log; control characters are escaped."""
    cut = text if len(text) <= 200 else text[:200] + "…"
    return cut.encode("unicode_escape").decode() if not cut.isprintable() else cut
