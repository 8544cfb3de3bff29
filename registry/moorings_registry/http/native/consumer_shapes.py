"""The forms of consumers, of what a change does to them, of usage, and of questions about them."""

from typing import Any

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_compat.impact import Use
from moorings_registry.http.native.list_queries import PageQuery
from moorings_registry.http.native.reader_shapes import FieldUseShape, use_values
from moorings_registry.http.native.version_shapes import DraftBody
from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.observed_load import ObservedLoad, departures
from moorings_registry.questions import Said
from moorings_registry.state import Consumer, Expectations, Holders

MOST_READS, MOST_FIELDS, MOST_TESTS, MOST_ROWS, MOST_HOLDERS = 200, 500, 50, 500, 20
MOST_PAIRS = 100
_CONTROL = r"\A[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*\Z"
APPLICATION = validate.Regexp(
    r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z", error="Not 1 to 100 letters, digits, dots, hyphens and underscores."
)
_TEXT = validate.And(validate.Length(max=200), validate.Regexp(_CONTROL, error="Not printable."))
_EVENT = validate.Length(min=1, max=1_000)
_MAJOR = validate.Range(min=1, max=2**31 - 1)
_LABEL = validate.Regexp(r"\A([0-9]{1,6}\.[0-9]{1,6})?\Z", error="Not a label such as 2.1, and not empty.")


class FieldUseBody(Shape):
    path = fields.String(required=True, validate=validate.Length(max=500), metadata={"example": "/items/*/sku"})
    use = fields.String(load_default=str(Use.REQUIRED), validate=validate.OneOf([str(one) for one in Use]))


class ContractTestBody(Shape):
    name = fields.String(required=True, validate=validate.And(_TEXT, validate.Length(min=1)))
    event = fields.Raw(required=True, metadata={"description": "The event, as JSON or as its text."})
    assertion = fields.String(
        load_default="",
        validate=validate.Length(max=2_000),
        metadata={
            "description": "A CEL expression of `message`, which has to be true.",
            "example": "message.total > 0",
        },
    )


class ReadBody(Shape):
    event = fields.String(required=True, validate=_EVENT, metadata={"example": "shop.orders.OrderPlaced"})
    major = fields.Integer(required=True, strict=True, validate=_MAJOR)
    fields_ = fields.List(
        fields.Nested(FieldUseBody),
        data_key="fields",
        load_default=list,
        validate=validate.Length(max=MOST_FIELDS),
        metadata={"description": "Empty: the whole event, and nobody knows what of it."},
    )
    tests = fields.List(fields.Nested(ContractTestBody), load_default=list, validate=validate.Length(max=MOST_TESTS))


class ConsumerBody(Shape):
    team = fields.String(required=True, validate=validate.And(_TEXT, validate.Length(min=1)))
    contact = fields.String(load_default="", validate=_TEXT)
    environment = fields.String(load_default="", validate=_TEXT)
    version = fields.String(load_default="", validate=_TEXT)
    reads = fields.List(fields.Nested(ReadBody), required=True, validate=validate.Length(max=MOST_READS))


class ContractTestShape(AnswerShape):
    name = fields.String()
    event = fields.String()
    assertion = fields.String()


class ReadShape(AnswerShape):
    event = fields.String()
    major = fields.Integer()
    fields_ = fields.List(fields.Nested(FieldUseShape), data_key="fields")
    opaque = fields.Boolean(metadata={"description": "It does not say which fields it reads."})
    tests = fields.List(fields.Nested(ContractTestShape))


class ConsumerShape(AnswerShape):
    """What an application declares; made by `consumer_value`."""

    application = fields.String()
    team = fields.String()
    contact = fields.String()
    environment = fields.String()
    version = fields.String()
    reads = fields.List(fields.Nested(ReadShape))
    declared_at = fields.String()
    renewed_at = fields.String()
    declared_by = fields.String()
    principals = fields.List(
        fields.String(), metadata={"description": "Who may change it; empty where it was declared before sign-in."}
    )
    domains = fields.List(fields.String(), metadata={"description": "Whoever governs one of these may, too."})
    expired = fields.Boolean(metadata={"description": "Not renewed for 180 days; it still counts."})
    etag = fields.String(metadata={"description": "For `If-Match`."})


