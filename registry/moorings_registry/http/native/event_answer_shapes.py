"""Queries and answers about events and their majors."""

from marshmallow import fields, validate

from moorings_compat import JsonFields
from moorings_registry.http.native.event_shapes import DeclarationShape
from moorings_registry.http.native.lifecycle_shapes import LifecycleShape, MigrationShape, SuccessorShape
from moorings_registry.http.native.list_queries import PageQuery
from moorings_registry.http.native.reader_shapes import EventReaderShape
from moorings_registry.http.native.version_shapes import RevisionShape
from moorings_registry.http.report_shapes import OPTIONAL, AnswerShape
from moorings_registry.state import MajorState


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


class EventsQuery(PageQuery):
    domain = fields.String(load_default="", metadata={"description": "This domain and those below it."})
    q = fields.String(load_default="", metadata={"description": "Part of the subject, in any letter case."})
    state = fields.String(load_default="", validate=validate.OneOf(["", *(str(one) for one in MajorState)]))
