"""Shapes of requests and answers: they validate or write what /openapi.json describes them by."""

from datetime import date, datetime
from typing import Any

from marshmallow import Schema as Shape
from marshmallow import ValidationError, fields, validate

from moorings_compat import Dialect, Format, JsonFields, Level, ProtobufLevel, Severity, Verdict
from moorings_registry.entries import moment_text
from moorings_registry.http.native.event_shapes import KINDS, DeclarationShape
from moorings_registry.http.native.reader_shapes import EventReaderShape, ImpactShape
from moorings_registry.http.report_shapes import (
    OPTIONAL,
    AnswerShape,
    FindingShape,
    RefusedReportShape,
    VerdictShape,
)
from moorings_registry.policy import (
    FORMATS_ANNOTATIONS,
    FORMATS_ASSERTED,
    INTERNAL_FLAG,
    INTERNAL_STRIP,
    MOST_DAYS,
    NAMES_ANY,
    NAMES_PAST_TENSE,
    TYPE_NAMES_ANY,
    TYPE_NAMES_EVENT,
)
from moorings_registry.state import MajorState

LEVELS = [str(one) for one in Level]
FORMATS = [str(one) for one in Format]
_SHORT = validate.Length(min=1, max=200)


def _days(description: str) -> fields.Integer:
    return fields.Integer(
        strict=True, validate=validate.Range(min=0, max=MOST_DAYS), metadata={"description": description}
    )


class PolicyShape(Shape):
    level = fields.String(
        validate=validate.OneOf(LEVELS), metadata={"description": "Compatibility level of the domain's subjects."}
    )
    names = fields.String(
        validate=validate.OneOf([NAMES_PAST_TENSE, NAMES_ANY]),
        metadata={"description": "Whether names of events must be facts in the past tense."},
    )
    formats = fields.String(
        validate=validate.OneOf([FORMATS_ASSERTED, FORMATS_ANNOTATIONS]),
        metadata={"description": "Whether JSON Schema's `format` refuses values, or says something about them."},
    )
    protobuf_level = fields.String(
        validate=validate.OneOf([str(one) for one in ProtobufLevel]),
        metadata={"description": "Which surface of Protobuf gates a change: the wire, ProtoJSON too, or code as well."},
    )
    json_fields = fields.String(
        validate=validate.OneOf([str(one) for one in JsonFields]),
        metadata={
            "description": "Whether JSON events have declared fields alone, or anything that validates. "
            "A new domain has declared."
        },
    )
    notice_days = _days("Least days between the deprecation of a major and its sunset.")
    quiet_days = _days("Days without use after which a major may be retired.")
    type_names = fields.String(
        validate=validate.OneOf([TYPE_NAMES_EVENT, TYPE_NAMES_ANY]),
        metadata={
            "description": "Whether the type inside a schema has to have the name of its event. A new domain has event."
        },
    )

    internal = fields.String(
        validate=validate.OneOf([INTERNAL_STRIP, INTERNAL_FLAG]),
        metadata={
            "description": "What clients of applications outside the domain do with fields that have the tag internal: "
            "leave them out, unless it says flag."
        },
    )
    json_dialect = fields.String(
        validate=validate.OneOf([str(one) for one in Dialect]),
        metadata={
            "description": "The draft in which a JSON Schema is read whose `$schema` names a dialect of another party: "
            "draft-07 unless it says otherwise. What is registered keeps the draft that it was read in."
        },
    )
    kinds = fields.List(
        fields.String(validate=validate.OneOf(KINDS)),
        validate=validate.Length(min=1, max=len(KINDS)),
        metadata={"description": "The kinds of events that the domain has: facts and types unless it says otherwise."},
    )
    complete = fields.Boolean(
        metadata={"description": "Whether facts are to say how they are replayed, identified and sized; lint asks."}
    )


class DomainBody(Shape):
    owner = fields.String(required=True, validate=_SHORT, metadata={"example": "team-orders"})
    contacts = fields.List(fields.String(validate=_SHORT), load_default=list, validate=validate.Length(max=50))
    description = fields.String(load_default="", validate=validate.Length(max=10_000))
    policy = fields.Nested(PolicyShape, load_default=None, allow_none=True)
    receiver = fields.String(
        load_default="",
        validate=validate.Length(max=512),
        metadata={"description": "The one caller who may accept the domain for another owner, where callers sign in."},
    )


