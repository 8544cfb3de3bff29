"""Webhooks of served registries: two nodes on one ledger, workers that are killed, and keys that receivers fetch."""

import time
from pathlib import Path

from moorings.integrations.registry_events import RegistryEvents
from tests.ports import free_port
from tests.registry.serving import Serving
from tests.waiting import eventually
from tests.webhooks.receivers import Received, Reply, listening


def in_order(ids: list[str]) -> list[str]:
    """*ids* without those that came again right after themselves."""
    return [one for at, one in enumerate(ids) if at == 0 or one != ids[at - 1]]


def test_nothing_is_lost_when_the_node_that_delivers_is_killed(tmp_path: Path) -> None:
    options = ("--workers", "1", "--public-url", f"http://127.0.0.1:{free_port()}")
    nodes = [Serving(tmp_path, *options), Serving(tmp_path, *options)]
    verify = [RegistryEvents(f"http://127.0.0.1:{one.port}") for one in nodes]
    verified: list[str] = []

    def answer(_count: int, received: Received) -> Reply:
        verified.append(verify[1].read(receiver.url, received.headers, received.body)["id"])
        return Reply(delay_s=0.05)

    try:
        with listening() as receiver:
            receiver.answers = answer
            made = nodes[1].call("POST", "/v1/webhooks", {"url": receiver.url, "node": "*"})
            assert made.status == 201, made.body
            for n in range(40):
                assert nodes[n % 2].call("PUT", f"/v1/domains/d{n}", {"owner": "team"}).status in (200, 201)
            eventually(lambda: len(receiver.received) > 5)
            nodes[0].stop()  # all of its processes, with SIGKILL
            for n in range(40, 50):
                assert nodes[1].call("PUT", f"/v1/domains/d{n}", {"owner": "team"}).status in (200, 201)
            eventually(lambda: receiver.ids[-1:] == ["51.0"])
            assert in_order(receiver.ids) == [f"{n}.0" for n in range(1, 52)]
            assert len(receiver.ids) <= 53
            eventually(lambda: verified == receiver.ids)  # the last is read after it was received
    finally:
        for one in nodes:
            one.stop()


def test_what_was_taken_is_not_sent_again_after_a_restart(tmp_path: Path) -> None:
    served = Serving(tmp_path, "--workers", "1", "--public-url", f"http://127.0.0.1:{free_port()}")
    try:
        with listening() as receiver:
            served.call("POST", "/v1/webhooks", {"url": receiver.url, "node": "*"})
            eventually(lambda: receiver.ids == ["1.0"])
            time.sleep(0.3)
            served.stop()
            served.start()
            served.call("PUT", "/v1/domains/a", {"owner": "team"})
            eventually(lambda: receiver.ids == ["1.0", "2.0"])
            told = served.call("GET", "/metrics").body.decode()
            assert 'moorings_webhook_deliveries_total{fate="delivered"} 1.0' in told
    finally:
        served.stop()
