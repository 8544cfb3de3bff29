"""Conditions that no client could run: the places of their expressions, and what the compiler says."""

from collections.abc import Iterator
from functools import lru_cache

from moorings_compat.cel.engine import CannotRun
from moorings_compat.cel.expressions import Expression
from moorings_compat.conditions.clauses import CEL, CEL_FIELD, is_condition
from moorings_compat.contracts import Contract
from moorings_compat.errors import Problem


def uncompilable(contract: Contract) -> Iterator[Problem]:
    """Yield each condition in CEL that does not compile, refusing or not; disabled rules are not looked at."""
    rules = (contract.rule_set or {}).get("domainRules") or ()
    for index, rule in enumerate(rules):
        if rule.get("disabled") or not is_condition(rule) or rule.get("type") not in (CEL, CEL_FIELD):
            continue
        found = compiled(str(rule.get("expr") or ""))
        if isinstance(found, str):
            yield Problem(f"/ruleSet/domainRules/{index}/expr", found)


@lru_cache(maxsize=500)
def compiled(text: str) -> Expression | str:
    """Compile an expression; where that fails, return the reason."""
    try:
        return Expression(text)
    except CannotRun as error:
        return error.reason
