"""What holds for every name."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from moorings_compat.event_names import Verdict, judge_event_name, past_tense_problem

WORDS = st.sampled_from(
    """
    order user customer payment card team data price stock news feed red seed kyc iphone place placed cancel cancelled
    write wrote written put set read run ran reset quit split left found get got was were is be being been will must to
    has had did not never no on off up in by for from if when and again newly partially already need needed unpaid
    overdue open complete command event notification date v updates updating placement failure failed change request
    """.split()  # noqa: SIM905 - one text is easier to read and to extend
)
NAMES = st.lists(WORDS, min_size=1, max_size=7)
STYLES: list[Callable[[list[str]], str]] = [
    "_".join,
    ".".join,
    "-".join,
    " ".join,
    lambda words: "_".join(words).upper(),
    lambda words: words[0] + "".join(word.capitalize() for word in words[1:]),
]
HOSTILE = [
    "Aa",
    "A",
    "a",
    "_a",
    "Placed",
    "NotBe",
    "To",
    "Put",
    "V2",
    "Un",
    "un",
    "UserPlaced",
    "Quickly",
    "ed",
    "\x00",
    "é1",
    "Did",
]


def pascal(words: list[str]) -> str:
    return "".join(word.capitalize() for word in words)


@given(NAMES)
def test_a_suggestion_is_a_fact_in_pascal_case(words: list[str]) -> None:
    _assert_suggestion_passes(pascal(words))


@example("Ment")  # the ending of a noun, and no verb before it
@given(st.text() | st.text("ABab12_. é", max_size=30))
def test_so_is_one_for_any_text(name: str) -> None:
    _assert_suggestion_passes(name)


def _assert_suggestion_passes(name: str) -> None:
    found = judge_event_name(name)
    assert found.sentence.isprintable()
    if found.suggestion is not None:
        better = judge_event_name(found.suggestion)
        assert (better.verdict, better.case_problem, better.suggestion) == (Verdict.FACT, None, None)
        assert found.suggestion in (found.case_problem or found.sentence)


@given(NAMES, st.sampled_from(STYLES))
def test_the_words_are_judged_alike_in_every_style(words: list[str], style: Callable[[list[str]], str]) -> None:
    one, other = judge_event_name(pascal(words)), judge_event_name(style(words))
    assert (one.verdict, one.reason) == (other.verdict, other.reason)


@given(NAMES)
def test_a_problem_is_said_of_what_is_not_a_fact_alone(words: list[str]) -> None:
    name = pascal(words)
    assert (past_tense_problem(name) is not None) == (judge_event_name(name).verdict is Verdict.NOT_A_FACT)


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_work_grows_no_faster_than_the_name(piece: str) -> None:
    shorter, longer = _calls(piece * 500), _calls(piece * 1000)
    assert longer <= 2.2 * shorter + 200
    assert len(judge_event_name(piece * 100_000).sentence) < 500


def _calls(name: str) -> int:
    """How many functions run, of Python and of C, to judge *name*: the same on every machine."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        judge_event_name(name)
    finally:
        sys.setprofile(before)
    return count
