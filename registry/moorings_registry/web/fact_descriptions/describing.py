"""Every fact of the ledger as a sentence: the tables of all families, put together."""

from moorings_registry import facts
from moorings_registry.web.fact_descriptions import (
    access,
    associations,
    checks,
    consumers,
    domains,
    encryption_keys,
    exporters,
    lifecycle,
    schemas,
    settings,
    waivers,
    webhooks,
)
from moorings_registry.web.fact_descriptions.sentences import Sentence, Tellers

_FAMILIES = (
    domains,
    schemas,
    waivers,
    lifecycle,
    settings,
    associations,
    exporters,
    access,
    consumers,
    checks,
    webhooks,
    encryption_keys,
)
_TELLERS: Tellers = {fact: tell for family in _FAMILIES for fact, tell in family.TELLERS.items()}


def sentence(fact: facts.Fact, position: int) -> Sentence:
    """Describe *fact*, which the entry at *position* recorded; of a check, *position* is the id of its report."""
    return _TELLERS[type(fact)](fact, position)


def described(fact: facts.Fact, position: int) -> tuple[str, str]:
    """The sentence of *fact*, and the address of the page that says most about it; empty for none."""
    told = sentence(fact, position)
    return str(told), next((one.href for one in reversed(told.parts) if one.href), "")
