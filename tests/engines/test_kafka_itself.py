"""A ledger in Kafka itself, as operators have it: replicated, made by `ledger init`, written by several processes.

Skipped unless `MOORINGS_TEST_KAFKA` names the brokers of a cluster of at least three, which tests may fill with topics;
all other tests of the engine run there then, too.
"""

import os
import secrets
from pathlib import Path

import pytest
from click.testing import CliRunner

from moorings_registry.cli.main import main
from moorings_registry.engines import open_ledger
from moorings_registry.ledger import verify
from tests.engines.places import Place, kafka_ledger
from tests.engines.samples import append_next

ADDRESS = os.environ.get("MOORINGS_TEST_KAFKA", "")
pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(
        not ADDRESS, reason="no Kafka installs with the tests: name one by MOORINGS_TEST_KAFKA=host:port"
    ),
]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A ledger in a replicated topic that is not there yet."""
    url = kafka_ledger(ADDRESS, f"moorings-itself-{secrets.token_hex(8)}", tmp_path)
    return url.replace("durability=any&fetch_wait_ms=4&", "")


def test_eight_writers_append_each_entry_once_to_a_replicated_topic(url: str) -> None:
    made = CliRunner().invoke(main, ["ledger", "init", "--run", "--ledger", url])
    assert made.exit_code == 0, made.output
    place = Place("kafka", url)
    acknowledged = place.race(hands=8, each=50)
    stored = [one.digest for one in place.open().read(0)]
    assert sorted(acknowledged) == sorted(stored)
    assert verify(place.open().read(0)).position == 8 * 50
    place.open().require_writable()
    place.close()


def test_who_waits_hears_of_an_entry_before_the_broker_would_answer(url: str) -> None:
    """A question for new records is answered when there are some, and not after `fetch_wait_ms`."""
    reader, writer = open_ledger(f"{url}&fetch_wait_ms=10000&timeout_s=20"), open_ledger(url)
    for number in range(10):
        append_next(writer, str(number))
        assert reader.wait(number, 5.0)
