"""Cached answers by id, in process: for the operator, and for a caller who signed in and was granted to read.

A request passes the middleware: who calls, which is known here, the caller's view, and the answer, which is counted.
The first request of a caller, which works out what it may read, is not part of it.
Times are the processor's, the median of several rounds.
"""

import statistics
import time
from collections.abc import Iterator

from moorings_compat import Format
from moorings_registry.access import Node, View, visible
from moorings_registry.app import Application, build_application
from moorings_registry.callers import Caller
from moorings_registry.commands import Draft, RegisterSchema
from moorings_registry.engines import open_ledger
from moorings_registry.http.messages import Request
from moorings_registry.names import Subject
from moorings_registry.principals import LOCAL_PRINCIPAL, Principal
from tests.registry.asking import record
from tests.registry.granting import ANN, Guarded

ROUNDS, REQUESTS = 15, 2_000
SUBJECTS = 2_000


def main() -> None:
    """Print what a cached answer costs without sign-in and with it, and what a view of a new state costs."""
    guarded = Guarded()
    guarded.domain("shop")
    for number in range(20):
        guarded.register(f"shop.Thing{number}Added", record("a", name=f"T{number}"))
    guarded.grant(ANN, "shop", "read")
    for caller in (LOCAL_PRINCIPAL, ANN):
        guarded.get(caller, "/schemas/ids/3")
    local = median(guarded.application, guarded.call_headers(LOCAL_PRINCIPAL))
    signed_in = median(guarded.application, guarded.call_headers(ANN))
    print(f"cached answer by id, everybody local   {local * 1e6:8.1f} us")
    print(f"cached answer by id, a granted caller  {signed_in * 1e6:8.1f} us")
    print(f"view of a state of {SUBJECTS} subjects, one name asked {fresh_views() * 1e6:8.1f} us")


def median(application: Application, headers: dict[str, str]) -> float:
    """Seconds of processor time for one request that is answered from the cache."""
    request = Request("GET", "/schemas/ids/3", headers, "127.0.0.1")
    return statistics.median(_rounds(application, request))


def _rounds(application: Application, request: Request) -> Iterator[float]:
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(REQUESTS):
            entered = application.middleware.enter(request)
        assert entered.answer is not None
        assert entered.answer.status == 200
        yield (time.process_time() - began) / REQUESTS


def fresh_views() -> float:
    """Seconds until a name of a state that changed is found in a view, the state's size notwithstanding."""
    application = build_application(open_ledger("memory:"))
    registry = application.registry
    for number in range(SUBJECTS):
        draft = Draft(Format.AVRO, record("a", name=f"T{number}"))
        registry.execute(RegisterSchema(Subject.parse(f"s{number}"), draft), Caller(Principal("bench")))
    state, view, subject = registry.state, View.of(frozenset((Node.parse("s1*"),))), Subject.parse("s17")
    taken = []
    for _ in range(200):
        view.last = None
        began = time.process_time()
        assert visible(state, view).subject(subject) is not None
        taken.append(time.process_time() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
