"""Who the registry takes a caller for: what to look at when a credential does not do what it should."""

from marshmallow import fields

from moorings_registry.http.native.blueprint import Answer, NativeBlueprint
from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.http.requests import current_principal

principals = NativeBlueprint("principals", __name__, url_prefix="/v1/principal", description="Who calls.")


class PrincipalShape(AnswerShape):
    name = fields.String(metadata={"example": "github:repo/123456"})
    issuer = fields.String(
        metadata={"description": "The alias of the issuer that authenticated it; empty without one."}
    )
    evidence = fields.String(
        metadata={"description": "How it was shown: bearer, basic, certificate, or empty without a credential."}
    )
    scope = fields.List(
        fields.String(),
        allow_none=True,
        metadata={"description": "What the credential is limited to, as verb:node; null for all that is granted."},
    )
    claims = fields.Dict(metadata={"description": "What grants may match on, as this registry reads it."})


@principals.get("")
@principals.operation("showPrincipal")
@principals.response(200, PrincipalShape)
def show_principal() -> Answer:
    """Show the principal of this very request; needs no permission."""
    return current_principal(), {"Cache-Control": "no-store"}
