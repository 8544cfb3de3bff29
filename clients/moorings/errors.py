"""Everything that this library raises: one catalogue of stable codes; each message says what to do next.

No message and no attribute holds a value of an event.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from moorings.violations import Violation

_SHOWN_VIOLATIONS = 20
_LONGEST_DETAIL = 10_000
_HERE = {
    "SIGN_IN_NEEDED": "Sign in: moorings login, or --sign-in, MOORINGS_SIGN_IN or connect(sign_in=...).",
    "MIGRATION_UNFIT": "Change the steps of the mapping so that it fits both schemas.",
    "DECLARED_FIELD_MISSING": "Keep the field, or change the replay and idempotency of the event with it.",
}
"""What to do with this library, where the registry can only speak of requests."""


class MooringsError(Exception):
    """The base of the catalogue; `code` is stable, `retryable` says whether the same call may succeed later."""

    code = "MOORINGS_ERROR"
    retryable = False

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle all attributes, whatever parameters a class's constructor has."""
        return _rebuilt, (type(self), self.args, self.__dict__)


class SettingInvalid(MooringsError):
    """A setting cannot be used: no URL, an unknown scheme, a negative time-out."""

    code = "SETTING_INVALID"


class ExtraMissing(MooringsError):
    """A library is missing; an extra installs it, or a package of its own."""

    code = "EXTRA_MISSING"

    def __init__(self, extra: str, purpose: str, package: str = "") -> None:
        """*package*: what has to be installed where it is not an extra of the client."""
        need = f"another package: pip install {package}" if package else f"an extra: pip install 'moorings[{extra}]'"
        super().__init__(f"{purpose} needs {need}")
        self.extra = extra


class RegistryUnavailable(MooringsError):
    """The registry cannot be reached, or did not respond within the time-outs and retries."""

    code = "REGISTRY_UNAVAILABLE"
    retryable = True

    def __init__(self, reason: str, attempts: int, retry_after_s: float | None = None) -> None:
        tried = f" ({attempts} attempt{'s' if attempts > 1 else ''})" if attempts else ""
        super().__init__(f"registry unavailable: {reason}{tried}; check MOORINGS_URL, or try later")
        self.reason = reason
        self.attempts = attempts
        self.retry_after_s = retry_after_s


class SignInFailed(MooringsError):
    """The client could not get a token to sign in with; `source` names where it asked, and `reason` holds no secret."""

    code = "SIGN_IN_FAILED"
    retryable = True

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"cannot sign in: no token from {source}: {reason}")
        self.source = source
        self.reason = reason


class AnswerInvalid(MooringsError):
    """The response is not one of a Moorings registry, or not one that this version reads."""

    code = "ANSWER_INVALID"


class RegistryRefused(MooringsError):
    """The registry refused the request; its problem details are attributes, and `code` is the registry's own."""

    code = "REGISTRY_REFUSED"

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code") or f"HTTP_{status}")
        self.title = str(problem.get("title") or "")
        self.detail = str(problem.get("detail") or "")
        self.fix = str(problem.get("fix") or "")
        self.retryable = bool(problem.get("retryable", False))
        errors = problem.get("errors")
        found = errors if isinstance(errors, list | tuple) else ()
        self.errors: tuple[Mapping[str, Any], ...] = tuple(one for one in found if isinstance(one, Mapping))
        self.correlation_id = str(problem.get("correlation_id") or "")
        self.problem = problem
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        said = (self.detail or self.title or f"the registry answered {self.status}")[:_LONGEST_DETAIL]
        places = places_of(self.errors[:5], said)
        fix = advice_of(self.problem)
        return f"{self.code}: {said}{places}" + (f" ({fix})" if fix else "")


def advice_of(problem: Mapping[str, Any]) -> str:
    """Return what problem details say to do, for a text that lists the locations itself; empty for nothing."""
    fix = _HERE.get(str(problem.get("code"))) or str(problem.get("fix") or "")
    return fix.replace("listed in `errors`", "listed here").replace("what `errors` lists", "what is listed here")


def places_of(errors: Iterable[Mapping[str, Any]], said: str) -> str:
    """Return the locations of problem details with what is wrong at each: the end of a sentence that *said* began."""
    return "".join(f"; at {place}" for place in _places(errors, said))


def _places(errors: Iterable[Mapping[str, Any]], said: str) -> Iterator[str]:
    """Yield each location with what is wrong there; by itself where *said* has all that is wrong there."""
    sent = ((str(one.get("pointer") or "/"), str(one.get("detail", ""))) for one in errors)
    left = [(pointer, detail) for pointer, detail in sent if f"at {pointer}: {detail}" not in said]
    known = {pointer for pointer, detail in left if detail not in said}
    yield from (
        f"{pointer}: {detail}" if detail not in said else pointer
        for pointer, detail in left
        if detail not in said or pointer not in known
    )


class NotFound(RegistryRefused):
    """404: the registry does not know the domain, event, version, schema or report."""


class NotAllowed(RegistryRefused):
    """401 or 403: sign in, or ask the owner of the domain."""


