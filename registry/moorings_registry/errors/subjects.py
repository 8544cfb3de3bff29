"""Domains, subjects, versions, contexts and their deletion."""

from moorings_registry.errors.refusal import Refusal, printable


class SubjectInvalid(Refusal):
    code = "SUBJECT_INVALID"
    title = "Invalid subject name"
    fix = "Use a printable name of at most 500 characters, such as shop.orders.OrderPlaced."

    def __init__(self, subject: str) -> None:
        super().__init__(f"The specified subject '{printable(subject)}' is not a valid subject name")


class DomainNameInvalid(Refusal):
    code = "DOMAIN_NAME_INVALID"
    title = "Invalid domain name"
    fix = "Use lower-case words joined by dots, such as shop.orders."

    def __init__(self, domain: str) -> None:
        super().__init__(f"'{printable(domain)}' is not a valid domain name")


class DomainNotFound(Refusal):
    code = "DOMAIN_NOT_FOUND"
    title = "Domain not found"
    fix = (
        "Check the name in GET /v1/domains, or register it with PUT /v1/domains/{domain}. What you may not read looks "
        "the same: GET /v1/access says so, and whom to ask."
    )

    def __init__(self, domain: str) -> None:
        super().__init__(f"Domain '{printable(domain)}' not found")


class SubjectNotFound(Refusal):
    code = "SUBJECT_NOT_FOUND"
    title = "Subject not found"
    fix = (
        "Check the spelling; GET /v1/events lists every event. What you may not read looks the same: GET /v1/access "
        "says so, and whom to ask."
    )

    def __init__(self, subject: object, reason: str = "") -> None:
        super().__init__(f"Subject '{printable(str(subject))}' not found{f': {reason}' if reason else ''}.")


class VersionNotFound(Refusal):
    code = "VERSION_NOT_FOUND"
    title = "Version not found"
    fix = "Use a version that GET /v1/events/{subject} lists."

    def __init__(self, version: object, reason: str = "") -> None:
        super().__init__(f"Version {printable(str(version))} not found{f': {reason}' if reason else ''}.")


class VersionInvalid(Refusal):
    code = "VERSION_INVALID"
    title = "Invalid version"
    fix = "Use a number from 1 to 2147483647, a revision such as 2.1, or latest."

    def __init__(self, version: str) -> None:
        super().__init__(
            f"The specified version '{printable(version)}' is not a valid version id. "
            'Allowed values are between [1, 2^31-1] and the string "latest"'
        )


class SchemaNotFound(Refusal):
    code = "SCHEMA_NOT_FOUND"
    title = "Schema not found"
    fix = "Check the id, the guid or the text, or register the schema first."

    def __init__(self, what: str = "", reason: str = "") -> None:
        found = f"Schema {printable(what)} not found" if what else "Schema not found"
        super().__init__(f"{found}: {reason}" if reason else found)


class ReportNotFound(Refusal):
    code = "REPORT_NOT_FOUND"
    title = "Report not found"
    fix = (
        "Check the id; `GET /v1/reports` lists those that there are. The report of a deleted schema is deleted with it."
    )

    def __init__(self, id: int | str, reason: str = "") -> None:
        found = f"Report {printable(str(id))} not found"
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
            f"Invalid schema: reference '{printable(name)}' points to subject '{printable(str(subject))}' "
            f"version {version}, which is not registered"
        )


class ContextHoldsSettings(Refusal):
    code = "CONTEXT_HOLDS_SETTINGS"
    title = "The context holds settings and modes alone"
    fix = "Use another context; :.__GLOBAL: has the settings and the mode that hold where nothing nearer is set."

    def __init__(self) -> None:
        super().__init__("The context .__GLOBAL holds settings and modes, and no subjects")


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
        super().__init__(f"Context '{printable(context)}' not found.")


class ContextNotEmpty(Refusal):
    code = "CONTEXT_NOT_EMPTY"
    title = "Context not empty"
    fix = "Permanently delete its subjects first."

    def __init__(self, context: str) -> None:
        super().__init__(f"Context '{printable(context)}' is not empty")


class TransferNotFound(Refusal):
    code = "TRANSFER_NOT_FOUND"
    title = "Domain not offered to another owner"
    fix = "Offer it first: PUT /v1/domains/{domain} with the other owner."

    def __init__(self, domain: str) -> None:
        super().__init__(f"Domain '{printable(domain)}' is not offered to another owner")
