"""How people sign in: what `moorings login` has to know, and links for `moorings open`."""

from typing import Any
from urllib.parse import urlencode

from flask import current_app, g
from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.errors import BodyUnreadable, CallerRefused, SessionsUnavailable
from moorings_registry.http.native.blueprint import Answer, NativeBlueprint
from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.issuers import Issuer
from moorings_registry.page_sign_in import LINK_S, LinkFor, PeopleInPages

sign_in = NativeBlueprint("sign-in", __name__, url_prefix="/v1/sign-in", description="How people sign in.")
_OF_PEOPLE = "oidc"
_TOKENS = ("bearer", "basic")


class SignInIssuerShape(AnswerShape):
    """An issuer at which people sign in; written from an `Issuer`."""

    alias = fields.String()
    issuer = fields.String(attribute="url", metadata={"description": "Its URL, where its metadata is found."})
    client_id = fields.String(attribute="people.login_client_id")
    scopes = fields.List(fields.String(), attribute="people.login_scopes")
    audience = fields.String(metadata={"description": "What tokens have to be issued for."})


class SignInShape(AnswerShape):
    issuers = fields.List(
        fields.Nested(SignInIssuerShape), metadata={"description": "Those that `moorings login` can use."}
    )
    pages = fields.Boolean(metadata={"description": "Whether people sign in to the pages at one of the issuers."})


class LinkBody(Shape):
    path = fields.String(
        load_default="/admin/",
        validate=validate.Regexp(r"/admin[!-\[\]-~]*\Z", error="Not the path of a page, which begins with /admin."),
        metadata={"description": "The page that the link leads to."},
    )


class LinkShape(AnswerShape):
    href = fields.String(metadata={"description": "The path of the link, valid once."})
    expires_in = fields.Integer(metadata={"description": "Seconds for which it is valid."})


@sign_in.get("")
@sign_in.operation("showSignIn")
@sign_in.response(200, SignInShape)
def show_sign_in() -> Answer:
    """Show at which issuers people sign in; needs no permission."""
    known = _people()
    issuers: tuple[Issuer, ...] = known.flow.trust.people() if known is not None else ()
    return {
        "issuers": [one for one in issuers if one.people.login_client_id],
        "pages": any(one.people.client_id for one in issuers),
    }, {"Cache-Control": "no-store"}


@sign_in.post("/links")
@sign_in.operation("openPages", BodyUnreadable, SessionsUnavailable)
@sign_in.arguments(LinkBody)
@sign_in.response(201, LinkShape)
def open_pages(body: dict[str, Any]) -> Answer:
    """Make a link that signs the caller, a person, in to the pages: valid once, for a minute."""
    known, person = _people(), g.principal
    issuer = known.flow.trust.named(person.issuer) if known is not None else None
    if known is None or issuer is None or issuer.kind != _OF_PEOPLE or person.evidence not in _TOKENS:
        raise CallerRefused("Only a person with a token of an issuer of kind oidc can open the pages this way")
    proved_s = float(person.provenance.get("auth_time", 0))
    code = known.links.make(LinkFor(person, proved_s, body["path"]))
    href = f"/admin/open?{urlencode({'code': code})}"
    return {"href": href, "expires_in": LINK_S}, {"Cache-Control": "no-store"}


def _people() -> PeopleInPages | None:
    known: PeopleInPages | None = current_app.extensions["moorings.people"]
    return known
