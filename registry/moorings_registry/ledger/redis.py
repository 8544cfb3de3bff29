"""The ledger in one Redis stream: for registries that run on several machines.

With the prefix ``moorings`` the keys are ``{moorings}:entries``, a stream whose ids are the positions (``7-0``), and
``{moorings}:head``, a hash of position and digest; the braces keep both in one slot. One script compares and appends.

An append whose answer was lost is sent again with a mark, and the script then looks whether that very entry is in
already: whatever the network does, it is there once. How durable it is then, `redis_setup` says.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

from redis import Redis
from redis.exceptions import RedisError

from moorings_registry.entries import GENESIS, START, Entry, Head
from moorings_registry.ledger.chain import require_chain
from moorings_registry.ledger.errors import HeadMoved, LedgerCorrupt
from moorings_registry.ledger.port import UNBOUNDED
from moorings_registry.ledger.redis_errors import ANSWER_LOST, CONNECTION_LOST, ledger_error
from moorings_registry.ledger.redis_proof import question, require_kept
from moorings_registry.ledger.redis_script import APPEND, DAMAGED, MOVED
from moorings_registry.ledger.redis_setup import Durability, check_setup
from moorings_registry.ledger.rows import Row, entries_of

T = TypeVar("T")

_BATCH_BYTES = 1024 * 1024
_FIRST_BATCH = 16  # entries; then as many as make `_BATCH_BYTES`, going by the batch before
_LARGEST_BATCH = 1024
_BLOCK_MS = 1000
_SETTLE_PAUSE_S = 0.1


class RedisLedger:
    """Entries in a stream."""

    largest_append_bytes = UNBOUNDED

    def __init__(
        self, client: Redis, *, prefix: str, durability: Durability, timeout_s: float, replicas: int = 0
    ) -> None:
        """Use the server that *client* reaches; *client* retries nothing by itself and answers in bytes.

        An append waits until as many *replicas* have it, too, in memory.

        `timeout_s`: how long the server may take to sync, and how long a lost answer is asked after; against a server
        that says nothing at all, an append gives up after about three times as long.

        Raises:
            LedgerMisconfigured: the server does not promise what *durability* asks; says what to change.
            LedgerUnavailable: it cannot be reached.
        """
        self._client = client
        self._entries = f"{{{prefix}}}:entries"
        self._head = f"{{{prefix}}}:head"
        self._timeout_s = timeout_s
        self._proof = self._ask(lambda: check_setup(client, durability))
        self._replicas = replicas
        self._question = question(self._proof, timeout_s, replicas)

    def head(self) -> Head:
        """Return where the history ends now."""
        position, digest = self._ask(lambda: cast(list[Any], self._client.hmget(self._head, "position", "digest")))
        if position is None and digest is None:
            return START
        try:
            return Head(int(position), digest.decode())
        except (TypeError, ValueError, AttributeError):
            raise LedgerCorrupt(None, f"{self._head} has no head") from None

    def append(self, *entries: Entry, after: Head) -> None:
        """Add *entries* behind *after* by one script; see `Ledger.append`."""
        require_chain(entries, after)
        connection = self._connection()
        try:
            outcome = self._append(connection, entries, again=False)
        except ANSWER_LOST:
            outcome = self._settle(entries)
        if outcome == MOVED:
            raise HeadMoved(after)
        if outcome == DAMAGED:
            raise LedgerCorrupt(None, f"{self._head} and {self._entries} disagree on the number of entries")

    def require_writable(self) -> None:
        """Write a member of the head that nobody reads, and wait for the disk; see `Ledger.require_writable`."""
        touch = ("HSET", self._head, "touched", "1")
        try:
            self._write(self._connection(), touch)
        except CONNECTION_LOST:  # one kept from before
            try:
                self._write(self._connection(), touch)
            except ANSWER_LOST as error:
                raise ledger_error(error) from error
        except ANSWER_LOST as error:
            raise ledger_error(error) from error

    def read(self, after: int) -> Iterator[Entry]:
        """Yield the entries that follow position *after*, oldest first."""
        return entries_of(self._rows(after), after)

    def wait(self, after: int, timeout_s: float) -> bool:
        """Block until an entry follows position *after*, or *timeout_s* seconds have passed."""
        deadline = time.monotonic() + timeout_s
        while self.head().position <= after:
            left_ms = int((deadline - time.monotonic()) * 1000)
            if left_ms <= 0:
                return False
            self._block(after, min(left_ms, _BLOCK_MS))
        return True

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _append(self, connection: Any, entries: Sequence[Entry], *, again: bool) -> bytes:
        """Run the script that appends; gives *connection* back."""
        lines = (part for one in entries for part in (one.position, one.digest, one.to_line()))
        arguments = (entries[0].previous, int(again), GENESIS, *lines)
        outcome: bytes = self._write(connection, ("EVAL", APPEND, 2, self._entries, self._head, *arguments))
        return outcome

    def _connection(self) -> Any:
        try:
            return self._client.connection_pool.get_connection()
        except RedisError as error:
            raise ledger_error(error) from error

    def _write(self, connection: Any, command: tuple[Any, ...]) -> Any:
        """Send *command* and wait for the disk, in one round trip; gives *connection* back."""
        healthy = False
        try:
            connection.send_packed_command(connection.pack_commands([command, *self._question]))
            outcome = connection.read_response()
            if self._question:
                require_kept(self._proof, connection.read_response, self._replicas)
            healthy = True
        except ANSWER_LOST:
            raise
        except RedisError as error:
            raise ledger_error(error) from error
        finally:
            if not healthy:
                connection.disconnect()  # an answer may still be under way on it
            self._client.connection_pool.release(connection)
        return outcome

    def _settle(self, entries: Sequence[Entry]) -> bytes:
        """Find out what became of an append that lost its answer, and make it if it never arrived."""
        deadline = time.monotonic() + self._timeout_s
        while True:
            try:
                return self._append(self._client.connection_pool.get_connection(), entries, again=True)
            except ANSWER_LOST as error:
                if time.monotonic() > deadline:
                    raise ledger_error(error, in_doubt=True) from error
            time.sleep(_SETTLE_PAUSE_S)

    def _block(self, after: int, timeout_ms: int) -> None:
        self._ask(lambda: self._client.xread({self._entries: f"{after}-0"}, count=1, block=timeout_ms))

    def _rows(self, after: int) -> Iterator[Row]:
        count = _FIRST_BATCH
        while batch := self._ask(lambda: self._batch(after, count)):  # noqa: B023  # called immediately
            yield from batch
            after = batch[-1][0]
            average_bytes = sum(len(line) for _, _, line in batch) // len(batch)
            count = max(1, min(_LARGEST_BATCH, _BATCH_BYTES // max(1, average_bytes)))

    def _batch(self, after: int, count: int) -> list[Row]:
        found = cast(list[Any], self._client.xrange(self._entries, min=f"{after + 1}-0", count=count))
        return [
            (int(id.partition(b"-")[0]), fields.get(b"digest", b""), fields.get(b"line", b"")) for id, fields in found
        ]

    def _ask(self, question: Callable[[], T]) -> T:
        """Ask something that changes nothing; once again when a connection kept from before turns out to be dead."""
        try:
            return question()
        except CONNECTION_LOST:
            pass
        except RedisError as error:
            raise ledger_error(error) from error
        try:
            return question()
        except RedisError as error:
            raise ledger_error(error) from error
