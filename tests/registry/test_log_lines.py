"""Each line that is logged for a request has its correlation id, whichever thread wrote for it."""

from structlog.testing import capture_logs

from moorings_registry.engines import open_ledger
from moorings_registry.log_ids import current_correlation_id, with_ids
from tests.registry.asking import record
from tests.registry.calling import EVENT, Http
from tests.registry.faulty_ledger import FaultyLedger


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
