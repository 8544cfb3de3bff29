"""One check: a candidate against the history of its subject, at a level."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from moorings_compat.contracts import NO_CONTRACT, Contract, Contracts
from moorings_compat.findings import Comparison, Finding, Report
from moorings_compat.formats import can_read
from moorings_compat.levels import DEMANDS, Level, Promise
from moorings_compat.limits import Budget
from moorings_compat.policies import DEFAULT_POLICY, Policy
from moorings_compat.rules import FORMAT_CHANGED
from moorings_compat.schema import Format, Schema


def check(
    candidate: Schema,
    history: Sequence[tuple[int, Schema]],
    level: Level,
    policy: Policy = DEFAULT_POLICY,
    steps: int | None = None,
    contracts: Contracts | None = None,
    compared: Callable[[Comparison], None] | None = None,
) -> Report:
    """Compare *candidate* with the older versions that *level* asks for.

    *history* holds (version number, schema) of one major, oldest first. Every version that the level demands is
    compared, even after a failure. *steps* bounds the whole check (`Budget`): half of them are for the newest version,
    the others share the rest, and steps that a comparison does not need are for the comparisons after it.
    Where *policy* asks for it, the conditions in *contracts* are compared too: the engine for those is an extra.
    *compared* gets each comparison as soon as it is there, for whoever measures them.
    """
    demand = DEMANDS[level]
    older = list(reversed(history)) if demand.transitive else list(history[-1:])
    budget = Budget(steps) if steps else Budget()
    asked = [(version, schema, promise) for version, schema in older for promise in demand.promises]
    weights = _weights(len(asked), len(demand.promises))
    comparisons: list[Comparison] = []
    for number, (version, schema, promise) in enumerate(asked):
        budget.portion(weights[number], sum(weights[number:]))
        findings = _compare(candidate, schema, promise, policy, budget)
        if contracts is not None and policy.conditions and candidate.format is schema.format:
            older_contract = contracts.older.get(version, NO_CONTRACT)
            sides = (candidate, contracts.candidate), (schema, older_contract)
            findings += compare_conditions(*sides, promise, policy, budget, contracts.event)
        comparisons.append(Comparison(version, promise, findings))
        if compared is not None:
            compared(comparisons[-1])
    budget.forget()
    return Report(candidate.format, level, tuple(comparisons), policy.json_fields)


def _weights(asked: int, of_newest: int) -> list[int]:
    """Weigh the comparisons, those with the newest version first: together these weigh as much as all others do."""
    others = asked - of_newest
    return [others or 1] * min(asked, of_newest) + [of_newest] * others


def _compare(candidate: Schema, older: Schema, promise: Promise, policy: Policy, budget: Budget) -> tuple[Finding, ...]:
    if candidate.format is not older.format:
        return (_format_changed(candidate.format, older.format, promise),)
    backward = promise is Promise.REPLAY_SAFE
    if policy.candidate_reads is not backward:
        policy = replace(policy, candidate_reads=backward)
    reader, writer = (candidate, older) if backward else (older, candidate)
    return can_read(reader, writer, policy, budget)


def compare_conditions(
    candidate: tuple[Schema, Contract],
    older: tuple[Schema, Contract],
    promise: Promise,
    policy: Policy,
    budget: Budget,
    event: str,
) -> tuple[Finding, ...]:
    """Find the conditions of two revisions that break *promise*; *event* names the message of Protobuf.

    The engine is imported here, and only where there are rules: it is an extra of the client.
    """
    if not (candidate[1].has_rules or older[1].has_rules):
        return ()
    conditions: Any = import_module("moorings_compat.conditions.compare")
    ours, theirs = conditions.Side(*candidate), conditions.Side(*older)
    return tuple(conditions.compare_conditions(ours, theirs, promise, policy, budget, event))


def _format_changed(candidate: Format, older: Format, promise: Promise) -> Finding:
    backward = promise is Promise.REPLAY_SAFE
    reader, writer = (candidate, older) if backward else (older, candidate)
    message = f"The format changed: a reader of {reader} cannot decode what is written as {writer}."
    return FORMAT_CHANGED.finding_of_all(message, reader_has=str(reader), writer_has=str(writer))
