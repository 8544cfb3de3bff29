"""Names of events in paths of requests."""

import json
from urllib.parse import quote

import httpx2
import pytest

import moorings

testing = pytest.importorskip("moorings_registry.testing", reason="the server's packages are not installed")

TEXT = json.dumps({"type": "record", "name": "E", "fields": [{"name": "a", "type": "string"}]})


@pytest.mark.parametrize("subject", [".", "..", "...", "a b?c#d", "%2E"])
def test_an_event_of_any_name_is_found(subject: str) -> None:
    transport = httpx2.WSGITransport(app=testing.in_memory())
    with httpx2.Client(transport=transport, base_url="http://127.0.0.1:8081") as client:
        name = quote(subject, safe="").replace(".", "%2E")
        assert client.post(f"/subjects/{name}/versions", json={"schema": TEXT}).status_code == 200
    with moorings.connect(http=transport) as registry:
        assert registry.event(subject).latest.subject == subject
        assert registry.event(subject).decode(registry.event(subject).encode({"a": "x"})) == {"a": "x"}