class EffectiveShape(AnswerShape):
    level = fields.String()
    names = fields.String()
    formats = fields.String()
    protobuf_level = fields.String()
    json_fields = fields.String()
    notice_days = fields.Integer()
    quiet_days = fields.Integer()
    kinds = fields.List(fields.String())
    complete = fields.Boolean()
    type_names = fields.String()
    internal = fields.String()
    json_dialect = fields.String()


class OwnPolicyShape(AnswerShape):
    """What the domain's own policy sets."""

    level = fields.String(metadata={OPTIONAL: True})
    names = fields.String(metadata={OPTIONAL: True})
    formats = fields.String(metadata={OPTIONAL: True})
    protobuf_level = fields.String(metadata={OPTIONAL: True})
    json_fields = fields.String(metadata={OPTIONAL: True})
    notice_days = fields.Integer(metadata={OPTIONAL: True})
    quiet_days = fields.Integer(metadata={OPTIONAL: True})
    kinds = fields.List(fields.String(), metadata={OPTIONAL: True})
    complete = fields.Boolean(metadata={OPTIONAL: True})
    type_names = fields.String(metadata={OPTIONAL: True})
    json_dialect = fields.String(metadata={OPTIONAL: True})
    internal = fields.String(metadata={OPTIONAL: True})


class DomainShape(AnswerShape):
    """A domain with what holds in it; written from a `Domain`, `effective` and `events`."""

    domain = fields.String(attribute="domain.name")
    owner = fields.String(attribute="domain.owner")
    contacts = fields.List(fields.String(), attribute="domain.contacts")
    description = fields.String(attribute="domain.description")
    policy = fields.Nested(OwnPolicyShape, attribute="domain.policy")
    effective = fields.Nested(EffectiveShape)
    events = fields.Integer(metadata={"description": "How many active events it and the domains below it have."})
    registered_at = fields.String(attribute="domain.registered_at")
    changed_at = fields.String(attribute="domain.changed_at")
    etag = fields.String(metadata={"description": "What `If-Match` of a change names it by, in double quotes there."})


class DomainsShape(AnswerShape):
    domains = fields.List(fields.Nested(DomainShape))


class ReferenceShape(Shape):
    name = fields.String(required=True, validate=validate.Length(min=1, max=1_000))
    subject = fields.String(required=True, validate=validate.Length(min=1, max=1_000))
    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=2**31 - 1))


class MetadataShape(Shape):
    tags = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    properties = fields.Dict(keys=fields.String(), values=fields.String())
    sensitive = fields.List(fields.String())


class SchemaText(fields.Field[Any]):
    """A schema's text; JSON in place of a string is taken as the text that it is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str | dict | list | bool):
            return value
        raise ValidationError("Not a schema: send its text as a string, or its JSON.")


class MajorField(fields.Field[Any]):
    """A major: a number from 1, or ``next``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value == "next" or (type(value) is int and 1 <= value < 2**31):
            return value
        raise ValidationError('Not a major: use an integer from 1, or "next".')


