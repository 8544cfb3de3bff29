"""The actions after a rule: errors, dead letters, none, and those of the service."""

import logging
import pickle
from typing import Any

import pytest

from moorings import EventInvalid, EventUnreadable, MooringsError
from moorings.integrations.dead_letters import dead_letter
from moorings.integrations.records import TransportRecord
from moorings.rules import (
    ActionFailed,
    EventForDeadLetters,
    Mode,
    Outcome,
    Rule,
    RuleBook,
    RuleFailed,
    RuleViolation,
    Scope,
)
from moorings.rules.interfaces import Failure
from tests.client.rules.samples import PLACED, domain, field_rule, plainly, reader, rule, write, writer


def no(name: str = "no", **more: Any) -> Any:
    return rule(name, "false", **more)


def test_on_produce_a_broken_rule_can_send_the_event_to_the_dead_letters() -> None:
    rules = domain(no("first"), no("dead", onFailure="DLQ", params={"dlq.topic": "orders-dead"}), no("last"))
    with pytest.raises(EventInvalid) as refused:
        writer(rules).at_once(PLACED)
    error: MooringsError = refused.value
    assert isinstance(error, EventForDeadLetters)
    assert (error.code, error.rule, error.topic, error.mode) == (
        "EVENT_FOR_DEAD_LETTERS",
        "dead",
        "orders-dead",
        "WRITE",
    )
    assert [one.name for one in error.violations if isinstance(one, RuleViolation)] == ["first", "dead", "last"]
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.topic) == (str(error), "orders-dead")


def test_on_consume_a_broken_rule_can_send_the_event_to_the_dead_letters() -> None:
    with pytest.raises(EventUnreadable) as refused:
        reader(domain(no(mode="READ", onFailure="DLQ"))).at_once(plainly(PLACED))
    error: MooringsError = refused.value
    assert isinstance(error, EventForDeadLetters)
    assert (error.subject, error.rule, error.topic, error.mode) == ("shop.OrderPlaced", "no", None, "READ")


@pytest.mark.parametrize(
    ("given", "on_write", "on_read"),
    [("", "ERROR", "ERROR"), ("NONE,DLQ", None, "DLQ"), ("DLQ,NONE", "DLQ", None), ("NONE", None, None)],
)
def test_of_two_actions_the_first_is_for_writing_and_the_second_for_reading(
    given: str, on_write: str | None, on_read: str | None
) -> None:
    rules = domain(no(mode="WRITEREAD", onFailure=given))

    def outcome(call: Any) -> str | None:
        try:
            call()
        except EventForDeadLetters:
            return "DLQ"
        except (EventInvalid, EventUnreadable):
            return "ERROR"
        return None

    assert outcome(lambda: writer(rules).at_once(PLACED)) == on_write
    assert outcome(lambda: reader(rules).at_once(plainly(PLACED))) == on_read


def test_an_event_that_passes_although_it_breaks_a_rule_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    writing = writer(domain(no(onFailure="NONE")))
    with caplog.at_level(logging.INFO, logger="moorings"):
        assert writing.at_once(PLACED) == writing.at_once(PLACED) == plainly(PLACED)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "an event passed although it breaks a rule" in caplog.text


def test_an_action_on_success_can_refuse_the_event() -> None:
    rules = domain(rule("found", "message.id == 'o-1'", onSuccess="DLQ"))
    with pytest.raises(EventForDeadLetters):
        writer(rules).at_once(PLACED)
    assert writer(domain(no("found", onSuccess="DLQ", onFailure="NONE"))).at_once(PLACED)


def test_an_unknown_action_refuses_the_event() -> None:
    with pytest.raises(EventInvalid, match="unknown action PAGE"):
        writer(domain(no(onFailure="PAGE"))).at_once(PLACED)


