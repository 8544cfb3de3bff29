"""Forms are taken from pages of this registry, in the session that they were shown in.

Three things guard them: the cookie of a session does not come along with a form of another site (`SameSite`), browsers
say where a request comes from, and each form has a field that is derived from the session's id, which no other page and
no script can read.
"""

import base64
import hashlib
import hmac

from flask import g, request

from moorings_registry.errors import CrossSiteRefused
from moorings_registry.web.same_origin import require_same_origin

FIELD = "form_key"
REQUEST_KEY = "request_key"
"""Names one filling-in of a form, so that it is carried out once: what `Idempotency-Key` is to the API."""
ETAG = "etag"


def form_key() -> str:
    """The value of the field in the forms of this session; empty for callers without one."""
    session = g.principal.session if "principal" in g else None
    if session is None:
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(f"moorings form\n{session.id}".encode()).digest()).decode()


def require_own_form() -> None:
    """Pass, or refuse a form that was not shown by this registry in this session.

    Raises:
        CrossSiteRefused
    """
    require_same_origin()
    wanted = form_key()
    if wanted and not hmac.compare_digest(request.form.get(FIELD, "").encode(), wanted.encode()):
        raise CrossSiteRefused
