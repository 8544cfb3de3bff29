"""Requests that schemathesis makes for each operation of a description, when the test of that operation runs.

Its own `parametrize` makes them while pytest collects: every process of a run would make all of them, which takes as
long as asking them.
"""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

from hypothesis import settings
from schemathesis import Case
from schemathesis.checks import load_all_checks
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test  # what its `parametrize` builds each test with
from schemathesis.python._constants.orchestrator import make_constants_value_source
from schemathesis.schemas import APIOperation, BaseSchema

Check = Callable[..., Any]
_COVERING = "hypothesis_explicit_examples"
"""Where a test of hypothesis has its explicit examples."""
_CASES_FOR_AN_EXAMPLE = 5
"""Requests out of those that it covers a description with (up to 2,000 for an operation), for each random one."""


def described_operations(schema: BaseSchema) -> list[APIOperation]:
    """The operations of a description, all of which have to be well-formed."""
    return [result.ok() for result in schema.get_all_operations()]


def require_described_answers(operation: APIOperation, bounds: settings, checks: Sequence[Check]) -> None:
    """Send requests that are made for *operation*, and hold *checks* against each answer.

    *bounds* say how many there are: random ones, and five times as many from all over those that cover the description.
    """

    @bounds
    def require(case: Case) -> None:
        case.call_and_validate(checks=checks)

    load_all_checks()
    schema = operation.schema
    test = build_operation_test(
        config=schema.config,
        operation=operation,
        test_func=require,
        given_kwargs={},
        feedback=FeedbackSources(constants_value_source=make_constants_value_source(schema)),
    )
    covering = getattr(test, _COVERING, [])
    setattr(test, _COVERING, covering[:: ceil(len(covering) / (bounds.max_examples * _CASES_FOR_AN_EXAMPLE)) or 1])
    test()