def test_actions_of_the_service_are_called_once_for_each_event() -> None:
    outcomes: list[Outcome] = []
    book = RuleBook(actions={"PAGE": outcomes.append, "ERROR": outcomes.append})
    writing = writer(domain(no(onFailure="PAGE"), rule("yes", "true", onSuccess="PAGE")), book=book)
    assert writing.violations(PLACED) == ()
    assert outcomes == [], "validating calls no action"
    assert writing.at_once(PLACED) == plainly(PLACED)
    assert [(one.rule.name, len(one.violations), one.mode) for one in outcomes] == [
        ("no", 1, Mode.WRITE),
        ("yes", 0, Mode.WRITE),
    ]
    with pytest.raises(EventInvalid):
        writer(domain(no()), book=book).at_once(PLACED)


def test_an_action_that_raises_stops_the_event() -> None:
    def stop(outcome: Outcome) -> None:
        raise PermissionError(outcome.rule.name)

    with pytest.raises(PermissionError, match="no"):
        writer(domain(no(onFailure="STOP")), book=RuleBook(actions={"STOP": stop})).at_once(PLACED)


@pytest.mark.parametrize("error", [ValueError("v"), KeyError("k"), RecursionError("r")])
def test_an_action_is_called_once_whatever_it_raises(error: Exception) -> None:
    calls: list[Outcome] = []

    def fail(outcome: Outcome) -> None:
        calls.append(outcome)
        raise error

    book = RuleBook(actions={"PAGE": fail})
    for call in (
        lambda: write(writer(domain(no(onFailure="PAGE")), book=book), PLACED),
        lambda: reader(domain(no(mode="READ", onFailure="PAGE")), book=book).at_once(plainly(PLACED)),
    ):
        calls.clear()
        with pytest.raises(ActionFailed, match="the action PAGE of rule no failed") as failed:
            call()
        assert failed.value.__cause__ is error
        assert len(calls) == 1


def test_executors_of_the_service_run_rules_of_their_type() -> None:
    def at_most(rule: Rule, scope: Scope) -> Any:
        most = int(rule.params["most"])

        def run(event: Any) -> bool:
            if event["cents"] > 10 * most:
                raise RuleFailed([Failure("/cents", "much too dear")])
            return event["cents"] <= most

        return run

    book = RuleBook({"AT_MOST": at_most, "CEL": lambda rule, scope: lambda event: True})

    def found(most: int) -> list[str]:
        rules = domain(rule("dear", "", "AT_MOST", doc="cheap", params={"most": str(most)}), rule("ours", "false"))
        return [str(one) for one in writer(rules, book=book).violations(PLACED)]

    assert found(5000) == []
    assert found(500) == ["the event: dear, expected cheap"]
    assert found(50) == ["/cents: dear, expected cheap (much too dear)"]


@pytest.mark.parametrize("error", [ValueError("a-secret"), KeyError("a-secret"), TypeError("a-secret")])
def test_an_executor_that_raises_breaks_its_rule(error: Exception) -> None:
    def broken(rule: Rule, scope: Scope) -> Any:
        def run(event: Any) -> Any:
            raise error

        return run

    with pytest.raises(EventInvalid) as refused:
        writer(domain(rule("odd", "", "ODD")), book=RuleBook({"ODD": broken})).at_once(PLACED)
    assert type(error).__name__ in str(refused.value)
    assert "a-secret" not in str(refused.value)
    with pytest.raises(EventUnreadable):
        reader(domain(rule("odd", "", "ODD", mode="READ")), book=RuleBook({"ODD": broken})).at_once(plainly(PLACED))


def test_a_dead_letter_names_the_rule_that_sent_it() -> None:
    data = plainly(PLACED)
    with pytest.raises(EventUnreadable) as refused:
        reader(domain(field_rule("address", "value == ''", tags=["PII"], mode="READ", onFailure="DLQ"))).at_once(data)
    letter = dead_letter(TransportRecord(data, place="orders", position="7"), refused.value)
    assert (letter.reason.code, letter.reason.path) == ("EVENT_FOR_DEAD_LETTERS", "/email")
    assert "address" in letter.reason.text
    assert "ann@" not in letter.reason.text