class HoldersBody(Shape):
    principals = fields.List(
        fields.String(validate=_TEXT),
        required=True,
        validate=validate.Length(min=1, max=MOST_HOLDERS),
        metadata={"description": "Callers by their names, such as `github:repo/123456`.", "example": ["github:repo/7"]},
    )
    domains = fields.List(
        fields.String(validate=_TEXT),
        load_default=list,
        validate=validate.Length(max=MOST_HOLDERS),
        metadata={"description": "Whoever governs one of these may change the application, too."},
    )


class HoldersShape(AnswerShape):
    application = fields.String()
    principals = fields.List(fields.String())
    domains = fields.List(fields.String())


class ConsumersQuery(PageQuery):
    event = fields.String(load_default="", metadata={"description": "Those who read this event alone."})
    team = fields.String(load_default="")


class ConsumersShape(AnswerShape):
    consumers = fields.List(fields.Nested(ConsumerShape))
    total = fields.Integer()


class WithdrawnShape(AnswerShape):
    application = fields.String()


def _pair(largest: int) -> fields.Tuple:
    """A number, and how often it was met."""
    number = fields.Integer(strict=True, validate=validate.Range(min=1, max=largest))
    times = fields.Integer(strict=True, validate=validate.Range(min=1, max=10**6))
    return fields.Tuple((number, times))


class UsageRowBody(Shape):
    subject = fields.String(required=True, validate=_EVENT)
    direction = fields.String(required=True, validate=validate.OneOf(["produce", "consume"]))
    major = fields.Integer(required=True, strict=True, validate=_MAJOR)
    revision = fields.String(load_default="", validate=_LABEL)
    count = fields.Integer(load_default=1, strict=True, validate=validate.Range(min=1, max=10**9))
    seconds = fields.List(
        _pair(10**7),
        load_default=list,
        validate=validate.Length(max=MOST_PAIRS),
        metadata={"description": "Of sampled seconds: how many events were written in one, and in how many of them."},
    )
    sizes = fields.List(
        _pair(2**31 - 1),
        load_default=list,
        validate=validate.Length(max=MOST_PAIRS),
        metadata={"description": "Of sampled events: bytes, with their framing, and how many events had them."},
    )


class UsageBody(Shape):
    application = fields.String(required=True, validate=APPLICATION)
    client = fields.String(load_default="", validate=_TEXT)
    used = fields.List(fields.Nested(UsageRowBody), required=True, validate=validate.Length(min=1, max=MOST_ROWS))


class UsageCountedShape(AnswerShape):
    counted = fields.Integer(metadata={"description": "Rows that were counted now."})
    left_out = fields.Integer(metadata={"description": "Rows of subjects that the registry does not have."})
    again = fields.Boolean(metadata={"description": "This batch was counted before."})


class UsageRowShape(AnswerShape):
    application = fields.String(metadata={"description": "As it calls itself; empty for further applications."})
    reported_by = fields.String(
        metadata={"description": "The caller who signed in to report it; empty where callers do not sign in."}
    )
    client = fields.String()
    direction = fields.String(attribute="used.direction")
    major = fields.Integer(attribute="used.major", metadata={"description": "0: any."})
    revision = fields.String(attribute="used.revision")
    count = fields.Integer(metadata={"description": "Reports, one a minute at most, and not events."})
    first_seen = fields.String()
    last_seen = fields.String()


class DepartureShape(AnswerShape):
    code = fields.String(metadata={"description": "It never changes its meaning.", "example": "SIZE_ABOVE_EXPECTED"})
    message = fields.String()


class LoadShape(AnswerShape):
    """What clients sampled in the last 30 days; made by `load_value`. Each number was reached for certain."""

    busiest_hour = fields.String(allow_none=True, metadata={"example": "2027-01-31T12", "description": "UTC"})
    busiest_per_second = fields.Float(
        allow_none=True, metadata={"description": "Events a second on average in that hour, of all who report."}
    )
    fastest_second = fields.Integer(metadata={"description": "Events that one process wrote in one second."})
    half_within_bytes = fields.Integer(metadata={"description": "Half of the events are of at most so many bytes."})
    p99_within_bytes = fields.Integer(metadata={"description": "99 of 100 events are."})
    largest_bytes = fields.Integer()
    sampled = fields.Integer(metadata={"description": "Events whose size was sampled."})
    departures = fields.List(
        fields.Nested(DepartureShape), metadata={"description": "Expectations of the event that this exceeds."}
    )


