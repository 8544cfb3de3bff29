"""The examples of docs/contract-files.md: read, pushed, pulled, and complete."""

import re
import tomllib
from pathlib import Path

import httpx2
import pytest

from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings.layout import event_file, lint, major_file, policy_keys, repository_file
from tests.client.layout.test_lint import write
from tests.client.sync.test_contract_folders import texts

PAGE = (Path(__file__).parents[3] / "docs" / "contract-files.md").read_text("utf-8")
POLICIES = (Path(__file__).parents[3] / "docs" / "policies.md").read_text("utf-8")
REPOSITORY, DOMAIN, EVENT, MAJOR = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
SCHEMA = """{
  "type": "record", "name": "OrderPlaced", "namespace": "shop.orders",
  "fields": [
    { "name": "order_id", "type": "string" },
    { "name": "%s", "type": "string" },
    { "name": "total_cents", "type": "long" }
  ]
}
"""
FOLDER = {
    "moorings.toml": REPOSITORY,
    "schemas/shop.orders/domain.toml": DOMAIN,
    "schemas/shop.orders/OrderPlaced.toml": EVENT,
    "schemas/shop.orders/OrderPlaced.v1.avsc": SCHEMA % "customer",
    "schemas/shop.orders/OrderPlaced.v2.avsc": SCHEMA % "customer_id",
    "schemas/shop.orders/OrderPlaced.v2.toml": MAJOR,
}


def test_the_examples_are_pushed_and_pulled_again(tmp_path: Path, http: httpx2.BaseTransport) -> None:
    root = write(tmp_path, FOLDER) / "schemas"
    _, issues = lint(root)
    assert issues == []

    def moorings(*arguments: str) -> int:
        return run(["--url", "http://127.0.0.1:8081", "--schemas", str(root), *arguments], Session(http=http))

    assert moorings("push") == 0
    before = texts(root)
    assert moorings("pull", "--domain", "shop.orders") == 0
    assert texts(root) == before
    assert moorings("diff") == 0
    assert tomllib.loads(MAJOR)["lifecycle"]["state"] == "deprecated"


KEYS = {
    *repository_file.KEYS,
    *event_file.KEYS,
    *event_file.REPLAY_KEYS,
    *event_file.EXPECTATION_KEYS,
    *major_file.KEYS,
    *major_file.LIFECYCLE_KEYS,
    *major_file.METADATA_KEYS,
    *major_file.RULE_KEYS,
}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_is_on_the_page(key: str) -> None:
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("| "))
    assert re.search(rf"[`.]{key}[`.]", rows), key


@pytest.mark.parametrize("key", policy_keys.POLICY_KEYS)
def test_every_key_of_a_policy_is_on_the_page_of_policies(key: str) -> None:
    assert re.search(rf"^\| `{key}` \|", POLICIES, re.MULTILINE), key