class MomentField(fields.Field[Any]):
    """A day, or a moment as RFC 3339 has it: read as the beginning of what entries say, in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            if isinstance(value, str) and len(value) <= len("2027-01-31"):
                return date.fromisoformat(value).isoformat() if value else ""
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError(
                "Not a point in time: use a day such as 2027-01-31, or RFC 3339 with a zone."
            ) from None
        if moment.tzinfo is None:
            raise ValidationError("Not a point in time: the zone is missing, such as Z or +02:00.")
        return moment_text(moment)


_INHERITED = "Without it, and without `major`, those of the version before hold; an empty object means none."


class DraftBody(Shape):
    schema = SchemaText(
        required=True,
        metadata={
            "oneOf": [{"type": "string"}, {"type": "object"}, {"type": "array"}, {"type": "boolean"}],
            "example": '{"type": "string"}',
        },
    )
    format = fields.String(load_default="AVRO", validate=validate.OneOf(FORMATS))
    references = fields.List(fields.Nested(ReferenceShape), load_default=list)
    metadata = fields.Nested(MetadataShape, load_default=None, allow_none=True, metadata={"description": _INHERITED})
    rule_set = fields.Dict(load_default=None, allow_none=True, metadata={"description": _INHERITED})


class RegisterBody(DraftBody):
    state = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf([str(MajorState.DRAFT)]),
        metadata={"description": "Of the major that this opens: draft, or left out for active."},
    )
    major = MajorField(
        load_default=None,
        allow_none=True,
        metadata={
            "oneOf": [
                {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
                {"type": "string", "const": "next"},
                {"type": "null"},
            ]
        },
    )


class ReferenceAnswerShape(AnswerShape):
    name = fields.String()
    subject = fields.String()
    version = fields.Integer()


class MetadataAnswerShape(AnswerShape):
    tags = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), metadata={OPTIONAL: True})
    properties = fields.Dict(keys=fields.String(), values=fields.String(), metadata={OPTIONAL: True})
    sensitive = fields.List(fields.String(), metadata={OPTIONAL: True})


DIALECT = "The draft that a policy chose for a dialect of another party that `$schema` names; else empty."
UNREADABLE = "Why it cannot be read here, where it was imported as the other registry had it; else empty."


class DefinitionShape(AnswerShape):
    """A definition by itself; written from a `Definition` as `definition`."""

    guid = fields.UUID(attribute="definition.guid")
    format = fields.String(attribute="definition.format")
    schema = fields.String(attribute="definition.text")
    references = fields.List(fields.Nested(ReferenceAnswerShape), attribute="definition.references")
    metadata = fields.Nested(MetadataAnswerShape, attribute="definition.metadata", allow_none=True)
    rule_set = fields.Dict(attribute="definition.rule_set", allow_none=True)
    dialect = fields.String(attribute="definition.dialect", metadata={"description": DIALECT})
    unreadable = fields.String(attribute="definition.unreadable", metadata={"description": UNREADABLE})


class NamedDefinitionShape(DefinitionShape):
    """A definition with its id, and its guids elsewhere."""

    id = fields.Integer()
    aliases = fields.List(fields.UUID(), metadata={"description": "Its guids in registries that it came from."})


class ListedVersionShape(AnswerShape):
    """A version without its text; written from a `Version`, its `Definition` and the state of its major."""

    subject = fields.String(attribute="version.subject")
    version = fields.Integer(attribute="version.number")
    major = fields.Integer(attribute="version.major")
    revision = fields.Integer(attribute="version.revision")
    label = fields.String(attribute="version.label", metadata={"example": "2.1"})
    id = fields.Integer(attribute="version.id")
    guid = fields.UUID(attribute="definition.guid")
    format = fields.String(attribute="definition.format")
    references = fields.List(fields.Nested(ReferenceAnswerShape), attribute="definition.references")
    metadata = fields.Nested(MetadataAnswerShape, attribute="definition.metadata", allow_none=True)
    rule_set = fields.Dict(attribute="definition.rule_set", allow_none=True)
    state = fields.String(metadata={"description": "Of its major: draft, active, deprecated or retired."})
    json_fields = fields.String(
        validate=validate.OneOf([str(one) for one in JsonFields]),
        metadata={"description": "Whether writers of its JSON events write declared fields alone."},
    )
    dialect = fields.String(attribute="definition.dialect", metadata={"description": DIALECT})
    unreadable = fields.String(attribute="definition.unreadable", metadata={"description": UNREADABLE})
    deleted = fields.Boolean(attribute="version.deleted")
    registered_at = fields.String(attribute="version.registered_at")
    registered_by = fields.String(attribute="version.registered_by")
    position = fields.Integer(attribute="version.position")


class VersionShape(ListedVersionShape):
    """A version in full."""

    schema = fields.String(attribute="definition.text")
    fingerprint = fields.String()
    internal_fields = fields.List(
        fields.String(),
        metadata={"description": "Its fields with the tag internal; the schema has them, since events do."},
    )


class VersionsShape(AnswerShape):
    versions = fields.List(fields.Nested(ListedVersionShape))


class NumbersShape(AnswerShape):
    versions = fields.List(fields.Integer())


class RevisionShape(AnswerShape):
    version = fields.Integer(attribute="number")
    label = fields.String()
    id = fields.Integer()
    guid = fields.UUID()
    deleted = fields.Boolean()
    registered_at = fields.String()
    registered_by = fields.String()
    waiver = fields.Integer(metadata={"description": "The waiver that let it break those before it; 0 for none."})


class SuccessorShape(AnswerShape):
    subject = fields.String()
    major = fields.Integer()


class MigrationShape(AnswerShape):
    steps = fields.List(
        fields.Dict(),
        metadata={"description": "How an event of the major before becomes one of this; empty where it does not."},
    )
    reason = fields.String(metadata={"description": "Why there is not a mapping; empty where there is one."})


class LifecycleShape(AnswerShape):
    """The life of a major, in the form in which it is written."""

    state = fields.String(validate=validate.OneOf([str(one) for one in MajorState]))
    sunset = fields.String(allow_none=True)
    since = fields.String(
        data_key="from", allow_none=True, metadata={"description": "The day from which it is deprecated."}
    )
    replacement = fields.String(metadata={"description": "What its deprecation names; empty where it names nothing."})
    page = fields.String(metadata={"description": "The address of a page that says how to migrate."})


class MajorShape(LifecycleShape):
    """One major of an event."""

    major = fields.Integer()
    level = fields.String(metadata={"description": "What its revisions are held to: now, and since it was opened."})
    json_fields = fields.String(
        validate=validate.OneOf([str(one) for one in JsonFields]),
        metadata={"description": "Whether writers of its JSON events write declared fields alone."},
    )
    successor = fields.Nested(
        SuccessorShape, allow_none=True, metadata={"description": "What to use instead, where it is not active."}
    )
    migration = fields.Nested(
        MigrationShape,
        allow_none=True,
        metadata={OPTIONAL: True, "description": "The mapping from the major before; not in lists of events."},
    )
    revisions = fields.List(fields.Nested(RevisionShape))


class LatestShape(AnswerShape):
    version = fields.Integer(attribute="number")
    label = fields.String()
    id = fields.Integer()


class EventShape(DeclarationShape):
    subject = fields.String(attribute="held.subject")
    domain = fields.String(attribute="held.subject.domain", allow_none=True)
    event = fields.String(attribute="held.subject.event")
    owner = fields.String(allow_none=True)
    contacts = fields.List(fields.String())
    format = fields.String(allow_none=True, metadata={"description": "Null before the first version."})
    level = fields.String()
    internal = fields.String(
        allow_none=True,
        metadata={"description": "What clients outside its domain do with internal fields; null outside all domains."},
    )
    latest = fields.Nested(LatestShape, attribute="held.latest", allow_none=True)
    majors = fields.List(fields.Nested(MajorShape))


class UnmetShape(AnswerShape):
    """A revision that was accepted under less than its major is held to now; written from an `UnmetRevision`."""

    version = fields.Integer(attribute="version.number")
    label = fields.String(attribute="version.label")
    verdict = fields.String(attribute="report.verdict")
    rules = fields.List(fields.String(), attribute="report.rules")


class ShownEventShape(EventShape):
    """One event, and where it does not meet its own declaration or today's policy."""

    unmet = fields.List(fields.Nested(UnmetShape))
    consumers = fields.List(
        fields.Nested(EventReaderShape),
        metadata={"description": "Who reads which of its majors: declared, or observed."},
    )
    missing_fields = fields.List(
        fields.String(), metadata={"description": "Pointers of its declaration that its newest revision does not have."}
    )
    incomplete = fields.List(
        fields.String(), metadata={"description": "What its domain asks that facts declare, and this one does not."}
    )