class LastUseShape(AnswerShape):
    application = fields.String(metadata={"description": "As it calls itself; empty for further applications."})
    reported_by = fields.String(
        metadata={"description": "The caller who signed in to report it; empty where callers do not sign in."}
    )
    direction = fields.String()
    major = fields.Integer(metadata={"description": "0: any."})
    first_seen = fields.String()
    last_seen = fields.String(metadata={"description": "Up to an hour before the use itself."})


class UsageShape(AnswerShape):
    subject = fields.String()
    load_ = fields.Nested(LoadShape, data_key="load", attribute="load")
    usage = fields.List(fields.Nested(UsageRowShape))
    last_used = fields.List(
        fields.Nested(LastUseShape),
        metadata={"description": "When each application used each major last, within 400 days; of the same page."},
    )
    total_last_used = fields.Integer()
    total = fields.Integer()


class DeploymentBody(Shape):
    version = fields.String(required=True, validate=validate.And(_TEXT, validate.Length(min=1)))


class DeploymentShape(AnswerShape):
    application = fields.String()
    environment = fields.String()
    version = fields.String()
    deployed_at = fields.String()
    deployed_by = fields.String()


class DeploymentsQuery(PageQuery):
    application = fields.String(load_default="")
    environment = fields.String(load_default="")


class DeploymentsShape(AnswerShape):
    deployments = fields.List(fields.Nested(DeploymentShape))
    total = fields.Integer()


class OnlyEventQuery(Shape):
    event = fields.String(required=True, validate=_EVENT)


class EventQuery(Shape):
    event = fields.String(required=True, validate=_EVENT)
    major = fields.Integer(load_default=None, allow_none=True, validate=_MAJOR)


class FieldQuery(EventQuery):
    path = fields.String(load_default="", validate=validate.Length(max=500))


class RetireQuery(Shape):
    event = fields.String(required=True, validate=_EVENT)
    major = fields.Integer(required=True, validate=_MAJOR)


class DeployQuery(Shape):
    application = fields.String(required=True, validate=APPLICATION)
    version = fields.String(required=True, validate=validate.And(_TEXT, validate.Length(min=1)))
    environment = fields.String(required=True, validate=validate.And(_TEXT, validate.Length(min=1)))


class BreakBody(Shape):
    event = fields.String(required=True, validate=_EVENT)
    major = fields.Integer(load_default=None, allow_none=True, strict=True, validate=_MAJOR)
    drop = fields.List(
        fields.String(validate=validate.Length(max=500)), load_default=list, validate=validate.Length(max=50)
    )
    change = fields.Nested(
        DraftBody,
        load_default=None,
        allow_none=True,
        metadata={"description": "The changed schema, in place of `drop`."},
    )


class ReasonShape(AnswerShape):
    code = fields.String(metadata={"description": "It never changes its meaning.", "example": "READS"})
    message = fields.String()
    application = fields.String()
    team = fields.String()
    path = fields.String()
    evidence = fields.String()


class AnsweredShape(AnswerShape):
    question = fields.String()
    answer = fields.String(validate=validate.OneOf([str(one) for one in Said]))
    reasons = fields.List(fields.Nested(ReasonShape))
    next_step = fields.String()


def load_value(load: ObservedLoad, expected: Expectations | None) -> dict[str, Any]:
    """What `LoadShape` writes."""
    busiest = load.busiest_hour
    return {
        "busiest_hour": busiest[0] if busiest else None,
        "busiest_per_second": float(busiest[1]) if busiest else None,
        "fastest_second": load.fastest_second,
        "half_within_bytes": load.size_at(0.5),
        "p99_within_bytes": load.size_at(0.99),
        "largest_bytes": load.largest,
        "sampled": sum(load.sizes.values()),
        "departures": departures(expected, load),
    }


def consumer_value(consumer: Consumer, holders: Holders | None, now: str, etag: str) -> dict[str, Any]:
    """What `ConsumerShape` writes."""
    return {
        "application": consumer.application,
        "team": consumer.team,
        "contact": consumer.contact,
        "environment": consumer.environment,
        "version": consumer.version,
        "reads": [
            {
                "event": one.event,
                "major": one.major,
                "fields_": use_values(one.reads.fields) if one.reads.known else [],
                "opaque": not one.reads.known,
                "tests": one.tests,
            }
            for one in consumer.reads
        ],
        "declared_at": consumer.declared_at,
        "renewed_at": consumer.renewed_at,
        "declared_by": consumer.declared_by,
        "principals": holders.principals if holders else (),
        "domains": holders.domains if holders else (),
        "expired": consumer.is_expired(now),
        "etag": etag,
    }
