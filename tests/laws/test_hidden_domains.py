"""Whoever may not see a domain learns nothing of it, by any route, whatever they may do elsewhere.

Two tests of each answer: it does not hold the word that is in the hidden domain alone; and a request about the hidden
domain is answered as one about a domain that does not exist.
"""

import json
import re
from functools import cache
from typing import Any

import pytest

from moorings_registry.http.verbs import verbs_of
from tests.laws.hidden_domain import HIDDEN, MISSING, SECRET, Asked, Zoo, requests
from tests.registry.calling import Reply
from tests.registry.granting import ANN, Guarded

VERBS = {"reader": ("read",), "governor": ("read", "register", "govern")}
_NUMBERS = re.compile(r"\d+")
_HEADERS = frozenset(("content-length", "x-correlation-id", "x-request-id", "etag", "last-modified", "date"))


@cache
def rules() -> list[tuple[str, str]]:
    framework: Any = Guarded().application.middleware.framework
    return sorted(verbs_of(framework.url_map))


class Zoos:
    """A zoo for one request after another; another one after something was written."""

    def __init__(self) -> None:
        self._made: dict[str, Zoo] = {}

    def of(self, caller: str) -> Zoo:
        found = self._made.get(caller)
        if found is None or found.is_touched:
            found = self._made[caller] = Zoo(*VERBS[caller], like=found)
        return found


ZOOS = Zoos()


def test_a_zoo_like_another_one_is_in_the_same_state() -> None:
    """What is written to one later is not in the other."""
    filled = Zoo(*VERBS["governor"])
    before = filled.registry.state
    filled.domain("shop.later")
    again = Zoo(like=filled)
    assert again.registry.state == before
    assert (again.is_touched, filled.is_touched) == (False, True)


def ask(zoo: Zoo, asked: Asked) -> Reply:
    return zoo.call(ANN, asked.method, asked.path, asked.body, X_Correlation_ID="c-1")


def told(reply: Reply) -> tuple[int, dict[str, str], str]:
    headers = {name: _as_hidden(value) for name, value in reply.headers.items() if name not in _HEADERS}
    return reply.status, headers, _NUMBERS.sub("0", _as_hidden(reply.body.decode()))


def _as_hidden(text: str) -> str:
    """*text* with the words of the hidden domain in the place of those of nothing: an answer repeats what was asked."""
    return text.replace(MISSING, HIDDEN).replace(MISSING.capitalize(), HIDDEN.capitalize())


def is_taken(reply: Reply, other: Reply) -> bool:
    """Whether all that is said is that an application or a resource of a cluster has that name already.

    Both have names of their own, not of the tree, so nobody can take one that somebody else has.
    """
    if b"belongs to another team" in reply.body:
        return reply.status == 409 and other.status == 200
    if b'is held by other callers"' in reply.body:
        return reply.status == 403 and other.status == 200
    return reply.status == 403 and other.status in (200, 404, 422) and b"Permission 'govern' is missing\"" in reply.body


@pytest.mark.parametrize("caller", VERBS)
@pytest.mark.parametrize("rule", rules(), ids=lambda one: f"{one[0]} {one[1]}")
def test_nothing_of_a_hidden_domain_is_told(caller: str, rule: tuple[str, str]) -> None:
    for asked in requests([rule]):
        reply = ask(ZOOS.of(caller), asked)
        assert reply.status != 500, str(asked)
        content = (reply.body + json.dumps(dict(reply.headers)).encode()).lower()
        assert SECRET.encode() not in content, (str(asked), reply.body)
        if HIDDEN in str(asked).lower():
            other = ask(ZOOS.of(caller), asked.about(MISSING))
            assert told(reply) == told(other) or is_taken(reply, other), (str(asked), reply.body, other.body)
        else:
            assert HIDDEN.encode() not in content, (str(asked), reply.body)