class EventsShape(AnswerShape):
    events = fields.List(fields.Nested(EventShape))
    total = fields.Integer()


class PageQuery(Shape):
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=1_000))
    offset = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**31 - 1))


class EventsQuery(PageQuery):
    domain = fields.String(load_default="", metadata={"description": "This domain and those below it."})
    q = fields.String(load_default="", metadata={"description": "Part of the subject, in any letter case."})
    state = fields.String(load_default="", validate=validate.OneOf(["", *(str(one) for one in MajorState)]))


class DeletedQuery(Shape):
    deleted = fields.Boolean(load_default=False, metadata={"description": "Show soft-deleted versions too."})


class PermanentQuery(Shape):
    permanent = fields.Boolean(load_default=False, metadata={"description": "Permanently delete what is soft-deleted."})
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"description": "Why; a permanent delete in a registered domain needs it."},
    )


class LevelBody(Shape):
    level = fields.String(required=True, allow_none=True, validate=validate.OneOf(LEVELS))


class LevelShape(AnswerShape):
    level = fields.String(metadata={"description": "The level that holds."})
    own = fields.String(allow_none=True, metadata={"description": "The level set here, if any."})


class LifecycleBody(Shape):
    """The life of a major. A deprecation replaces the one before: what it leaves out is not set."""

    state = fields.String(required=True, validate=validate.OneOf([str(one) for one in MajorState]))
    since = fields.Date(
        data_key="from",
        load_default=None,
        allow_none=True,
        metadata={"description": "The day from which it is deprecated; today, or as it was, where it is left out."},
    )
    sunset = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The last day on which consumers may rely on it."},
    )
    replacement = fields.String(
        load_default="",
        validate=validate.Length(max=600),
        metadata={"description": "What to use instead: a subject, or subject@major; empty for the next major."},
    )
    page = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"description": "The address of a page that says how to migrate."},
    )


