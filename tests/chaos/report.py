"""The figures of a run: how many answers of which kind, and how long which fault kept callers from writing."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from tests.chaos.checker import Violation
from tests.chaos.history import Fault, History, Outcome
from tests.chaos.network import Traffic

SHOWN = 8
"""Violations of one rule that are printed; all are counted."""
_ANSWERED = frozenset((Outcome.DONE, Outcome.REFUSED))
_AFTER_S = 3.0
"""How long the effects of a fault may last."""


def report(history: History, traffic: Traffic, violations: list[Violation]) -> Iterator[str]:
    """Yield the lines of a report."""
    seconds = max(one.ended for one in history.operations) - min(one.begun for one in history.operations)
    yield f"{len(history.operations)} requests in {seconds:.0f} s, {len(history.ending.entries)} entries in the ledger"
    for is_write, what in ((True, "writes"), (False, "reads")):
        counted = Counter(str(one.outcome) for one in history.operations if one.is_write is is_write)
        yield f"  {what}: " + ", ".join(f"{number} {outcome}" for outcome, number in counted.most_common())
    codes = Counter(f"{one.status} {one.code}" for one in history.operations if one.code)
    yield "  refusals: " + ", ".join(f"{number} {code}" for code, number in codes.most_common())
    slowest = max(history.operations, key=lambda one: one.ended - one.begun)
    yield f"  slowest: {slowest.ended - slowest.begun:.2f} s, a {slowest.kind} at {slowest.node}: {slowest.outcome}"
    yield f"  packets: {traffic.delivered} delivered, {traffic.delayed} of them late; {traffic.lost} lost"
    yield "  ready again after: " + ", ".join(f"{node} {s:.1f} s" for node, s in history.ending.ready_s.items())
    yield "  seconds without an answered write for longer than one: " + ", ".join(_away(history))
    yield f"{len(history.faults)} faults; seconds without an answered write at a node that was hit:"
    yield from _by_fault(history)
    yield from _violated(violations)


def _answered_writes(history: History) -> dict[str, list[float]]:
    """When writes were answered at each node, oldest first."""
    answered: dict[str, list[float]] = defaultdict(list)
    for one in sorted(history.operations, key=lambda one: one.ended):
        if one.is_write and one.outcome in _ANSWERED:
            answered[one.node].append(one.ended)
    return answered


def _away(history: History) -> Iterator[str]:
    for node, moments in sorted(_answered_writes(history).items()):
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        yield f"{node} {sum(one for one in gaps if one > 1):.0f} of {moments[-1] - moments[0]:.0f}"


def _by_fault(history: History) -> Iterator[str]:
    answered = _answered_writes(history)
    for name in sorted({one.name for one in history.faults}):
        faults = [one for one in history.faults if one.name == name]
        lengths = [one.ended - one.begun for one in faults]
        alone = [(one, node) for one in faults for node in one.targets if _is_alone(one, node, history.faults)]
        gaps = [_gap(one, answered[node]) for one, node in alone]
        line = f"  {name:16} {len(faults):4} x, lasting {median(lengths):4.1f} s (at most {max(lengths):4.1f})"
        yield line + (f"; alone {len(gaps)} x: {median(gaps):4.1f} s (at most {max(gaps):4.1f})" if gaps else "")


def _is_alone(fault: Fault, node: str, faults: Sequence[Fault]) -> bool:
    """Whether nothing else was wrong with *node* during *fault* or shortly before."""
    return not any(
        one is not fault and node in one.targets and one.begun < fault.ended and one.ended + _AFTER_S > fault.begun
        for one in faults
    )


def _gap(fault: Fault, answered: list[float]) -> float:
    """The longest time without an answer that begins during *fault*."""
    during = [one for one in answered if fault.begun <= one <= fault.ended]
    after = next((one for one in answered if one > fault.ended), fault.ended)
    return max(later - earlier for earlier, later in pairwise([fault.begun, *during, after]))


def _violated(violations: list[Violation]) -> Iterator[str]:
    counted = Counter(one.rule for one in violations)
    for rule, number in counted.items():
        yield f"BROKEN {rule}: {number}"
        yield from [f"  {one.text}" for one in violations if one.rule == rule][:SHOWN]
    yield f"{len(violations)} violations"
