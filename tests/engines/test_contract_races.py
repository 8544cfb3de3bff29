"""Contracts of a domain, written from several branches on every engine: one wins, the others have to read again."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from tests.engines.places import Place
from tests.registry.asking import record
from tests.registry.calling import Http

PATH = "/v1/domains/shop.orders/contracts"
BRANCHES = 4


def contracts(word: str) -> dict[str, Any]:
    major = {"major": 1, "version": {"schema": record("a", name=f"{word}Placed")}}
    event = {"subject": f"shop.orders.{word}Placed", "event": {"kind": "fact"}, "majors": [major]}
    return {"domain": {"owner": "team-orders"}, "events": [event]}


def test_of_several_branches_one_wins(place: Place) -> None:
    first = Http(place.open()).put(PATH, contracts("Order"))
    assert first.status == 200
    branches = [Http(place.open()) for _ in range(BRANCHES)]
    etags = [one.get(PATH).headers["etag"] for one in branches]
    assert set(etags) == {first.headers["etag"]}
    together = Barrier(BRANCHES)

    def push(number: int) -> int:
        together.wait()
        return branches[number].put(PATH, contracts(f"{'ABCD'[number]}Order"), If_Match=etags[number]).status

    with ThreadPoolExecutor(BRANCHES) as pool:
        found = sorted(pool.map(push, range(BRANCHES)))
    assert found == [200, 412, 412, 412]
    read = Http(place.open()).get(PATH)
    assert len(read.json["events"]) == 2
    late = branches[0].put(PATH, contracts("LateOrder"), If_Match=read.headers["etag"])
    assert late.status == 200


def test_without_an_etag_every_branch_gets_through(place: Place) -> None:
    branches = [Http(place.open()) for _ in range(BRANCHES)]

    def push(number: int) -> int:
        return branches[number].put(PATH, contracts(f"{'ABCD'[number]}Order")).status

    with ThreadPoolExecutor(BRANCHES) as pool:
        assert set(pool.map(push, range(BRANCHES))) == {200}
    assert len(Http(place.open()).get(PATH).json["events"]) == BRANCHES
