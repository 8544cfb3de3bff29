"""Who is in front of a page, for its header."""

from dataclasses import dataclass

from flask import g, has_request_context

from moorings_registry.principals import ANONYMOUS, Principal
from moorings_registry.web.sign_in_redirects import people
from moorings_registry.web.time_formatting import moment_of_s


@dataclass(frozen=True, slots=True)
class CallerShown:
    """The caller of a page."""

    name: str
    """Of the principal; empty for callers who are not signed in."""
    display_name: str
    how: str
    """How it is known who they are, in words."""
    until: str
    """When the session ends at the latest, as entries have moments; empty without one."""
    can_sign_in: bool
    can_sign_out: bool


def caller_shown() -> CallerShown | None:
    """Who is in front of the page; None where that is not known, on pages about errors outside a request."""
    if not has_request_context() or "principal" not in g:
        return None
    principal: Principal = g.principal
    known = people()
    session = principal.session
    return CallerShown(
        name="" if principal == ANONYMOUS else principal.name,
        display_name=session.display_name if session else "",
        how=_how(principal),
        until=moment_of_s(session.ends_s) if session else "",
        can_sign_in=known is not None and principal == ANONYMOUS,
        can_sign_out=session is not None,
    )


def _how(principal: Principal) -> str:
    if principal.session is not None:
        return _WAYS.get(principal.session.way, "").format(issuer=principal.issuer)
    if principal.evidence in _EVIDENCE:
        return _EVIDENCE[principal.evidence]
    return "no sign-in is configured: everybody on this machine may do everything" if not principal.issuer else ""


_WAYS = {"issuer": "signed in at {issuer}", "link": "by a link of moorings open"}
_EVIDENCE = {
    "bearer": "by a token",
    "basic": "by a token",
    "certificate": "by a client certificate",
    "socket": "over the local socket",
}
