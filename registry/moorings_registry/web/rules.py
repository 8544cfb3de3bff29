"""The catalogue of rules: an index, and by format or by words what can break, why, and what to do instead."""

from collections import Counter

from flask import Response

from moorings_compat import Format, Rule, catalogue
from moorings_registry.http.requests import consult
from moorings_registry.state import State
from moorings_registry.web import links, query_params
from moorings_registry.web.rendering import page


def list_rules() -> Response:
    """Show the index of all rules; or the rules of a format, and those that hold what was asked for."""
    return consult(_list)


def _list(state: State) -> Response:
    q, asked = query_params.text("q"), query_params.choice("format", (*Format, links.ANY_FORMAT))
    every = catalogue()
    found = [
        one for one in every.values() if _matches(one, q.lower()) and asked in ("", one.format or links.ANY_FORMAT)
    ]
    return page(
        "rules.html",
        title="Rules",
        section="Rules",
        state=state,
        q=q,
        asked=asked,
        formats=tuple(Format),
        whole=bool(q or asked),
        groups=[(format, [one for one in found if one.format is format]) for format in (*Format, None)],
        total=len(found),
        codes=frozenset(every),
        fired=Counter(code for record in state.checks.unusual() for code in record.rules),
    )


def _matches(rule: Rule, q: str) -> bool:
    return q in f"{rule.code}\n{rule.title}\n{rule.why}\n{rule.fix}".lower()
