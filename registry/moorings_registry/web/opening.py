"""`moorings open`: a link that signs a person in to the pages as whom they are on the command line.

Opening the link shows whom it is for; only its button uses it up. So previews and scanners do not, and nobody is signed
in as somebody else without noticing.
"""

from flask import Response, abort, g, request

from moorings_registry.page_sign_in.links import SESSION_S
from moorings_registry.page_sign_in.sessions import BY_LINK
from moorings_registry.web import query_params
from moorings_registry.web.rendering import bare_page
from moorings_registry.web.sign_in import NO_PATHS
from moorings_registry.web.sign_in_redirects import people, safe_target, see_other


def show_link() -> Response:
    """Ask whether to open the registry as the person whom the link is for.

    Raises:
        LinkEnded, SessionsUnavailable
    """
    known = people()
    if known is None:
        abort(404)
    code = query_params.text("code")
    link = known.links.show(code)
    response = bare_page("open.html", title="Open the registry", person=link.person, code=code)
    response.headers.update(NO_PATHS)
    return response


def use_link() -> Response:
    """Begin the session that the link is for.

    Raises:
        LinkEnded, SessionsUnavailable
    """
    known = people()
    if known is None:
        abort(404)
    link = known.links.use(request.form.get("code", "").strip())
    text = known.sessions.begin(link.person, way=BY_LINK, authenticated_s=link.authenticated_s, longest_s=SESSION_S)
    if g.principal.session is not None:
        known.sessions.end(g.principal.session)
    g.sets_cookies = True
    return see_other(safe_target(link.path), known.cookies.set_session(text))