class SchemaIncompatible(RegistryRefused):
    """409: the schema breaks a promise of its major; `report` has every finding."""

    code = "SCHEMA_INCOMPATIBLE"

    @property
    def report(self) -> Mapping[str, Any]:
        report = self.problem.get("report")
        return report if isinstance(report, Mapping) else {}

    @property
    def next_major(self) -> Mapping[str, Any]:
        """The request that would open the next major with this schema: method, href and body."""
        links = self.problem.get("links")
        link = links.get("next_major") if isinstance(links, Mapping) else None
        return link if isinstance(link, Mapping) else {}


class EventInvalid(MooringsError):
    """An event breaks its contract and was not written; `violations` has every reason, in order."""

    code = "EVENT_INVALID"

    def __init__(self, subject: str, version: str, violations: Sequence[Violation]) -> None:
        super().__init__(f"{subject} {version}: {_violation_list(violations)}")
        self.subject = subject
        self.version = version
        self.violations = tuple(violations)


class FramingInvalid(MooringsError):
    """The bytes do not begin with a known framing."""

    code = "FRAMING_INVALID"


class SignatureInvalid(MooringsError):
    """A request that should be an event of the registry is not signed by it, or was changed."""

    code = "SIGNATURE_INVALID"


class WriterUnknown(MooringsError):
    """The registry does not know the schema that the bytes name."""

    code = "WRITER_UNKNOWN"

    def __init__(self, subject: str, writer: str) -> None:
        super().__init__(f"{subject}: written with schema {writer}, which the registry does not know")
        self.subject = subject
        self.writer = writer


class WriterNotAskedFor(WriterUnknown):
    """The schema is unknown here, and too many were unknown recently to ask the registry for this one."""

    code = "WRITER_NOT_ASKED_FOR"

    def __init__(self, subject: str, writer: str) -> None:
        super().__init__(subject, writer)
        self.args = (f"{subject}: written with schema {writer}, not looked up: too many unknown schemas recently",)


class EventUnreadable(MooringsError):
    """An event cannot be read with this contract. It is the one error about events on the consuming side.

    `writer_version` and `reader_version` are labels (``2.1``), or the schema's id where the subject has no such
    version. `path` is a JSON Pointer to the first place that cannot be read; `violations` has every place known.
    """

    code = "EVENT_UNREADABLE"

    def __init__(
        self,
        subject: str,
        writer_version: str,
        reader_version: str,
        reason: str,
        path: str = "",
        violations: Sequence[Violation] = (),
    ) -> None:
        where = f" at {path}" if path else ""
        listed = f": {_violation_list(violations)}" if violations else ""
        super().__init__(
            f"{subject}: written with {writer_version}, not readable with {reader_version}{where}: {reason}{listed}"
        )
        self.subject = subject
        self.writer_version = writer_version
        self.reader_version = reader_version
        self.reason = reason
        self.path = path
        self.violations = tuple(violations)


class ContractRetired(MooringsError):
    """The major is retired: nothing may be written with it."""

    code = "CONTRACT_RETIRED"

    def __init__(self, subject: str, major: int, instead: str = "the next major") -> None:
        super().__init__(f"{subject} major {major} is retired; write {instead} instead")
        self.subject = subject
        self.major = major


class ContractIsType(MooringsError):
    """The contract is a type that others refer to: there are no events of it alone."""

    code = "CONTRACT_IS_TYPE"

    def __init__(self, subject: str) -> None:
        super().__init__(
            f"{subject} is a type that other contracts refer to, so nothing is produced with it alone: write an event "
            "that refers to it, or declare it as a fact or a command"
        )
        self.subject = subject


class ContractDraft(MooringsError):
    """The major is a draft: only applications of its own domain write with it."""

    code = "CONTRACT_DRAFT"

    def __init__(self, subject: str, major: int, domain: str) -> None:
        owner = f"of domain {domain}" if domain else "of its domain"
        super().__init__(
            f"{subject} major {major} is a draft, and only applications {owner} write with it: write another major, or "
            "say with connect(domain=...) or MOORINGS_DOMAIN that this application is one of them"
        )
        self.subject = subject
        self.major = major


class ContractUnknown(MooringsError):
    """The registry has no such event, or the event has no such major."""

    code = "CONTRACT_UNKNOWN"

    def __init__(self, subject: str, major: int, what: str | None = None, hint: str = "") -> None:
        """*hint* is a question about what was meant, or what there is instead."""
        missing = what or f"no major {major}"
        super().__init__(f"{subject} has {missing} in this registry{hint}; `moorings push` registers it")
        self.subject = subject
        self.major = major


class DeadLetterInvalid(MooringsError):
    """Not a dead letter: another message in its topic, or a damaged line in its file."""

    code = "DEAD_LETTER_INVALID"


class SetAsideFailed(MooringsError):
    """A dead letter could not be stored; its message must not be acknowledged."""

    code = "SET_ASIDE_FAILED"
    retryable = True

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"the dead letter could not be stored in {place}: {reason}; its message is not acknowledged")
        self.place = place
        self.reason = reason


def _rebuilt(kind: type[MooringsError], args: tuple[Any, ...], facts: dict[str, Any]) -> MooringsError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(facts)
    return error


def _violation_list(violations: Sequence[Violation]) -> str:
    shown = "; ".join(str(one) for one in violations[:_SHOWN_VIOLATIONS])
    left = len(violations) - _SHOWN_VIOLATIONS
    return f"{shown}; and {left} more" if left > 0 else shown
