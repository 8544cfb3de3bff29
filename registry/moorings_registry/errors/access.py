"""Who calls, and what they may do."""

from enum import StrEnum

from moorings_registry.errors.refusal import Refusal, printable


class CrossSiteRefused(Refusal):
    code = "CROSS_SITE_REFUSED"
    title = "The form did not come from a page of this registry"
    fix = "Open the page of the registry itself, and send the form from there."

    def __init__(self) -> None:
        super().__init__("The request came from another site, or does not say where it came from")


class CallerRefused(Refusal):
    code = "CALLER_REFUSED"
    title = "Access denied"
    audience = "operator"
    fix = "Call the registry directly and for yourself; without sign-in, from its own machine and as its own user."


class CredentialRefused(Refusal):
    code = "CREDENTIAL_REFUSED"
    title = "The credential was not accepted"
    fix = "Leave out the Authorization header while the registry has no sign-in configured."


class SignInNeeded(Refusal):
    """A caller without a credential asks for what takes one."""

    code = "SIGN_IN_NEEDED"
    title = "Sign-in needed"
    fix = "Send `Authorization: Bearer` with a token of an issuer that this registry is configured with."

    def __init__(self) -> None:
        super().__init__("The request has no credential, and callers without one may not do this")


class TokenFault(StrEnum):
    """Why a credential does not hold: a class of reasons, never a value of the credential."""

    MANY = "several"
    SCHEME = "scheme"
    SIZE = "size"
    MALFORMED = "malformed"
    HEADER = "header"
    ALGORITHM = "algorithm"
    TYPE = "type"
    ISSUER = "issuer"
    KEY = "key"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    EXPIRED = "expired"
    NOT_YET = "not yet valid"
    LIFE = "life"
    CLAIMS = "claims"
    SUBJECT = "subject"
    KIND = "kind"
    BINDING = "binding"
    CERTIFICATE = "certificate"
    PURPOSE = "purpose"
    USED = "used"


_TOKEN_FAULTS = {
    TokenFault.MANY: "The request carries more than one credential, or credentials of two callers",
    TokenFault.SCHEME: "The Authorization header holds neither a bearer token nor the user `token` with a token",
    TokenFault.SIZE: "The token has more than 8,192 characters",
    TokenFault.MALFORMED: "The token is not a signed JWT in compact form, with strict base64url and JSON",
    TokenFault.HEADER: "The token's header has a parameter other than alg, kid, typ and x5t",
    TokenFault.ALGORITHM: "The token is signed with an algorithm that its issuer is not configured with",
    TokenFault.TYPE: "The token's type (`typ`) is not one that is accepted for this purpose",
    TokenFault.ISSUER: "The token's issuer is not configured in this registry",
    TokenFault.KEY: "The token names a key that its issuer does not publish",
    TokenFault.SIGNATURE: "The token's signature is wrong",
    TokenFault.AUDIENCE: "The token is for another audience than this registry",
    TokenFault.EXPIRED: "The token has expired",
    TokenFault.NOT_YET: "The token is not valid yet: the clocks of its issuer and of the registry differ",
    TokenFault.LIFE: "The token is valid for longer than its issuer is configured with",
    TokenFault.CLAIMS: "A claim of the token is missing or malformed",
    TokenFault.SUBJECT: "The token's subject is missing or malformed",
    TokenFault.KIND: "The token does not show which workload it is for, in the claims that its kind of issuer has",
    TokenFault.BINDING: "The token is bound to a key or a certificate that the caller did not show",
    TokenFault.CERTIFICATE: "The client certificate does not name one workload of a configured trust domain",
    TokenFault.PURPOSE: "The token is for another purpose than the one that it is shown for",
    TokenFault.USED: "The token was exchanged before, which it can be once",
}


class TokenRefused(Refusal):
    """A credential that does not hold; `fault` is the class of its reason."""

    code = "TOKEN_REFUSED"
    title = "The token was not accepted"
    fix = "Get a new token, issued for this registry's audience, and send it alone, as `Authorization: Bearer`."

    def __init__(self, fault: TokenFault) -> None:
        self.fault = fault
        super().__init__(f"{_TOKEN_FAULTS[fault]} ({fault})")


class TokenExposed(Refusal):
    """A credential came unencrypted from another machine."""

    code = "TOKEN_EXPOSED"
    title = "The credential was sent unencrypted"
    fix = "Call the registry by https, and revoke the token: others may have read it."

    def __init__(self) -> None:
        super().__init__("The credential came over plain http from another machine")


