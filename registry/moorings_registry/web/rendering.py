"""Pages from templates: one environment, everything escaped, and a name that is not defined fails."""

from pathlib import Path
from typing import Any

from flask import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from moorings_registry.http.requests import reads_ledger
from moorings_registry.service import utc_now
from moorings_registry.state import State
from moorings_registry.web import labels, links, time_formatting
from moorings_registry.web.assets import ASSETS
from moorings_registry.web.bars import bars
from moorings_registry.web.caller import caller_shown
from moorings_registry.web.form_keys import form_key
from moorings_registry.web.invisible_characters import name, plain, seen, spoken
from moorings_registry.web.shown_forms import comes_back, shown_form

SECTIONS = (
    ("Overview", links.OVERVIEW),
    ("Domains", links.DOMAINS),
    ("Events", links.EVENTS),
    ("Reports", links.REPORTS),
    ("Consumers", links.CONSUMERS),
    ("Calendar", links.CALENDAR),
    ("Waivers", links.WAIVERS),
    ("Webhooks", links.WEBHOOKS),
    ("Rules", links.RULES),
    ("Ledger", links.LEDGER),
)
"""The main navigation; a page names the section that it lies in."""

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What every page says to browsers: no script at all, nothing from elsewhere, in nobody's frame."""


def page(template: str, *, title: str, section: str, state: State, **values: Any) -> Response:
    """Render a page of the registry as it is in *state*; *title* is shown in the tab and in the history."""
    # How many writes there were tells of domains that a caller does not see.
    head = (state.position, state.digest) if reads_ledger() else None
    html = render(template, title=title, section=section, head=head, now=utc_now(), **values)
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def bare_page(template: str, *, title: str, **values: Any) -> Response:
    """Render a page that shows nothing of the registry, for whoever is not signed in yet."""
    html = render(template, title=title, section="", head=None, **values)
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def render(template: str, **values: Any) -> str:
    return _ENVIRONMENT.get_template(template).render(**values)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        name=name,
        seen=seen,
        spoken=spoken,
        plain=plain,
        moment=time_formatting.moment,
        ago=time_formatting.ago,
        day=time_formatting.day,
        titled=labels.titled,
    )
    environment.globals.update(links=links, words=labels, assets=ASSETS, sections=SECTIONS)
    environment.globals.update(counted=labels.counted, bars=bars)
    environment.globals.update(caller=caller_shown, form_key=form_key, shown_form=shown_form, comes_back=comes_back)
    return environment


_ENVIRONMENT = _environment()
