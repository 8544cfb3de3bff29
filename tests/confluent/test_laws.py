"""What holds for every history of requests."""

import itertools
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings_registry.engines import open_ledger
from moorings_registry.node_position import NodePosition
from tests.confluent.api import MEDIA_TYPE, Api, Reply, draft, new_api, record
from tests.confluent.served import ServedRegistry

Call = tuple[str, str, Any]

SUBJECTS = ["a", "b", ":.eu:a"]
SCHEMAS = [record("id"), record("id", note=""), record("id", "total"), '"string"']
LINE = [{"name": "shop.Order", "subject": "a", "version": 1}]

subjects = st.sampled_from(SUBJECTS)
versions = st.sampled_from(["1", "2", "3", "latest"])
flags = st.sampled_from(["true", "false"])
bodies = st.one_of(
    st.builds(draft, st.sampled_from(SCHEMAS)),
    st.builds(draft, st.sampled_from(SCHEMAS), metadata=st.just({"properties": {"owner": "x"}})),
    st.just(draft({"type": "array", "items": "shop.Order"}, references=LINE)),
    st.builds(draft, st.sampled_from(SCHEMAS), id=st.integers(1, 4), version=st.integers(1, 4)),
)
calls: st.SearchStrategy[Call] = st.one_of(
    st.builds(lambda s, b: ("POST", f"/subjects/{s}/versions", b), subjects, bodies),
    st.builds(lambda s, b: ("POST", f"/subjects/{s}/versions", b), subjects, bodies),
    st.builds(lambda s, b: ("POST", f"/subjects/{s}", b), subjects, bodies),
    st.builds(lambda s, f: ("DELETE", f"/subjects/{s}?permanent={f}", None), subjects, flags),
    st.builds(lambda s, v, f: ("DELETE", f"/subjects/{s}/versions/{v}?permanent={f}", None), subjects, versions, flags),
    st.builds(lambda s, v: ("POST", f"/subjects/{s}/versions/{v}/undelete", None), subjects, versions),
    st.builds(lambda s, v: ("GET", f"/subjects/{s}/versions/{v}?deleted=true", None), subjects, versions),
    st.builds(lambda s: ("PUT", f"/config/{s}", {"compatibility": "NONE"}), subjects),
    st.builds(lambda s, m: ("PUT", f"/mode/{s}", {"mode": m}), subjects, st.sampled_from(["IMPORT", "READWRITE"])),
    st.builds(lambda i: ("GET", f"/schemas/ids/{i}/versions?deleted=true", None), st.integers(1, 5)),
)


def comparable(reply: Reply) -> tuple[int, Any]:
    """What an answer says, less when it was registered, and where in the ledger a report is."""
    content = reply.json if reply.text else None
    if isinstance(content, dict):
        content.pop("ts", None)
        if "message" in content:
            content["message"] = re.sub(r"/admin/reports/\d+", "/admin/reports/N", content["message"])
    return reply.status, content


def everything(api: Api) -> Any:
    """All subjects, versions, ids and settings that a registry shows."""
    listed = api.get("/schemas?deleted=true").json
    for one in listed:
        one.pop("ts")
    return listed, [comparable(api.get(f"/{kind}/{one}")) for kind in ("config", "mode") for one in SUBJECTS]


def ask(apis: Sequence[Api], history: list[Call]) -> list[tuple[int, Any]]:
    """Ask each call of the next registry in turn."""
    return [comparable(apis[at % len(apis)].call(*one)) for at, one in enumerate(history)]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(calls, max_size=25))
def test_one_registry_and_several_on_one_ledger_answer_alike(history: list[Call]) -> None:
    node_position, ledger = NodePosition(), open_ledger("memory:")
    workers = [new_api(ledger=ledger, node_position=node_position) for _ in range(3)]
    alone = new_api()
    assert ask(workers, history) == ask([alone], history)
    assert [everything(one) for one in workers] == [everything(alone)] * 3


@pytest.fixture(scope="module")
def eight_workers() -> Iterator[ServedRegistry]:
    with tempfile.TemporaryDirectory(prefix="moorings-eight-") as folder:
        registry = ServedRegistry(Path(folder), workers=8)
        yield registry
        registry.stop()


rooms = itertools.count(1)


def in_room(room: int, history: list[Call]) -> list[Call]:
    """The same calls in contexts of their own, which have ids of their own."""
    return [
        (method, f"/contexts/.room{room}{path.replace(':.eu:', f':.eu{room}:')}", body)
        for method, path, body in history
    ]


def ask_served(url: str, history: list[Call]) -> list[tuple[int, Any]]:
    """Ask each call on a connection of its own: whichever worker takes it answers."""
    answers = []
    headers = {"Content-Type": MEDIA_TYPE, "Connection": "close"}
    with httpx2.Client(headers=headers, timeout=60, verify=False) as client:  # no certificates to be read each time
        for method, path, body in history:
            sent = client.request(method, url + path, json=body)
            answers.append(comparable(Reply.of(sent.status_code, sent.headers.items(), sent.content)))
    return answers


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.lists(calls, max_size=20))
def test_one_registry_and_eight_workers_answer_alike(eight_workers: ServedRegistry, history: list[Call]) -> None:
    calls_in_room = in_room(next(rooms), history)
    assert ask_served(eight_workers.url, calls_in_room) == ask([new_api()], calls_in_room)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(calls, max_size=25))
def test_an_id_means_one_thing_in_its_context(history: list[Call]) -> None:
    api = new_api()
    meant: dict[tuple[str, int], str] = {}
    for one in history:
        api.call(*one)
        for shown in api.get("/schemas?deleted=true").json:
            context = shown["subject"].partition(":.eu:")[1]
            # an import may take a number over that nothing uses any more
            if api.get(f"/mode/{shown['subject']}").json.get("mode") != "IMPORT":
                assert meant.setdefault((context, shown["id"]), shown["guid"]) == shown["guid"]
            meant[context, shown["id"]] = shown["guid"]
    state = api.application.registry.state
    assert {(context, guid) for context, guid in state.uses} <= set(state.id_of)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(calls, max_size=25))
def test_an_acknowledged_registration_is_found_and_repeating_it_writes_nothing(history: list[Call]) -> None:
    api = new_api()
    for method, path, body in history:
        reply = api.call(method, path, body)
        if (method, reply.status) == ("POST", 200) and path.endswith("/versions"):
            shown = api.get(f"/subjects/{reply.json['subject']}/versions/{reply.json['version']}")
            assert shown.json == reply.json
            position = api.application.registry.state.position
            assert api.call(method, path, body).json == reply.json
            assert api.application.registry.state.position == position
