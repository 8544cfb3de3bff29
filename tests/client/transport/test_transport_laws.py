"""Laws of the request loop, tried without any network: whatever the registry does, it ends, and within bounds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.errors import AnswerInvalid, MooringsError, RegistryRefused, RegistryUnavailable
from moorings.transport.breaker import Breaker
from moorings.transport.effects import Lost, Received, Send, Sleep
from moorings.transport.retries import RETRYABLE_STATUS, RetryPolicy
from moorings.transport.transport import Response, Settings, Transport

STATUS = (200, 201, 204, 400, 401, 404, 409, 422, *sorted(RETRYABLE_STATUS))
BODIES = (b"", b"{}", b"[1]", b"<html>", b'{"code": "SCHEMA_INCOMPATIBLE"}', b'{"title": 5, "errors": "no"}', b"\xff")
AFTER = ({}, {"retry-after": "0"}, {"retry-after": "2"}, {"retry-after": "99999999"}, {"moorings-position": "nonsense"})

answers = st.builds(Received, st.sampled_from(STATUS), st.sampled_from(AFTER), st.sampled_from(BODIES))
outcomes = st.lists(st.one_of(st.builds(Lost, st.just("ReadTimeout")), answers), max_size=40)


@dataclass
class Played:
    """One call, answered from a script; whatever the script does not say, works."""

    sends: list[Send] = field(default_factory=list)
    sleeps: list[float] = field(default_factory=list)
    outcome: Response | MooringsError | None = None


def play(transport: Transport, script: Sequence[Received | Lost], method: str) -> Played:
    played, rest = Played(), list(script)
    steps = transport.request(method, "/v1/x", body={} if method == "POST" else None)
    answer: Received | Lost | None = None
    try:
        effect = next(steps)
        while True:
            if isinstance(effect, Send):
                played.sends.append(effect)
                answer = rest.pop(0) if rest else Received(200, {}, b"{}")
            else:
                assert isinstance(effect, Sleep)
                played.sleeps.append(effect.seconds)
                answer = None
            effect = steps.send(answer)
    except StopIteration as stop:
        played.outcome = stop.value
    except MooringsError as error:
        played.outcome = error
    return played


@given(outcomes, st.integers(0, 4), st.integers(1, 3), st.sampled_from(["GET", "POST", "PUT"]))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_a_call_ends_within_its_retries_and_waits(
    script: list[Received | Lost], retries: int, places: int, method: str
) -> None:
    policy = RetryPolicy(retries=retries)
    urls = tuple(f"http://{place}.example" for place in range(places))
    played = play(Transport(Settings(urls, retries=policy)), script, method)
    assert isinstance(played.outcome, Response | RegistryRefused | RegistryUnavailable | AnswerInvalid)
    assert 1 <= len(played.sends) <= (retries + 1) * places
    assert len(played.sleeps) <= retries
    assert all(0 <= seconds <= policy.longest_wait_s for seconds in played.sleeps)


@given(outcomes, st.integers(0, 4), st.integers(1, 3))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_every_attempt_of_a_write_is_identical(script: list[Received | Lost], retries: int, places: int) -> None:
    urls = tuple(f"http://{place}.example" for place in range(places))
    played = play(Transport(Settings(urls, retries=RetryPolicy(retries=retries))), script, "POST")
    assert len({(one.headers["Idempotency-Key"], one.content, one.query) for one in played.sends}) == 1
    assert len({one.headers["X-Correlation-ID"] for one in played.sends}) == 1


@given(outcomes)
@settings(max_examples=200, derandomize=True, deadline=None)
def test_only_retryable_outcomes_are_retried(script: list[Received | Lost]) -> None:
    played = play(Transport(Settings(("http://a.example",))), script, "GET")
    last = len(played.sends) - 1
    for place, outcome in enumerate(script[:last]):
        assert isinstance(outcome, Lost) or outcome.status in RETRYABLE_STATUS, place


@given(st.lists(outcomes, max_size=8))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_an_open_circuit_sends_nothing(scripts: list[list[Received | Lost]]) -> None:
    breaker = Breaker(failures=2, open_s=1e9)
    transport = Transport(Settings(("http://a.example",)), breaker=lambda: breaker)
    for script in scripts:
        opened = not breaker.allows()
        played = play(transport, script, "GET")
        assert opened is (played.sends == [])
        if opened:
            assert isinstance(played.outcome, RegistryUnavailable)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_a_problem_of_any_shape_is_a_refusal(problem: object) -> None:
    for body in (problem, {"code": problem, "errors": problem, "links": problem, "report": problem, "detail": problem}):
        refused = Received(422, {}, json.dumps(body).encode())
        played = play(Transport(Settings(("http://a.example",))), [refused], "GET")
        assert isinstance(played.outcome, RegistryRefused)
        assert str(played.outcome)
