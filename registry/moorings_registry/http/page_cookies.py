"""The session cookie of a request: of pages alone. The APIs look at no cookie."""

from moorings_registry.http.error_answers import is_page
from moorings_registry.http.messages import Request
from moorings_registry.issuers import is_loopback_address
from moorings_registry.page_sign_in import CookieNames, read_cookie


def session_cookie(request: Request) -> str:
    """The value of the session cookie; empty without one, and for everything that is not a page."""
    if not is_page(request.target) or "cookie" not in request.headers:
        return ""
    return read_cookie(request.headers, cookie_names(request).session)


def cookie_names(request: Request) -> CookieNames:
    """How the cookies are called between this registry and the browser of *request*."""
    return CookieNames.of(plain_http=is_plain_loopback(request), host=request.headers.get("host", ""))


def is_plain_loopback(request: Request) -> bool:
    """Whether a browser of this machine calls without TLS. What comes over a local socket comes from a proxy's TLS."""
    return request.scheme != "https" and bool(request.peer) and is_loopback_address(request.peer)


def own_address(request: Request) -> str:
    """Scheme and host of this registry, as the browser knows them; issuers compare it with what they were told."""
    scheme = "http" if is_plain_loopback(request) else "https"
    return f"{scheme}://{request.headers.get('host', '')}"
