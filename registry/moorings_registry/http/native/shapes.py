"""The forms of requests and answers: what validates is also what /openapi.json describes."""

from datetime import date, datetime
from typing import Any

from marshmallow import Schema as Shape
from marshmallow import ValidationError, fields, validate

from moorings_compat import Format, Level, ProtobufLevel, Severity
from moorings_registry.entries import moment_text
from moorings_registry.policy import FORMATS_ANNOTATIONS, FORMATS_ASSERTED, NAMES_ANY, NAMES_PAST_TENSE
from moorings_registry.state import MajorState

LEVELS = [str(one) for one in Level]
FORMATS = [str(one) for one in Format]
_SHORT = validate.Length(min=1, max=200)


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


class DomainBody(Shape):
    owner = fields.String(required=True, validate=_SHORT, metadata={"example": "team-orders"})
    contacts = fields.List(fields.String(validate=_SHORT), load_default=list, validate=validate.Length(max=50))
    description = fields.String(load_default="", validate=validate.Length(max=10_000))
    policy = fields.Nested(PolicyShape, load_default=None, allow_none=True)


class EffectiveShape(Shape):
    level = fields.String()
    names = fields.String()
    formats = fields.String()
    protobuf_level = fields.String()


class DomainShape(DomainBody):
    domain = fields.String()
    effective = fields.Nested(EffectiveShape)
    events = fields.Integer()
    registered_at = fields.String()
    changed_at = fields.String()


class DomainsShape(Shape):
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
        raise ValidationError('Not a major: a whole number from 1, or "next".')


