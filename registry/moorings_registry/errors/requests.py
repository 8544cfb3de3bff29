"""Requests that cannot be read, and answers that have nothing to do with contracts."""

from moorings_registry.errors.refusal import Refusal


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
    fix = "Send less at once: one schema of at most 1 MiB, fewer contracts or versions, or a report in several parts."

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The request body is larger than {limit_bytes:,} bytes, the limit of this request")


class StateChanged(Refusal):
    code = "STATE_CHANGED"
    title = "The state is not the one that If-Match names"
    fix = "Read it again, and repeat the change with the new ETag if it still applies."

    def __init__(self, etag: str) -> None:
        super().__init__(f'The ETag is "{etag}" now' if etag else "There is nothing here yet")


class ReasonNeeded(Refusal):
    code = "REASON_NEEDED"
    title = "A permanent delete in a registered domain needs a reason"
    audience = "owner"
    fix = "Send the reason in the query parameter reason, 1 to 500 characters."

    def __init__(self, subject: object, domain: str) -> None:
        super().__init__(f"Permanently deleting versions of '{subject}', which domain '{domain}' owns, needs a reason")


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


class Contention(Refusal):
    code = "CONTENTION"
    title = "Too many concurrent writers"
    retryable = True
    fix = "Retry in a moment."

    def __init__(self) -> None:
        super().__init__("Other writers were faster on every attempt; nothing of this request was stored")


class TooManyWaiting(Refusal):
    code = "TOO_MANY_WAITING"
    title = "Too many requests are waiting"
    retryable = True
    fix = "Wait a moment, then ask again; or ask without `wait`, and less often."

    def __init__(self, what: str = "requests that wait for news") -> None:
        super().__init__(f"This worker has as many {what} as it takes")
