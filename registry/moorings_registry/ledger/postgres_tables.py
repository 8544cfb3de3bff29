"""The tables of a ledger in PostgreSQL, and who may do what to them: entries are added and read, never changed.

The user that the registry signs in as owns nothing, so it cannot drop or alter what it writes to; and it may neither
update nor delete entries. Counts, kept checks, leases, statuses and expiring records, which are not
history, lie beside them.
"""

import re
from dataclasses import dataclass

from moorings_registry.ledger.errors import LedgerMisconfigured

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables in one schema."""

    schema: str

    @classmethod
    def of(cls, schema: str) -> "Tables":
        """The tables in *schema*.

        Raises:
            LedgerMisconfigured: the name would have to be quoted.
        """
        if _NAME.fullmatch(schema) is None:
            raise LedgerMisconfigured(
                "the schema in the ledger URL is not a plain name", "Use lower-case letters, digits and _"
            )
        return cls(schema)

    @property
    def entries(self) -> bytes:
        return self.schema.encode() + b".entries"

    @property
    def channel(self) -> bytes:
        """Where a new entry is announced."""
        return self.schema.encode() + b"_entries"

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, in the order in which they are made."""
        return tuple(re.findall(r"CREATE TABLE IF NOT EXISTS {schema}\.(\w+)", _SCRIPT))

    def within(self, statement: str) -> bytes:
        """*statement*, with the schema in place of each ``%s``."""
        return statement.replace("%s", self.schema).encode()

    def script(self, user: str) -> str:
        """SQL that makes the tables, once; *user* is whom the registry signs in as.

        Raises:
            LedgerMisconfigured: the name would have to be quoted.
        """
        if _NAME.fullmatch(user) is None:
            raise LedgerMisconfigured("the user is not a plain name", "Use lower-case letters, digits and _")
        return _SCRIPT.format(schema=self.schema, user=user)


_SCRIPT = """\
-- The ledger of a Moorings registry. Run it as a user who may make schemas and roles.
DO $$ BEGIN
    IF to_regclass('{schema}.entries') IS NULL AND current_setting('server_encoding') NOT IN ('UTF8', 'SQL_ASCII') THEN
        RAISE EXCEPTION 'the encoding of this database does not have every character: make one WITH ENCODING UTF8';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{user}') THEN CREATE ROLE {user} LOGIN; END IF;
END $$;
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE IF NOT EXISTS {schema}.entries (
    position bigint PRIMARY KEY CHECK (position > 0),
    previous bytea NOT NULL CHECK (octet_length(previous) = 32),
    digest   bytea NOT NULL CHECK (octet_length(digest) = 32),
    line     bytea NOT NULL CHECK (octet_length(line) <= 16777216)
);
ALTER TABLE {schema}.entries ALTER COLUMN line SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS {schema}.counts (
    kind text NOT NULL, subject text NOT NULL, direction text NOT NULL, revision text NOT NULL, writer text NOT NULL,
    path text NOT NULL, rule text NOT NULL, client text NOT NULL, service text NOT NULL,
    count bigint NOT NULL, first_seen text NOT NULL, last_seen text NOT NULL,
    PRIMARY KEY (kind, subject, direction, revision, writer, path, rule, client, service)
);
CREATE INDEX IF NOT EXISTS counts_by_age ON {schema}.counts (kind, last_seen);
CREATE TABLE IF NOT EXISTS {schema}.batches (kind text, key text, at text NOT NULL, PRIMARY KEY (kind, key));
CREATE TABLE IF NOT EXISTS {schema}.leases (name text PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS {schema}.statuses (name text PRIMARY KEY, status bytea NOT NULL);
CREATE TABLE IF NOT EXISTS {schema}.kept_checks (
    id text PRIMARY KEY, domain text NOT NULL, at text NOT NULL, summary bytea NOT NULL, content bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS kept_checks_by_domain ON {schema}.kept_checks (domain, at);
CREATE INDEX IF NOT EXISTS kept_checks_by_age ON {schema}.kept_checks (at);
CREATE TABLE IF NOT EXISTS {schema}.records (
    kind text NOT NULL, name text NOT NULL, value bytea NOT NULL, until bigint NOT NULL, PRIMARY KEY (kind, name)
);
CREATE INDEX IF NOT EXISTS records_by_end ON {schema}.records (until);
GRANT USAGE ON SCHEMA {schema} TO {user};
GRANT SELECT, INSERT ON {schema}.entries TO {user};
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.counts, {schema}.batches, {schema}.leases, {schema}.statuses,
    {schema}.kept_checks, {schema}.records TO {user};
ALTER ROLE {user} SET synchronous_commit = 'on';
ALTER ROLE {user} SET default_transaction_isolation = 'read committed';
"""