class TooManyFailures(Refusal):
    """Too many credentials from one address did not hold."""

    code = "TOO_MANY_FAILURES"
    title = "Too many refused credentials"
    fix = "Find out why the credentials are refused, and wait before the next attempt."

    def __init__(self) -> None:
        super().__init__("Too many credentials from this address were refused in the last seconds")


class IssuerAway(Refusal):
    """The keys of an issuer cannot be had, so its tokens cannot be checked."""

    code = "ISSUER_AWAY"
    title = "The issuer's keys are not available"
    audience = "operator"
    retryable = True
    fix = "Retry later; if it lasts, check that the registry reaches the issuer's key set."

    def __init__(self) -> None:
        super().__init__("The keys of the token's issuer are not available now, so the token cannot be checked")


class SessionEnded(Refusal):
    """The session in a browser's cookie does not hold any more."""

    code = "SESSION_ENDED"
    title = "The session has ended"
    fix = "Sign in again."

    def __init__(self, target: str = "") -> None:
        """*target* is the page to lead to after the next sign-in, where it is not the one that was asked for."""
        self.target = target
        super().__init__("The session has ended")


class SignInAgain(Refusal):
    """A person governs or operates, and proved who they are too long ago."""

    code = "SIGN_IN_AGAIN"
    title = "Sign in again to do this"
    fix = "Sign in again, and send the form once more."

    def __init__(self) -> None:
        super().__init__("This needs a sign-in within the last 15 minutes")


class SignInFailed(Refusal):
    """A sign-in of a person that an issuer's answer did not complete."""

    code = "SIGN_IN_FAILED"
    title = "You are not signed in"
    fix = "Begin again from the sign-in page. If it fails again, show the correlation id to whoever runs the registry."

    def __init__(self, reason: str) -> None:
        super().__init__(f"Signing in did not work: {reason}")


class LinkEnded(Refusal):
    """A link of `moorings open` that was used, or is older than a minute."""

    code = "LINK_ENDED"
    title = "The link has ended"
    fix = "Run `moorings open` again: each link works once, for a minute."

    def __init__(self) -> None:
        super().__init__("The link was used already, or is older than a minute")


class SessionsUnavailable(Refusal):
    """What is kept about sessions beside the ledger cannot be read or written."""

    code = "SESSIONS_UNAVAILABLE"
    title = "Sessions cannot be checked now"
    audience = "operator"
    retryable = True
    fix = "Retry in a moment; if it lasts, check the store of the ledger."

    def __init__(self) -> None:
        super().__init__("Nobody can say now whether the session was ended")


class SigningUnavailable(Refusal):
    """No token can be signed now that every node of the service would know the key of."""

    code = "SIGNING_UNAVAILABLE"
    title = "Tokens cannot be issued now"
    audience = "operator"
    retryable = True
    fix = "Retry later; if it lasts, check that the registry reaches the storage of its ledger."

    def __init__(self) -> None:
        super().__init__("The registry's key is not published beside the ledger, so no token can be issued now")


class NotAllowed(Refusal):
    """The caller is known and lacks a permission; `verb` and `node` say which one."""

    code = "NOT_ALLOWED"
    title = "Permission denied"
    audience = "owner"
    fix = "Ask the owner of the domain for the permission that the message names."

    def __init__(
        self, verb: str, node: str, owner: str = "", *, is_granted: bool = False, is_node: bool = False
    ) -> None:
        """*owner* is whom to ask, where the caller may know. *is_granted*: the token leaves out what is granted.
        *is_node*: *node* is written as grants have it, and not as the name of a subject, a domain or a context."""
        self.verb = verb
        self.node = node
        self.is_node = is_node
        self.owner = owner
        if is_granted:
            where = f" for '{printable(node)}'" if node else ""
            super().__init__(
                f"Permission '{verb}'{where} is granted, and the token does not carry it: exchange a credential for "
                "one that does (POST /v1/token)"
            )
            return
        whom = f"; the owner of the domain is {printable(owner)}" if owner else ""
        super().__init__(f"Permission '{verb}' is missing" + (f" for '{printable(node)}'" if node else "") + whom)


class GrantInvalid(Refusal):
    code = "GRANT_INVALID"
    title = "The grant cannot be stored as requested"
    fix = "Fix the locations listed in `errors`."


class GrantNotFound(Refusal):
    code = "GRANT_NOT_FOUND"
    title = "No such grant"
    fix = "List the grants that you may see: GET /v1/grants."

    def __init__(self, id: int) -> None:
        super().__init__(f"Grant {id} not found")


class GrantToOneself(Refusal):
    code = "GRANT_TO_ONESELF"
    title = "The grant is for its own author"
    audience = "owner"
    fix = "Ask somebody else who governs the node to grant it."

    def __init__(self) -> None:
        super().__init__("The grant would be for the caller who asks for it")
