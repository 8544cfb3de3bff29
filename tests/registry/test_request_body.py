"""Bodies of requests that were answered before: thrown away, within bounds of size and time."""

import asyncio
from typing import Any

import pytest

from moorings_registry.errors import BodyTooLarge
from moorings_registry.http.request_body import MOST_DISCARDED_BYTES, Discarding, RequestBody
from moorings_registry.http.requests import LARGEST_BODY_BYTES

PIECE = bytes(1024 * 1024)
ANNOUNCED = {"content-length": "99999999"}


class Caller:
    """Sends *pieces* of 1 MiB, and then nothing more: neither an end, nor that it left, unless *leaves*."""

    def __init__(self, pieces: int, *, leaves: bool = False) -> None:
        self.left = pieces
        self._leaves = leaves

    async def receive(self) -> dict[str, Any]:
        if self.left:
            self.left -= 1
            return {"type": "http.request", "body": PIECE, "more_body": True}
        if not self._leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}


def test_no_more_than_a_bound_is_thrown_away() -> None:
    caller = Caller(1_000)
    asyncio.run(Discarding().rest_of(RequestBody(caller.receive, ANNOUNCED)))
    assert 1_000 - caller.left == MOST_DISCARDED_BYTES // len(PIECE) + 1


def test_a_caller_that_sends_slowly_keeps_no_connection() -> None:
    async def spent() -> float:
        began = asyncio.get_running_loop().time()
        await Discarding(seconds=0.1).rest_of(RequestBody(Caller(1).receive, ANNOUNCED))
        return asyncio.get_running_loop().time() - began

    assert 0.1 <= asyncio.run(spent()) < 5


def test_a_worker_that_ends_waits_for_none_of_them() -> None:
    async def ended() -> None:
        discarding = Discarding(seconds=60)
        waiting = asyncio.ensure_future(discarding.rest_of(RequestBody(Caller(1).receive, ANNOUNCED)))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        discarding.stop()
        await asyncio.wait_for(waiting, 5)

    asyncio.run(ended())


def test_a_caller_that_leaves_is_waited_for_no_longer() -> None:
    body = RequestBody(Caller(1, leaves=True).receive, ANNOUNCED)
    asyncio.run(asyncio.wait_for(Discarding(seconds=60).rest_of(body), 5))
    assert not body.is_coming


@pytest.mark.parametrize(
    ("headers", "coming"),
    [
        ({}, False),
        ({"content-length": "0"}, False),
        ({"content-length": "9"}, True),
        ({"transfer-encoding": "chunked"}, True),
        ({"content-length": "9", "expect": "100-continue"}, False),
    ],
)
def test_a_body_is_expected_where_the_request_announces_one(headers: dict[str, str], coming: bool) -> None:
    assert RequestBody(Caller(0).receive, headers).is_coming == coming


def test_what_follows_a_body_that_was_read_until_it_was_too_large_is_thrown_away() -> None:
    caller = Caller(40, leaves=True)
    body = RequestBody(
        caller.receive, {"transfer-encoding": "chunked", "expect": "100-continue"}
    )  # asked, and answered 100
    with pytest.raises(BodyTooLarge):
        asyncio.run(body.read())
    assert 40 - caller.left == LARGEST_BODY_BYTES // len(PIECE) + 1
    assert body.is_coming
    asyncio.run(Discarding().rest_of(body))
    assert caller.left == 0
