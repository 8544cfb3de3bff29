"""Laws of contract folders: a pull after a push leaves every byte, and a second push changes nothing."""

import json
import tempfile
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings.layout import Weight, lint
from moorings.layout.json_update import updated_json
from tests.client.layout.test_lint import write
from tests.client.sync.drawn_folders import folders
from tests.client.sync.test_contract_folders import texts


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files=folders())
def test_a_pull_after_a_push_leaves_every_byte_and_a_second_push_changes_nothing(files: dict[str, str]) -> None:
    service: Any = pytest.importorskip("moorings_registry.testing")
    http = httpx2.WSGITransport(app=service.in_memory())
    with tempfile.TemporaryDirectory() as temporary:
        folder = write(Path(temporary) / "schemas", files)
        assert [one for one in lint(folder)[1] if one.weight is Weight.ERROR] == []

        def moorings(*arguments: str) -> int:
            return run(["--schemas", str(folder), *arguments], Session(http=http))

        assert moorings("push") == 0
        assert moorings("pull") == 0
        assert texts(folder) == files
        assert moorings("diff") == 0
        before = head(http)
        assert moorings("push") == 0
        assert head(http) == before


def head(http: httpx2.BaseTransport) -> Any:
    with httpx2.Client(transport=http, base_url="http://127.0.0.1") as asking:
        return asking.get("/v1/ledger/head").json()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | st.just("name"), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(before=VALUES, after=VALUES, indent=st.sampled_from([None, 1, 2, "\t"]))
def test_an_updated_json_says_the_new_value_and_an_equal_one_keeps_its_text(
    before: Any, after: Any, indent: int | str | None
) -> None:
    text = json.dumps(before, indent=indent)
    assert canonical(json.loads(updated_json(text, after))) == canonical(after)
    assert updated_json(text, before) == text


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