class MomentField(fields.Field[Any]):
    """A day, or a moment as RFC 3339 has it: read as the beginning of what entries say, in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            if isinstance(value, str) and len(value) <= len("2027-01-31"):
                return date.fromisoformat(value).isoformat() if value else ""
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError("Not a moment: a day such as 2027-01-31, or RFC 3339 with a zone.") from None
        if moment.tzinfo is None:
            raise ValidationError("Not a moment: it needs a zone, such as Z or +02:00.")
        return moment_text(moment)


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
    metadata = fields.Nested(MetadataShape, load_default=None, allow_none=True)
    rule_set = fields.Dict(load_default=None, allow_none=True)


class RegisterBody(DraftBody):
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


class CheckBody(RegisterBody):
    subject = fields.String(required=True, validate=validate.Length(min=1, max=1_000))
    level = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(LEVELS))
    positions = fields.Boolean(
        load_default=False,
        metadata={"description": "Say line and column of each finding: of the candidate in its text as it was sent."},
    )


class VersionShape(Shape):
    subject = fields.String()
    version = fields.Integer()
    major = fields.Integer()
    revision = fields.Integer()
    label = fields.String(metadata={"example": "2.1"})
    id = fields.Integer()
    guid = fields.UUID()
    format = fields.String()
    schema = fields.String()
    references = fields.List(fields.Nested(ReferenceShape))
    metadata = fields.Nested(MetadataShape, allow_none=True)
    rule_set = fields.Dict(allow_none=True)
    state = fields.String()
    deleted = fields.Boolean()
    registered_at = fields.String()
    registered_by = fields.String()
    position = fields.Integer()
    fingerprint = fields.String()


class VersionsShape(Shape):
    versions = fields.List(fields.Nested(VersionShape))


class DefinitionShape(Shape):
    id = fields.Integer()
    guid = fields.UUID()
    aliases = fields.List(fields.UUID(), metadata={"description": "Its guids in registries that it came from."})
    format = fields.String()
    schema = fields.String()
    references = fields.List(fields.Nested(ReferenceShape))
    metadata = fields.Nested(MetadataShape, allow_none=True)
    rule_set = fields.Dict(allow_none=True)


class NumbersShape(Shape):
    versions = fields.List(fields.Integer())


class RevisionShape(Shape):
    version = fields.Integer()
    label = fields.String()
    id = fields.Integer()
    guid = fields.UUID()
    deleted = fields.Boolean()
    registered_at = fields.String()
    registered_by = fields.String()


class MajorShape(Shape):
    major = fields.Integer()
    state = fields.String(validate=validate.OneOf([str(one) for one in MajorState]))
    sunset = fields.String(allow_none=True)
    revisions = fields.List(fields.Nested(RevisionShape))


class LatestShape(Shape):
    version = fields.Integer()
    label = fields.String()
    id = fields.Integer()


class EventShape(Shape):
    subject = fields.String()
    domain = fields.String(allow_none=True)
    event = fields.String()
    owner = fields.String(allow_none=True)
    contacts = fields.List(fields.String())
    format = fields.String()
    level = fields.String()
    latest = fields.Nested(LatestShape, allow_none=True)
    majors = fields.List(fields.Nested(MajorShape))
    consumers = fields.List(fields.Dict())


class EventsShape(Shape):
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
    permanent = fields.Boolean(load_default=False, metadata={"description": "Remove for good what is hidden already."})


class LevelBody(Shape):
    level = fields.String(required=True, allow_none=True, validate=validate.OneOf(LEVELS))


class LevelShape(Shape):
    level = fields.String(metadata={"description": "The level that holds."})
    own = fields.String(allow_none=True, metadata={"description": "The level set here, if any."})


class LifecycleBody(Shape):
    state = fields.String(required=True, validate=validate.OneOf([str(one) for one in MajorState]))
    sunset = fields.Date(load_default=None, allow_none=True)


class CompareQuery(Shape):
    reader = fields.String(required=True, metadata={"example": "2.1"})
    writer = fields.String(required=True, metadata={"example": "1.0"})


class PositionShape(Shape):
    line = fields.Integer(metadata={"description": "From 1."})
    column = fields.Integer(metadata={"description": "From 1, in characters."})


class WitnessShape(Shape):
    payload = fields.String(metadata={"description": "The event as JSON text; its values are made up."})
    encoded = fields.String(metadata={"description": "Its bytes in hex, for binary formats; empty for JSON."})
    engine = fields.String(metadata={"description": "What ran it.", "example": "fastavro 1.13.1"})
    error = fields.String(metadata={"description": "What the reader's side answered."})


class SuggestionShape(Shape):
    action = fields.String(metadata={"description": "add, replace or remove (RFC 6902), or text: a line of source."})
    path = fields.String()
    value = fields.String()
    title = fields.String()


class FindingShape(Shape):
    """One difference that matters, in one direction."""

    rule = fields.String(metadata={"example": "AVRO_FIELD_MISSING_DEFAULT"})
    severity = fields.String(validate=validate.OneOf([str(one) for one in Severity]))
    reader_path = fields.String()
    writer_path = fields.String()
    reader_has = fields.String()
    writer_has = fields.String()
    message = fields.String()
    advice = fields.String()
    tolerated_by = fields.String(metadata={"description": "The policy that lets it pass; empty for none."})
    witness = fields.Nested(WitnessShape, allow_none=True)
    suggestion = fields.Nested(SuggestionShape, allow_none=True)
    reader_position = fields.Nested(
        PositionShape, allow_none=True, metadata={"description": "Only with `positions`; null in another text."}
    )
    writer_position = fields.Nested(PositionShape, allow_none=True)


class ComparedShape(Shape):
    reader = fields.String()
    writer = fields.String()
    verdict = fields.String()
    findings = fields.List(fields.Nested(FindingShape))


class ComparisonShape(Shape):
    version = fields.Integer()
    label = fields.String()
    promise = fields.String()
    reader = fields.String()
    writer = fields.String()
    verdict = fields.String()
    findings = fields.List(fields.Nested(FindingShape))


class ReportShape(Shape):
    id = fields.Integer(allow_none=True)
    subject = fields.String()
    at = fields.String(allow_none=True)
    by = fields.String(allow_none=True)
    accepted = fields.Boolean(allow_none=True)
    format = fields.String()
    level = fields.String()
    major = fields.Integer()
    verdict = fields.String()
    candidate = fields.Dict()
    comparisons = fields.List(fields.Nested(ComparisonShape))
    failing = fields.List(fields.String())
    consumers = fields.List(fields.Dict())


class CheckedShape(Shape):
    report = fields.Nested(ReportShape)


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
    verdict = fields.String(load_default="", validate=validate.OneOf(["", "compatible", "breaking", "undecided"]))
    rule = fields.String(load_default="")
    since = MomentField(load_default="", metadata=_moment("Checks from then on."))
    until = MomentField(load_default="", metadata=_moment("Checks up to then; of a day, all of it."))
    accepted = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "Registrations accepted, or refused, alone."}
    )


class ReportsShape(Shape):
    reports = fields.List(fields.Dict())
    total = fields.Integer()


class RuleShape(Shape):
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
    mirror = fields.String(metadata={"description": "The rule that sees the opposite change, or why there is none."})
    example = fields.String()


class RulesShape(Shape):
    rules = fields.List(fields.Nested(RuleShape))


class HeadShape(Shape):
    position = fields.Integer()
    digest = fields.String()


class LedgerQuery(Shape):
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**53))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=1_000))


class LedgerShape(Shape):
    entries = fields.List(fields.Dict())
    head = fields.Nested(HeadShape)


class ProblemPlaceShape(Shape):
    pointer = fields.String(
        metadata={"description": "JSON Pointer into the request, or a line and a column of a text."}
    )
    detail = fields.String()


class ProblemShape(Shape):
    """An error (RFC 9457); one of SCHEMA_INCOMPATIBLE carries the report and links as well."""

    type = fields.String(metadata={"example": "urn:moorings:error:SUBJECT_NOT_FOUND"})
    code = fields.String(metadata={"description": "It never changes its meaning.", "example": "SUBJECT_NOT_FOUND"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    audience = fields.String(metadata={"description": "Who can mend it: caller, owner or operator."})
    retryable = fields.Boolean(metadata={"description": "Whether the same request may succeed later, by itself."})
    fix = fields.String(metadata={"description": "What to do next."})
    errors = fields.List(fields.Nested(ProblemPlaceShape))
    correlation_id = fields.String()
    report = fields.Nested(ReportShape)
    links = fields.Dict()
