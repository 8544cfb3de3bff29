"""The law: no sequence of calls leaves two revisions of one major in a registered domain that break each other.

`model` says in detail what that means. The requests of a sequence use both APIs, and go to one or two workers of one
ledger.

With ``MOORINGS_FUZZ_SECONDS`` the test looks for that long, with new sequences each time; with ``MOORINGS_LAWS=full``
at more sequences than every test run has time for. ``MOORINGS_LAW_LEAVE_OUT``
lists doors (`model.Door`), separated by commas, that are not reported: it shows what else is open while one is closed.
"""

import os
import time

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from moorings_compat import DEFAULT_POLICY, Format
from tests.laws.fuzzing import SECONDS, wide
from tests.laws.promise.conftest import Ledgers
from tests.laws.promise.families import BREAKS, CONDITIONS, FAMILIES, GENTLEST, MEMBERS, PRICED, TOTALS, breaks
from tests.laws.promise.machine import PromiseMachine
from tests.laws.promise.world import World

LEFT_OUT = tuple(name for name in os.environ.get("MOORINGS_LAW_LEAVE_OUT", "").split(",") if name)
EXAMPLES = {"memory": wide(40, 150), "sqlite": wide(15, 50), "redis": wide(12, 50), "postgresql": wide(9, 30)}
STEPS = 18


@pytest.mark.timeout(600 + SECONDS)
def test_no_sequence_of_calls_breaks_a_promise(engine: str, new_ledgers: Ledgers) -> None:
    tally = dict.fromkeys(("sequences", "calls", "revisions", "pairs", "refused"), 0)

    class Machine(PromiseMachine):
        pass

    Machine.tally = tally
    Machine.new_world = staticmethod(lambda: World(new_ledgers(), LEFT_OUT))
    until = time.monotonic() + SECONDS
    while True:
        run_state_machine_as_test(Machine, settings=_looking(engine))
        if time.monotonic() >= until:
            break
    assert min(tally["pairs"], tally["refused"]) > tally["sequences"] / 2, f"hardly anything was compared: {tally}"


def _looking(engine: str) -> settings:
    return settings(
        max_examples=EXAMPLES[engine],
        stateful_step_count=STEPS,
        derandomize=not SECONDS,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


@pytest.mark.parametrize("format", list(Format), ids=str)
def test_the_families_are_what_their_table_says(format: Format) -> None:
    family = FAMILIES[format]
    held = [one for one in MEMBERS if one in family.members]
    for policy in (DEFAULT_POLICY, GENTLEST):
        found = {
            (reader, writer)
            for reader in held
            for writer in held
            if breaks(family.source(reader), family.source(writer), policy)
        }
        assert found == {pair for pair in BREAKS if set(pair) <= set(held)}
    priced, in_words = family.source(PRICED), family.source(PRICED, "word")
    assert breaks(in_words, priced, GENTLEST)
    assert breaks(priced, in_words, GENTLEST)


def test_the_conditions_admit_what_their_table_says() -> None:
    celpy = pytest.importorskip("celpy")
    for expr, admitted in CONDITIONS.items():
        environment = celpy.Environment()
        try:
            program = environment.program(environment.compile(expr))
        except celpy.CELParseError:
            assert admitted == ()
        else:
            passing = [one for one in TOTALS if program.evaluate({"message": celpy.json_to_cel({"total": one})})]
            assert tuple(passing) == admitted
