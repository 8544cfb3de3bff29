"""The forms of grants and of answers about access."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.access import GRANTABLE
from moorings_registry.commands.grants import LONGEST_BECAUSE, LONGEST_VALUE, MOST_CLAIMS
from moorings_registry.http.report_shapes import AnswerShape

_VALUE = validate.Length(max=LONGEST_VALUE)
_VERBS = [str(one) for one in GRANTABLE]
_NODE = validate.Length(min=1, max=800)


class GrantBody(Shape):
    issuer = fields.String(
        load_default="",
        validate=validate.Length(max=40),
        metadata={"description": "The alias of the issuer of the callers; empty for principal `anonymous` alone."},
    )
    principal = fields.String(
        load_default="",
        validate=_VALUE,
        metadata={"description": "The one caller; of SPIFFE issuers, a last segment of `*` stands for any one."},
    )
    claims = fields.Dict(
        keys=fields.String(validate=_VALUE),
        values=fields.String(),
        load_default=dict,
        validate=validate.Length(max=MOST_CLAIMS),
        metadata={"description": "Claims of the caller, compared character by character."},
    )
    group = fields.String(load_default="", validate=_VALUE, metadata={"description": "A group the caller is in."})
    verbs = fields.List(
        fields.String(validate=validate.OneOf(_VERBS)), required=True, validate=validate.Length(min=1, max=5)
    )
    node = fields.String(
        load_default="",
        validate=validate.Length(max=800),
        metadata={"description": "`shop.orders` and what is below it; `orders*` for a prefix; the domain if left out."},
    )
    expires = fields.AwareDateTime(load_default=None, allow_none=True, format="iso")
    because = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_BECAUSE))


class GrantShape(AnswerShape):
    """A grant; written from a `Grant` as `grant`, and whether it is in force."""

    id = fields.Integer(attribute="grant.id")
    issuer = fields.String(attribute="grant.issuer")
    principal = fields.String(attribute="grant.principal")
    claims = fields.Dict(keys=fields.String(), values=fields.String(), attribute="grant.claims")
    group = fields.String(attribute="grant.group")
    verbs = fields.List(fields.String(), attribute="grant.verbs")
    node = fields.String(attribute="grant.node")
    expires = fields.String(attribute="grant.expires", metadata={"description": "Empty for one that does not end."})
    in_force = fields.Boolean(metadata={"description": "Whether its end has not come."})
    because = fields.String(attribute="grant.because")
    granted_by = fields.String(attribute="grant.granted_by")
    granted_at = fields.String(attribute="grant.granted_at")


class GrantsShape(AnswerShape):
    grants = fields.List(fields.Nested(GrantShape))


class GrantsQuery(Shape):
    node = fields.String(
        load_default="",
        validate=validate.Length(max=800),
        metadata={"description": "Grants that hold on this node, or below it."},
    )


class RevokeQuery(Shape):
    because = fields.String(load_default="", validate=validate.Length(max=LONGEST_BECAUSE))


class AccessQuery(Shape):
    verb = fields.String(required=True, validate=validate.OneOf(_VERBS))
    node = fields.String(
        load_default="",
        validate=validate.Length(max=800),
        metadata={"description": "A subject or a domain; empty for the registry as a whole."},
    )
    principal = fields.String(
        load_default="", validate=_VALUE, metadata={"description": "Another caller; oneself if left out."}
    )
    issuer = fields.String(load_default="", validate=validate.Length(max=40))
    claim = fields.List(
        fields.String(validate=validate.Length(max=LONGEST_VALUE * 2)),
        load_default=list,
        validate=validate.Length(max=MOST_CLAIMS),
        metadata={"description": "A claim of the other caller, as `name=value`."},
    )
    group = fields.List(fields.String(validate=_VALUE), load_default=list, validate=validate.Length(max=100))


class AccessShape(AnswerShape):
    """Whether a caller may do something, and what decides it."""

    principal = fields.String()
    verb = fields.String()
    node = fields.String()
    allowed = fields.Boolean()
    why = fields.String(metadata={"description": "One sentence: the grant that decides, or what is missing."})
    grant = fields.Nested(GrantShape, allow_none=True, metadata={"description": "The grant that decides."})


class OfferShape(AnswerShape):
    owner = fields.String()
    receiver = fields.String(metadata={"description": "The one caller who may accept; empty: the owner's own."})
    offered_by = fields.String()
    offered_at = fields.String()


class PastOwnerShape(AnswerShape):
    owner = fields.String()
    until = fields.String()
    changed_by = fields.String()


class OwnersShape(AnswerShape):
    """Who owns a domain, owned it, and is to own it; written from a `Domain`."""

    domain = fields.String(attribute="name")
    owner = fields.String()
    offer = fields.Nested(OfferShape, allow_none=True, metadata={"description": "To whom it is offered."})
    past = fields.List(
        fields.Nested(PastOwnerShape), attribute="owners", metadata={"description": "Earlier owners, oldest first."}
    )
