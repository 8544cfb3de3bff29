"""Policies: what each domain asks for, what of it is its own, and what holds everywhere else."""

from flask import Response

from moorings_registry.http.native.answer_values import effective_policy
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.policy import PolicySource, source_of
from moorings_registry.settings import Settings
from moorings_registry.state import State
from moorings_registry.web import links, query_params
from moorings_registry.web.counts import by_name
from moorings_registry.web.labels import policy_said
from moorings_registry.web.paging import page_of
from moorings_registry.web.rendering import page

DOMAINS_A_PAGE = 50


def show_policies() -> Response:
    """Show the policies of all domains, or of those whose name or owner holds what was asked for."""
    return consult(_show)


def _show(state: State) -> Response:
    q, settings = query_params.text("q"), current_registry().settings
    found = [one for one in by_name(state.domains.values()) if q.lower() in f"{one.name}\n{one.owner}".lower()]
    shown = page_of(found, query_params.number("page", 1), DOMAINS_A_PAGE, lambda at: links.policies_href(q=q, page=at))
    return page(
        "policies.html",
        title="Policies",
        section="Domains",
        state=state,
        q=q,
        default_level=state.configs.get("", {}).get("compatibility") or str(settings.default_level),
        domains=shown,
        effective={one.name: policy_sources(state, one.name, settings) for one in shown.items},
        said=policy_said,
    )


def policy_sources(state: State, domain: str, settings: Settings) -> dict[str, PolicySource]:
    """What holds in a domain, each member with what set it."""
    values = effective_policy(state, domain, settings)
    return {key: source_of(state, domain, key, _as_set(value)) for key, value in values.items()}


def _as_set(value: object) -> object:
    """A value in effect in the form that policies have it in."""
    return [str(one) for one in value] if isinstance(value, list | tuple) else value
