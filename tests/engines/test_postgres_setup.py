"""The PostgreSQL engine's terms: what a server must promise, who may do what, and how a URL signs in."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict

from moorings_registry.cli.main import main
from moorings_registry.engines import open_ledger, run_setup
from moorings_registry.entries import START
from moorings_registry.ledger import LedgerCorrupt, LedgerError, LedgerMisconfigured, LedgerUnavailable, postgres_client
from tests.engines.samples import append_all, append_next, chain, entry
from tests.servers import PostgresServer, made_ledger

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    run_setup(server.owner_url, "moorings")
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def emptied(server: PostgresServer) -> Iterator[None]:
    """Undo what a test has changed."""
    yield
    server.sql("TRUNCATE moorings.entries")
    server.sql("ALTER ROLE moorings SET synchronous_commit = 'on'")
    server.sql("ALTER ROLE moorings SET default_transaction_isolation = 'read committed'")
    server.sql("ALTER ROLE moorings RESET client_min_messages")
    server.sql("REVOKE ALL ON moorings.entries FROM moorings")
    server.sql("GRANT SELECT, INSERT ON moorings.entries TO moorings")


def test_init_prints_what_it_would_run_and_may_run_it_again(server: PostgresServer) -> None:
    url = f"{server.owner_url}?schema=printed"
    asked = CliRunner().invoke(main, ["ledger", "init", "--ledger", url, "--user", "somebody"])
    assert asked.exit_code == 0, asked.output
    assert "GRANT SELECT, INSERT ON printed.entries TO somebody" in asked.output
    assert server.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'printed'") == "0"
    for _ in range(2):
        done = CliRunner().invoke(main, ["ledger", "init", "--ledger", url, "--user", "somebody", "--run"])
        assert done.exit_code == 0, done.output
    mine = url.replace("postgres@", "somebody@")
    assert append_next(open_ledger(mine), "one").position == 1


def test_an_engine_without_tables_has_nothing_to_init(tmp_path: Path) -> None:
    asked = CliRunner().invoke(main, ["ledger", "init", "--ledger", f"sqlite:///{tmp_path}/l.db"])
    assert asked.exit_code == 3
    assert "makes what it needs itself" in asked.output


@pytest.mark.parametrize("statement", ["UPDATE moorings.entries SET line = ''", "DELETE FROM moorings.entries"])
def test_the_registrys_user_may_not_change_what_it_wrote(server: PostgresServer, statement: str) -> None:
    append_next(open_ledger(server.url), "one")
    said = server.sql(f"SET ROLE moorings; DO $$ BEGIN {statement}; EXCEPTION WHEN insufficient_privilege THEN END $$")
    assert said == ""
    assert open_ledger(server.url).head().position == 1


def test_a_user_who_may_change_entries_is_refused(server: PostgresServer) -> None:
    server.sql("GRANT DELETE ON moorings.entries TO moorings")
    with pytest.raises(LedgerMisconfigured, match="may change or delete entries"):
        open_ledger(server.url)


def test_a_database_without_tables_is_refused_with_what_to_run(server: PostgresServer) -> None:
    with pytest.raises(LedgerMisconfigured, match="ledger init"):
        open_ledger(f"{server.url}?schema=nothing_here")


def test_a_user_without_rights_is_refused_with_what_to_run(server: PostgresServer) -> None:
    server.sql("REVOKE ALL ON moorings.entries FROM moorings")
    with pytest.raises(LedgerMisconfigured, match="does not let this user keep a ledger"):
        append_next(open_ledger(server.url), "one")


def test_a_process_with_a_thousand_files_open_still_reaches_the_server(server: PostgresServer) -> None:
    """select(2) knows 1024 files, and a worker may have more callers than that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1300:
        pytest.skip(f"a process may have {hard} files open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1300), hard))
    opened = [os.dup(1) for _ in range(1100)]
    try:
        ledger = open_ledger(server.url)
        append_next(ledger, "one")
        assert not ledger.wait(1, 0.1)
        ledger.close()
    finally:
        for one in opened:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


SETTINGS = [
    ("synchronous_commit", "off", "may lose or reorder entries"),
    ("client_min_messages", "error", "nobody learns that a commit did not wait for its standby"),
    ("default_transaction_isolation", "serializable", "may lose or reorder entries"),
]


@pytest.mark.parametrize(("name", "value", "said"), SETTINGS)
def test_a_server_that_loses_or_reorders_entries_is_refused(
    server: PostgresServer, name: str, value: str, said: str
) -> None:
    server.sql(f"ALTER ROLE moorings SET {name} = '{value}'")
    with pytest.raises(LedgerMisconfigured, match=said) as refused:
        open_ledger(server.url)
    assert f"{name} = {value}" in str(refused.value)


def test_a_table_that_is_not_logged_is_refused(server: PostgresServer) -> None:
    url = f"{server.owner_url}?schema=unlogged"
    run_setup(url, "moorings")
    server.sql("ALTER TABLE unlogged.entries SET UNLOGGED")
    with pytest.raises(LedgerMisconfigured, match="not logged"):
        open_ledger(f"{server.url}?schema=unlogged")


OTHER_TABLES = [
    ("ALTER TABLE others.entries DROP CONSTRAINT entries_pkey", "several entries at one position"),
    ("ALTER TABLE others.entries ENABLE ROW LEVEL SECURITY", "row level security"),
    ("ALTER TABLE others.entries RENAME TO kept; CREATE VIEW others.entries AS TABLE others.kept", "is not a table"),
    ("ALTER TABLE others.entries RENAME COLUMN line TO content", "has other columns"),
]


@pytest.mark.parametrize(("change", "said"), OTHER_TABLES)
def test_a_table_that_could_not_keep_a_history_is_refused(server: PostgresServer, change: str, said: str) -> None:
    url = made_ledger(server, "others")
    server.sql(change)
    try:
        with pytest.raises(LedgerMisconfigured, match=said):
            list(open_ledger(url).read(0))
    finally:
        server.sql("DROP SCHEMA others CASCADE")


def test_a_user_with_too_many_connections_is_not_taken_for_unknown(server: PostgresServer) -> None:
    server.sql("ALTER ROLE moorings CONNECTION LIMIT 0")
    try:
        with pytest.raises(LedgerUnavailable, match="takes no more connections"):
            open_ledger(server.url)
    finally:
        server.sql("ALTER ROLE moorings CONNECTION LIMIT -1")


def test_a_database_that_has_not_every_character_gets_no_tables(server: PostgresServer) -> None:
    server.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    owner = f"{server.owner_url.removesuffix('postgres')}latin"
    try:
        asked = CliRunner().invoke(main, ["ledger", "init", "--ledger", owner, "--run"])
        assert asked.exit_code == 3
        assert "make one WITH ENCODING UTF8" in asked.output
    finally:
        server.sql("DROP DATABASE latin WITH (FORCE)")


def test_a_database_without_an_encoding_keeps_entries_as_they_are(server: PostgresServer) -> None:
    server.sql("CREATE DATABASE plain ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    owner = f"{server.owner_url.removesuffix('postgres')}plain"
    try:
        run_setup(owner, "moorings")
        ledger = open_ledger(f"{server.url.removesuffix('postgres')}plain")
        one = entry(START, "漢", text="é漢\0")
        ledger.append(one, after=START)
        assert list(ledger.read(0)) == [one]
        ledger.close()
    finally:
        server.sql("DROP DATABASE plain WITH (FORCE)")


def test_a_database_that_does_not_exist_is_refused(server: PostgresServer) -> None:
    with pytest.raises(LedgerMisconfigured, match="does not have this database"):
        open_ledger(server.url.replace("/postgres", "/nowhere"))


def test_a_user_who_does_not_exist_is_refused_with_what_to_run(server: PostgresServer) -> None:
    with pytest.raises(LedgerMisconfigured, match="does not have this user") as refused:
        open_ledger(server.url.replace("moorings@", "nobody@"))
    assert "ledger init" in str(refused.value)


def test_a_server_that_is_made_read_only_is_unavailable_and_comes_back(server: PostgresServer) -> None:
    ledger = open_ledger(server.url)
    append_next(ledger, "one")
    server.sql("ALTER SYSTEM SET default_transaction_read_only = on")
    server.sql("SELECT pg_reload_conf()")
    try:
        server.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'moorings'")
        with pytest.raises(LedgerUnavailable):
            append_next(ledger, "two")
    finally:
        server.sql("ALTER SYSTEM RESET default_transaction_read_only")
        server.sql("SELECT pg_reload_conf()")
    assert append_next(ledger, "two").position == 2


WRONG_URLS = [
    ("postgresql://moorings:word-of-mine@127.0.0.1/db", "holds a password"),
    ("postgresql://127.0.0.1/db?schema=Public;drop", "not a plain name"),
    ("postgresql://127.0.0.1/db?notify=perhaps", "neither on nor off"),
    ("postgresql://127.0.0.1/db?password=word-of-mine", "unknown parameter 'password'"),
    ("postgresql://127.0.0.1:many/db", ""),
    ("postgresql://127.0.0.1/db?timeout_s=0", "number of seconds"),
]


@pytest.mark.parametrize(("url", "said"), WRONG_URLS)
def test_a_wrong_url_is_refused_and_repeats_no_password(url: str, said: str) -> None:
    with pytest.raises((LedgerMisconfigured, LedgerUnavailable), match=said) as refused:
        open_ledger(url)
    assert "word-of-mine" not in str(refused.value)


def test_a_password_is_asked_of_a_command_for_each_connection(server: PostgresServer, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    command = tmp_path / "password"
    command.write_text(f"#!/bin/sh\necho once >> {asked}\necho right-word\n")
    command.chmod(0o700)
    server.sql("CREATE ROLE signing LOGIN PASSWORD 'right-word'")
    hba = server.data / "pg_hba.conf"
    before = hba.read_text()
    hba.write_text(f"host all signing 127.0.0.1/32 scram-sha-256\n{before}")
    server.sql("SELECT pg_reload_conf()")
    url = f"{server.owner_url}?schema=signed"
    run_setup(url, "signing")
    mine = url.replace("postgres@", "signing@")
    with pytest.raises(LedgerMisconfigured, match="refuses to sign this user in") as refused:
        open_ledger(mine)
    assert "right-word" not in str(refused.value)
    assert append_next(open_ledger(f"{mine}&password_command={command}"), "one").position == 1
    assert asked.read_text().count("once") >= 1
    command.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(LedgerUnavailable, match="password_command failed"):
        open_ledger(f"{mine}&password_command={command}")


def test_without_notifications_the_head_is_asked_for(server: PostgresServer) -> None:
    ledger = open_ledger(f"{server.url}?notify=off")
    assert not ledger.wait(0, 0.3)
    append_next(open_ledger(server.url), "one")
    assert ledger.wait(0, 5.0)


def test_a_changed_entry_is_named(server: PostgresServer) -> None:
    ledger = open_ledger(server.url)
    append_all(ledger, chain(3))
    server.sql(
        "UPDATE moorings.entries SET line = convert_to(replace(convert_from(line, 'UTF8'), 'c-2', 'c-9'), 'UTF8')"
        " WHERE position = 3"
    )
    with pytest.raises(LedgerCorrupt, match="its digest is") as found:
        list(ledger.read(0))
    assert found.value.position == 3


def test_a_missing_entry_is_named(server: PostgresServer) -> None:
    ledger = open_ledger(server.url)
    append_all(ledger, chain(4))
    server.sql("DELETE FROM moorings.entries WHERE position = 2")
    with pytest.raises(LedgerCorrupt, match="missing; the next entry stored is 3"):
        list(ledger.read(0))
    assert ledger.head() != START


@pytest.mark.parametrize(("parameter", "waits_s"), [("", "5"), ("timeout_s=0.5", "2"), ("timeout_s=7.2", "8")])
def test_a_connection_is_waited_for_as_long_as_a_statement(
    parameter: str, waits_s: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(settings: str, timeout_s: float) -> None:
        asked.append(conninfo_to_dict(settings)["connect_timeout"])
        raise psycopg.OperationalError("connection timeout expired")

    monkeypatch.setattr(postgres_client, "Session", refuse)
    with pytest.raises(LedgerUnavailable, match="cannot be reached"):
        open_ledger(f"postgresql://moorings@db.example/registry?{parameter}")
    assert set(asked) == {waits_s}


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ('connection to server at "certificates.example", port 5432 failed: Connection refused', LedgerUnavailable),
        ('could not translate host name "certificate" to address: Name or service not known', LedgerUnavailable),
        ('server certificate for "db.example" does not match host name "db"', LedgerMisconfigured),
        ('root certificate file "/etc/root.crt" does not exist', LedgerMisconfigured),
    ],
)
def test_a_host_that_is_named_like_a_fault_of_tls_is_one_that_is_away(
    said: str, error: type[LedgerError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_settings: str, _timeout_s: float) -> None:
        raise psycopg.OperationalError(said)

    monkeypatch.setattr(postgres_client, "Session", refuse)
    with pytest.raises(error):
        open_ledger("postgresql://moorings@db.example/registry")
