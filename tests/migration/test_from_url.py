"""Moving in from a registry that is up: everything comes along once, or nothing does."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from click.testing import Result

from moorings_registry.app import build_application
from moorings_registry.engines import open_ledger
from moorings_registry.migration import WsgiTransport
from moorings_registry.service import Registry
from tests.migration.sources import Source, record

Import = Callable[..., Result]

PATHS = (
    "/subjects", "/subjects?deleted=true", "/subjects?deletedOnly=true", "/contexts", "/schemas/types", "/config",
    "/mode", "/config/evolved", "/config/short", "/config/:.tenant:", "/config/money",
    "/config/evolved?defaultToGlobal=true",
    "/mode/money", "/mode/:.tenant:", "/mode/evolved", "/mode/:.tenant:orders-value?defaultToGlobal=true",
    "/schemas?deleted=true&aliases=true", "/subjects/short/versions/latest", "/subjects/evolved/versions",
    "/subjects/evolved/versions?deletedAsNegative=true", "/subjects/evolved/versions/2?deleted=true",
    "/subjects/evolved/versions/2", "/subjects/evolved/versions/3?deleted=true", "/subjects/abandoned/versions",
    "/subjects/z-currency/versions/1/referencedby", "/subjects/a-placed/versions/1?format=resolved",
    "/subjects/route/versions/1?format=serialized", "/subjects/orders%2Fwith%20a%20slash/versions/2",
    "/contexts/.tenant/subjects", "/contexts/.tenant/schemas/ids/1", "/schemas/ids/1?subject=:.tenant:orders-value",
    *(f"/schemas/ids/{id}?fetchMaxId=true" for id in range(1, 16)),
    *(f"/schemas/ids/{id}/versions?deleted=true" for id in range(1, 16)),
)  # fmt: skip


def test_every_answer_is_the_same_afterwards(source: Source, run_import: Import, ledger_url: str) -> None:
    result = run_import("--from", source.url)
    assert result.exit_code == 0, result.output
    assert "verified: 15 versions" in result.output
    with client(ledger_url) as here, httpx2.Client(base_url=source.url) as there:
        for path in PATHS:
            assert ask(here, path) == ask(there, path), path


def test_a_second_run_adds_nothing(source: Source, run_import: Import, ledger_url: str) -> None:
    assert run_import("--from", source.url).exit_code == 0
    head = open_ledger(ledger_url).head()
    again = run_import("--from", source.url)
    assert (again.exit_code, open_ledger(ledger_url).head()) == (0, head)
    assert "done: versions added: 0" in again.output


def test_what_came_since_is_added(source: Source, run_import: Import) -> None:
    assert run_import("--from", source.url).exit_code == 0
    source.register("newcomer", record("New", "id"))
    again = run_import("--from", source.url)
    assert again.exit_code == 0, again.output
    assert "done: versions added: 1, soft-deleted: 0, settings: 0, modes: 0" in again.output


@pytest.mark.parametrize("steps", [4, 16, 22])
def test_interrupted_anywhere_it_goes_on(
    source: Source, run_import: Import, ledger_url: str, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    execute, left = Registry.execute, iter(range(steps))

    def interrupted(self: Registry, *arguments: Any) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return execute(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "execute", interrupted)
        assert run_import("--from", source.url).exit_code != 0
    assert open_ledger(ledger_url).head().position == steps
    result = run_import("--from", source.url)
    assert result.exit_code == 0, result.output
    assert open_ledger(ledger_url).head().position == 23


def test_a_dry_run_writes_nothing(source: Source, run_import: Import, ledger_url: str) -> None:
    result = run_import("--from", source.url, "--dry-run")
    assert result.exit_code == 0
    assert "to do: versions added: 15, soft-deleted: 2, settings: 4, modes: 2" in result.output
    assert open_ledger(ledger_url).head().position == 0


def test_no_mode_is_left_behind_and_the_registry_goes_on(source: Source, run_import: Import, ledger_url: str) -> None:
    run_import("--from", source.url)
    registry = build_application(open_ledger(ledger_url)).registry
    assert dict(registry.state.modes) == {"money": "READONLY", ":.tenant:": "READONLY"}
    highest = source.application.registry.state.last_id["."]
    assert registry.state.last_id["."] == highest
    assert register(ledger_url, "evolved", record("E", "id", "a", "b", "c", "d")) == {"id": highest + 1, "version": 5}


CONFLICTS = [
    ("another schema under an id", [("other", record("Other", "id"))], "z-currency version 1"),
    ("another schema under a number", [("filler", '"int"'), ("evolved", record("Z"))], "evolved version 1"),
]


@pytest.mark.parametrize(("shows", "there", "named"), CONFLICTS, ids=[one[0] for one in CONFLICTS])
def test_conflicts_are_named_before_anything_is_written(
    source: Source, run_import: Import, ledger_url: str, shows: str, there: list[tuple[str, str]], named: str
) -> None:
    for subject, text in there:
        register(ledger_url, subject, text)
    result = run_import("--from", source.url, "--skip-invalid")
    assert result.exit_code == 1
    assert "conflicts: " in result.output
    assert f"  {named}: " in result.output
    assert "nothing written" in result.output
    assert open_ledger(ledger_url).head().position == len(there)


def test_settings_and_modes_that_stand_here_are_not_changed(
    source: Source, run_import: Import, ledger_url: str
) -> None:
    with client(ledger_url) as here:
        here.put("/config", json={"compatibility": "NONE"})
        here.put("/mode/money", json={"mode": "IMPORT"})
    result = run_import("--from", source.url)
    assert result.exit_code == 1
    assert "the settings of the registry: compatibility set otherwise here" in result.output
    assert "the mode of money: IMPORT here, READONLY there" in result.output
    assert open_ledger(ledger_url).head().position == 2


def test_a_version_that_was_deleted_here_is_a_difference(source: Source, run_import: Import, ledger_url: str) -> None:
    run_import("--from", source.url)
    with client(ledger_url) as here:
        assert here.delete("/subjects/route/versions/1").status_code == 200
    result = run_import("--from", source.url)
    assert result.exit_code == 1
    assert "route version 1: soft-deleted here, active there" in result.output


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 2),
        (("--from", "http://localhost:1", "--from-topic-dump", __file__), 2),
        (("--from", "localhost:8081"), 3),
        (("--from", "ftp://somewhere"), 3),
        (("--from", "http://[broken"), 3),
        (("--from-topic-dump", __file__), 3),
        (("--from-topic-dump", "/no/such/file"), 2),
    ],
)
def test_what_cannot_be_read_is_said_plainly(run_import: Import, arguments: tuple[str, ...], code: int) -> None:
    result = run_import(*arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output


def test_a_ledger_in_memory_is_refused(run_import: Import, source: Source) -> None:
    assert run_import("--ledger", "memory:", "--from", source.url).exit_code == 2


def client(ledger_url: str) -> httpx2.Client:
    return httpx2.Client(
        base_url="http://localhost", transport=WsgiTransport(build_application(open_ledger(ledger_url)).middleware)
    )


def register(ledger_url: str, subject: str, text: str) -> dict[str, int]:
    with client(ledger_url) as here:
        answer = here.post(f"/subjects/{subject}/versions", json={"schema": text})
        assert answer.status_code == 200, answer.text
        return {name: answer.json()[name] for name in ("id", "version")}


def ask(client: httpx2.Client, path: str) -> Any:
    """The status and the body, less the moment of registration."""
    response = client.get(path)
    return response.status_code, without_moments(response.json())


def without_moments(content: Any) -> Any:
    if isinstance(content, list):
        return [without_moments(one) for one in content]
    if isinstance(content, dict):
        return {name: value for name, value in content.items() if name not in ("ts", "correlation_id")}
    return content