class MigrationBody(Shape):
    """The mapping from the major before; neither steps nor a reason: nothing is said any more."""

    steps = fields.List(
        fields.Dict(),
        load_default=list,
        validate=validate.Length(max=1_000),
        metadata={"description": "As files have them.", "example": [{"rename": "/customer", "to": "customer_id"}]},
    )
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"description": "Why there is not a mapping, in one line."},
    )


class DoubtShape(AnswerShape):
    """A conversion that fails for some values."""

    step = fields.Integer()
    path = fields.String()
    reason = fields.String()


class ShownMigrationShape(MigrationShape):
    tried = fields.Integer(metadata={"description": "How many events were made up and mapped."})
    may_fail = fields.List(
        fields.Nested(DoubtShape), metadata={"description": "Conversions that fail for some of those events."}
    )


class BlockerShape(AnswerShape):
    """One reason against retiring a major."""

    code = fields.String(metadata={"description": "It never changes its meaning."})
    message = fields.String()
    until = fields.String(metadata={"description": "The day on which it ends by itself; empty where it does not."})


class RetirementShape(AnswerShape):
    allowed = fields.Boolean(metadata={"description": "Whether the major may be retired today."})
    earliest = fields.String(
        allow_none=True, metadata={"description": "The earliest day; null where somebody has to do something before."}
    )
    blockers = fields.List(fields.Nested(BlockerShape))


class CompareQuery(Shape):
    reader = fields.String(required=True, metadata={"example": "2.1"})
    writer = fields.String(required=True, metadata={"example": "1.0"})


class ComparedShape(AnswerShape):
    reader = fields.String()
    writer = fields.String()
    verdict = fields.String()
    findings = fields.List(fields.Nested(FindingShape))


class CandidateShape(AnswerShape):
    """A schema that was checked and not registered; written from a `Candidate`."""

    guid = fields.UUID()
    format = fields.String(attribute="schema.format")
    schema = fields.String(attribute="schema.text")
    references = fields.List(fields.Nested(ReferenceAnswerShape))
    fingerprint = fields.String(attribute="schema.fingerprint")


class CheckReportShape(VerdictShape):
    """The report of a check that left no trace, and therefore has no id, moment or caller."""

    id = fields.Integer(allow_none=True)
    subject = fields.String()
    at = fields.String(allow_none=True)
    by = fields.String(allow_none=True)
    accepted = fields.Boolean(allow_none=True)
    major = fields.Integer()
    candidate = fields.Nested(CandidateShape)
    consumers = fields.List(
        fields.Nested(ImpactShape),
        metadata={"description": "How it affects those who read the major; the most affected first."},
    )


class ReportQuery(Shape):
    positions = fields.Boolean(
        load_default=False,
        metadata={"description": "Say line and column of each finding, in the texts as they are kept."},
    )


def _moment(says: str) -> dict[str, Any]:
    return {"type": "string", "description": f"{says} A day, or RFC 3339.", "example": "2027-01-31T12:00:00Z"}


class ReportsQuery(PageQuery):
    domain = fields.String(load_default="")
    subject = fields.String(load_default="")
    verdict = fields.String(load_default="", validate=validate.OneOf(["", *map(str, Verdict)]))
    rule = fields.String(load_default="")
    since = MomentField(load_default="", metadata=_moment("Checks from then on."))
    until = MomentField(load_default="", metadata=_moment("Checks up to then; of a day, all of it."))
    accepted = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "Registrations accepted, or refused, alone."}
    )


