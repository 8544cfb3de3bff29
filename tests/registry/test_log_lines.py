"""Each line that is logged for a request has its correlation id, whichever thread wrote for it."""

import threading
import time
from collections.abc import Callable

import structlog
from structlog.testing import capture_logs
from werkzeug.test import Client

from moorings_registry.app import build_application
from moorings_registry.engines import open_ledger
from moorings_registry.errors import CredentialRefused
from moorings_registry.http.authentication import LoopbackAuthentication
from moorings_registry.http.messages import Request
from moorings_registry.log_ids import current_correlation_id, with_ids
from moorings_registry.principals import Principal
from tests.registry.asking import record
from tests.registry.calling import EVENT, Http
from tests.registry.faulty_ledger import FaultyLedger

log = structlog.get_logger("moorings.test")


def test_a_line_of_the_ledger_names_the_requests_that_it_is_about() -> None:
    ledger = FaultyLedger(open_ledger("memory:"))
    http = Http(ledger)
    ledger.appends_fail = True
    with capture_logs(processors=[with_ids]) as lines:
        reply = http.call("POST", f"{EVENT}/versions", {"schema": record("a")}, X_Correlation_ID="order-7")
    assert reply.status == 503
    (line,) = [one for one in lines if one["event"] == "append_failed"]
    assert line["correlation_id"] == "order-7"
    assert line["correlation_ids"] == ["order-7"]
    assert "trace_id" not in line  # nobody collects traces here


def test_a_line_without_a_request_has_no_id_of_the_one_before() -> None:
    http = Http()
    http.call("GET", "/v1/rules", X_Correlation_ID="order-8")
    assert current_correlation_id() == ""


def test_a_line_about_a_credential_has_the_id_of_its_request() -> None:
    class Refusing(LoopbackAuthentication):
        def known(self, request: Request) -> Principal | None:
            log.info("credential_refused")
            raise CredentialRefused("It holds for nobody")

        principal = known  # type: ignore[assignment]

    middleware = build_application(open_ledger("memory:"), authentication=Refusing()).middleware
    with capture_logs(processors=[with_ids]) as lines:
        reply = Client(middleware).get("/subjects", headers={"X-Request-ID": "order-9"})
    assert (reply.status_code, lines[0]["correlation_id"]) == (401, "order-9")


def test_passes_of_a_background_thread_have_ids_of_their_own_and_say_which_it_is() -> None:
    ledger = FaultyLedger(open_ledger("memory:"))
    registry, stop = Http(ledger).application.registry, threading.Event()
    with capture_logs(processors=[with_ids]) as lines:
        thread = threading.Thread(target=registry.keep_up, args=(stop, 0.01))
        ledger.reads_fail = True
        thread.start()
        _until(lambda: bool(lines))
        ledger.reads_fail = False
        _until(lambda: len(lines) > 1)
        stop.set()
        thread.join()
    away, back = lines[:2]
    assert [(one["event"], one["task"]) for one in (away, back)] == [
        ("ledger_unavailable", "keep-up"), ("ledger_back", "keep-up"),
    ]  # fmt: skip
    assert "" != away["correlation_id"] != back["correlation_id"]


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)
