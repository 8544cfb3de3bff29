"""Query parameters: what they are called, other spellings that clients use, and how they are read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from moorings_registry.errors import RequestInvalid

T = TypeVar("T")
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Parameter(Generic[T]):
    """A parameter under its own name and the spellings that clients are known to send."""

    name: str
    about: str
    spellings: tuple[str, ...] = ()

    @property
    def sent(self) -> str | None:
        """What the request at hand sends first under any of the names; None where it sends nothing."""
        for name in (self.name, *self.spellings):
            value = request.args.get(name)
            if value is not None:
                return value
        return None


class Flag(Parameter[bool]):
    """True where it is sent as ``true`` in any letter case."""

    @property
    def value(self) -> bool:
        return (self.sent or "").lower() == "true"


class Text(Parameter[str]):
    """A text; empty where it is not sent."""

    @property
    def value(self) -> str:
        return self.sent or ""


class Texts(Parameter[list[str]]):
    """A text that may be sent several times."""

    @property
    def value(self) -> list[str]:
        return [value for name in (self.name, *self.spellings) for value in request.args.getlist(name)]


class Number(Parameter[int]):
    """A whole number; one that is not sent, or is no number, falls back to `default`."""

    def value_or(self, default: int) -> int:
        """Read it.

        Raises:
            RequestInvalid: something else than a whole number.
        """
        sent = self.sent
        if sent is None or sent == "":
            return default
        digits = sent.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 11):
            raise RequestInvalid(f"The parameter {self.name} takes a whole number")
        return int(sent)


DELETED = Flag("deleted", "soft-deleted ones too")
DELETED_ONLY = Flag("deletedOnly", "soft-deleted ones alone; wins over `deleted`", ("deleted_only",))
DELETED_AS_NEGATIVE = Flag("deletedAsNegative", "soft-deleted ones too, as negative numbers", ("deleted_as_negative",))
PERMANENT = Flag("permanent", "remove for good what is soft-deleted already")
NORMALIZE = Flag("normalize", "compare and keep the normal form of the schema")
VERBOSE = Flag("verbose", "say why not")
FORCE = Flag("force", "skip the check of compatibility; for a mode, skip the check that the scope is empty")
DEFAULT_TO_GLOBAL = Flag("defaultToGlobal", "what holds in effect, where nothing is set here", ("default_to_global",))
RECURSIVE = Flag("recursive", "of every subject of the context, too")
FETCH_MAX_ID = Flag("fetchMaxId", "add the highest id given so far", ("fetch_max_id",))
FORMAT = Text("format", "Avro and JSON Schema: `resolved`; Protobuf: `serialized`, `ignore_extensions`")
REFERENCE_FORMAT = Text(
    "referenceFormat", "`qualified`: subjects of references with their context", ("reference_format",)
)
FIND_TAGS = Texts("findTags", "add the places of these tags inside the schema; `*` for all", ("find_tags",))
SUBJECT = Text("subject", "the subject, or the context as `:.name:`, to look in")
SUBJECT_PREFIX = Text("subjectPrefix", "names that begin so; `:*:` means every context", ("subject_prefix", "subject"))
ALIASES = Flag("aliases", "add the names that stand for the subject")
LATEST_ONLY = Flag("latestOnly", "the newest version of each subject alone", ("latest_only",))
RULE_TYPE = Text("ruleType", "versions with a rule of that type alone", ("rule_type",))
KEY = Texts("key", "name of a property; repeated, each with its `value`")
VALUE = Texts("value", "value of the property at the same place among the `key`s")
RESOURCE_TYPE = Text("resourceType", "associations of that type of resource alone: `topic`", ("resource_type",))
ASSOCIATION_TYPE = Texts("associationType", "associations of that type alone: `key`, `value`; may be repeated")
LIFECYCLE = Text("lifecycle", "associations of that lifecycle alone: `STRONG`, `WEAK`; in lists of schemas also `NONE`")
CASCADE = Flag("cascadeLifecycle", "what belongs to the resource alone goes with it", ("cascade_lifecycle",))
CONTEXT = Text("context", "where subjects without a context lie")
INCLUDE_SCHEMAS = Flag("includeSchemas", "with the newest schema of each subject", ("include_schemas",))
DRY_RUN = Flag("dryRun", "decide, and store nothing", ("dry_run",))
CONTEXT_PREFIX = Text("contextPrefix", "names that begin so", ("context_prefix",))
OFFSET = Number("offset", "how many to leave out from the front")
LIMIT = Number("limit", "how many at most; -1 for the default")


def page(items: Sequence[T], *, most: int | None = None) -> list[T]:
    """Cut the page that `offset` and `limit` of the request ask for; *most* is the default and the maximum."""
    offset = max(OFFSET.value_or(0), 0)
    limit = LIMIT.value_or(-1)
    if limit < 0 or (most is not None and limit > most):
        limit = _LARGEST if most is None else most
    return list(items[offset : offset + limit])
