"""Tokens of ours in exchange for others: described like the rest of the API, answered as OAuth has it."""

from marshmallow import fields

from moorings_registry.errors import SigningUnavailable
from moorings_registry.http.native.blueprint import Answer, NativeBlueprint
from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.http.token_endpoint import EXCHANGE, issued_token
from moorings_registry.token_exchange import ASSERTION_TYPE, CLIENT_CREDENTIALS

token = NativeBlueprint("token", __name__, url_prefix="/v1/token", description="Access tokens of this registry.")


class TokenShape(AnswerShape):
    access_token = fields.String(metadata={"description": "A JWT (RFC 9068), to be shown as Bearer."})
    token_type = fields.String(metadata={"example": "Bearer"})
    expires_in = fields.Integer(metadata={"description": "Seconds."})
    scope = fields.String(metadata={"example": "register:shop.orders"})
    issued_token_type = fields.String(metadata={"description": "For an exchange."})


_TEXT = {"type": "string"}
_FORM = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": [EXCHANGE, CLIENT_CREDENTIALS]},
        "subject_token": _TEXT,
        "subject_token_type": _TEXT,
        "client_assertion": _TEXT,
        "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
        "scope": {"type": "string", "example": "register:shop.orders read:*"},
    },
}


@token.post("")
@token.operation("issueToken", SigningUnavailable)
@token.doc(requestBody={"required": True, "content": {"application/x-www-form-urlencoded": {"schema": _FORM}}})
@token.response(200, TokenShape)
def issue_token() -> Answer:
    """Exchange a token once for a narrower one (RFC 8693), or sign in with an assertion (RFC 7523).

    Errors have the form of RFC 6749, section 5.2.
    """
    return issued_token()