class ListedReportShape(AnswerShape):
    """One line of the list of reports; written from a `CheckRecord`."""

    id = fields.Integer(attribute="record.id")
    subject = fields.String(attribute="record.subject")
    guid = fields.UUID(attribute="record.guid")
    major = fields.Integer(attribute="record.major")
    version = fields.Integer(attribute="record.number", allow_none=True)
    accepted = fields.Boolean(attribute="record.accepted")
    level = fields.String(attribute="record.level")
    verdict = fields.String(attribute="record.verdict")
    rules = fields.List(fields.String(), attribute="record.rules")
    compared = fields.List(fields.Integer(), attribute="record.compared")
    waiver = fields.Integer(
        attribute="record.waiver", metadata={"description": "The waiver under which it was accepted; 0 for none."}
    )
    at = fields.String(attribute="record.at")
    by = fields.String(attribute="record.by")


class ReportShape(VerdictShape, ListedReportShape):
    """A report in full."""

    candidate = fields.Nested(DefinitionShape)
    consumers = fields.List(
        fields.Nested(ImpactShape), metadata={"description": "What the change does to those who read the major today."}
    )


class ReportsShape(AnswerShape):
    reports = fields.List(fields.Nested(ListedReportShape))
    total = fields.Integer()


class RuleShape(AnswerShape):
    """One way in which a reader can fail a writer."""

    code = fields.String(metadata={"description": "It never changes its meaning."})
    format = fields.String(
        validate=validate.OneOf(FORMATS),
        allow_none=True,
        metadata={"description": "Null: any format."},
    )
    severity = fields.String(validate=validate.OneOf([str(one) for one in Severity]))
    title = fields.String()
    why = fields.String()
    fix = fields.String()
    source = fields.String()
    mirror = fields.String(metadata={"description": "The rule that sees the opposite change, or why there is not one."})
    example = fields.String()


class RulesShape(AnswerShape):
    rules = fields.List(fields.Nested(RuleShape))


class HeadShape(AnswerShape):
    position = fields.Integer()
    digest = fields.String()


class LedgerQuery(Shape):
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**53))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=1_000))
    domain = fields.String(
        load_default="", metadata={"description": "Entries about this domain and those below it alone."}
    )
    kind = fields.List(
        fields.String(),
        load_default=[],
        validate=validate.Length(max=100),
        metadata={"description": "Entries with a kind of event alone, such as `SchemaRefused`; may be repeated."},
    )
    wait = fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=30),
        metadata={"description": "Seconds to wait for an entry, where there is none yet."},
    )


class EntryShape(AnswerShape):
    position = fields.Integer()
    recorded_at = fields.String()
    actor = fields.String()
    correlation_id = fields.String()
    provenance = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata={"description": "How a caller who signed in was known, and what allowed the write."},
    )
    idempotency_key = fields.String(allow_none=True)
    facts = fields.List(fields.Dict())
    previous = fields.String()
    digest = fields.String()


class LedgerShape(AnswerShape):
    entries = fields.List(fields.Nested(EntryShape))
    next = fields.Integer(metadata={"description": "What to send as `after` to continue."})
    head = fields.Nested(HeadShape)


class ProblemPlaceShape(AnswerShape):
    pointer = fields.String(
        metadata={"description": "JSON Pointer into the request, or a line and a column of a text."}
    )
    detail = fields.String()
    code = fields.String(metadata={OPTIONAL: True, "description": "Of a refused part of contracts: its own error."})
    fix = fields.String(metadata={OPTIONAL: True})
    errors = fields.List(
        fields.Nested(lambda: ProblemPlaceShape(only=("pointer", "detail"))),
        metadata={OPTIONAL: True, "description": "Of a refused part: the locations inside it."},
    )
    report = fields.Nested(RefusedReportShape, metadata={OPTIONAL: True})
    links = fields.Dict(metadata={OPTIONAL: True})


class ProblemShape(AnswerShape):
    """An error (RFC 9457); one of SCHEMA_INCOMPATIBLE carries the report and links as well."""

    type = fields.String(metadata={"example": "urn:moorings:error:SUBJECT_NOT_FOUND"})
    code = fields.String(metadata={"description": "It never changes its meaning.", "example": "SUBJECT_NOT_FOUND"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    audience = fields.String(metadata={"description": "Who can fix it: caller, owner or operator."})
    retryable = fields.Boolean(metadata={"description": "Whether the same request may succeed later without a change."})
    fix = fields.String(metadata={"description": "What to do next."})
    errors = fields.List(fields.Nested(ProblemPlaceShape))
    correlation_id = fields.String()
    report = fields.Nested(RefusedReportShape, metadata={OPTIONAL: True})
    links = fields.Dict(metadata={OPTIONAL: True})
