"""Ledger URLs: what they mean, and what is said about those that mean nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from moorings_registry.engines import engine_of, open_drift, open_lease, open_ledger, open_statuses
from moorings_registry.entries import START
from moorings_registry.ledger import LedgerError, LedgerMisconfigured, LedgerUnavailable
from tests.engines.samples import append_next
from tests.ports import free_port

WRONG = [  # the URL, what is said
    ("", "Write one of: memory:  sqlite:///ledger.db  redis://"),
    ("ledger.db", "the ledger is not given as a URL"),
    ("/var/lib/ledger.db", "the ledger is not given as a URL"),
    ("mysql://host/x", "unknown ledger engine 'mysql'.*Write one of: memory:"),
    ("memory:x", "has no address"),
    ("memory://host", "has no address"),
    ("memory:?x=1", "unknown parameter 'x'.*Known here: none"),
    ("sqlite:", "names no file"),
    ("sqlite:ledger.db", "names no file.*three slashes.*four"),
    ("sqlite://ledger.db", "names no file"),
    ("sqlite:///", "names no file"),
    ("sqlite:///folder/", "names no file"),
    ("sqlite:///a%00b", "names no file"),
    ("sqlite:///a.db?busy_timeout_s=soon", "busy_timeout_s is not a number of seconds"),
    ("sqlite:///a.db?busy_timeout_s=nan", "busy_timeout_s is not a number of seconds"),
    ("sqlite:///a.db?busy_timeout_s=0", "busy_timeout_s is not a number of seconds"),
    ("sqlite:///a.db?busy=1", "unknown parameter 'busy'.*Known here: busy_timeout_s"),
    ("redis://host:many", "port"),
    ("redis://host:70000", "port"),
    ("redis://host/first", "number of a database"),
    ("redis://host?durability=perhaps", "not one of aof, everysec and any"),
    ("redis://host?prefix={x}", "prefix is not usable"),
    ("redis://host?ca_file=x", "unknown parameter 'ca_file'"),
    ("rediss://host?ca_file=/nowhere/ca.pem", "there is no file /nowhere/ca.pem"),
    ("redis://host?replicas=some", "replicas is not a number from 0 to 9"),
    ("redis+sentinel://host", "what the sentinels call the master"),
    ("redis+sentinel:///moorings", "does not name sentinels"),
    ("redis+sentinel://host:many/moorings", "does not name sentinels"),
    ("redis+sentinel://host:70000/moorings", "does not name sentinels"),
    ("redis+sentinel://one,,two/moorings", "does not name sentinels"),
    ("redis+sentinel://host/moorings/first", "not the number of a database"),
    ("redis+sentinel://user:secret@host/moorings", "the ledger URL holds a password"),
    ("redis+sentinel://host/moorings?sentinel_password_file=/nowhere/p", "there is no file /nowhere/p"),
    ("rediss+sentinel://host/moorings", "unknown ledger engine"),
    ("redis://[::1", "cannot be read"),
    ("sqlite:///a#b.db", "%23"),
]


@pytest.mark.parametrize(("url", "said"), WRONG, ids=[case[0] or "nothing" for case in WRONG])
def test_a_wrong_url_is_refused_with_what_to_write(url: str, said: str) -> None:
    with pytest.raises(LedgerMisconfigured, match=said):
        open_ledger(url)


@pytest.mark.parametrize(
    "opening",
    [open_drift, lambda url: open_lease(url, Path()), lambda url: open_statuses(url, Path())],
    ids=["drift", "lease", "statuses"],
)
@pytest.mark.parametrize("url", ["mysql://host/x", "sqlite:///a.db?busy=1", "redis://[::1", "ledger.db"])
def test_what_stands_beside_a_ledger_refuses_the_same_urls(opening: Callable[[str], object], url: str) -> None:
    with pytest.raises(LedgerMisconfigured):
        opening(url)


def test_three_slashes_are_relative_and_four_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url, file in (
        ("sqlite:///here.db", tmp_path / "here.db"),
        ("sqlite:///./new/folder/here.db", tmp_path / "new" / "folder" / "here.db"),
        ("SQLite:///with%20space.db", tmp_path / "with space.db"),
        (f"sqlite:///{tmp_path}/deeper/there.db", tmp_path / "deeper" / "there.db"),
    ):
        ledger = open_ledger(url)
        append_next(ledger, "one")
        ledger.close()
        assert file.is_file()


def test_an_absolute_path_with_a_slash_too_few_is_not_taken_for_a_relative_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(LedgerMisconfigured, match=f"write sqlite:///{tmp_path}/ledger.db"):
        open_ledger(f"sqlite://{tmp_path}/ledger.db")
    assert list((tmp_path / "empty").iterdir()) == []


def test_the_path_of_a_url_is_kept_when_the_working_directory_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ledger = open_ledger("sqlite:///here.db")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    append_next(ledger, "one")
    assert ledger.head() != START


def test_only_engines_outside_the_process_are_shared() -> None:
    assert not engine_of("memory:").shared
    assert engine_of("sqlite:///x").shared
    assert engine_of("redis://x").shared


def test_a_password_is_never_repeated() -> None:
    port = free_port()
    for url in (
        f"redis://user:secret-word@127.0.0.1:{port}/0",
        f"redis://:secret-word@127.0.0.1:{port}/x",
        f"redis://:not?secret-word@127.0.0.1:{port}",
        f"redis://:not#secret-word@127.0.0.1:{port}",
        f"redis://:not/secret-word@127.0.0.1:{port}",
        f"redis://:secret-word\u2100@127.0.0.1:{port}",
        f"redis://:secret-word[@127.0.0.1:{port}",
    ):
        with pytest.raises(LedgerError) as refused:
            open_ledger(url)
        assert "secret-word" not in str(refused.value)
        assert "secret-word" not in str(refused.value.__cause__)


def test_an_unreachable_redis_is_unavailable() -> None:
    with pytest.raises(LedgerUnavailable, match="cannot be reached") as away:
        open_ledger(f"redis://127.0.0.1:{free_port()}/0")
    assert away.value.retryable
    assert not away.value.in_doubt
