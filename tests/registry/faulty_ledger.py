"""A ledger that a test can take away, slow down or swap: a small fake around a real one."""

from collections.abc import Callable, Iterator

from moorings_registry.entries import Entry, Head
from moorings_registry.ledger import Ledger, LedgerUnavailable


class FaultyLedger:
    """Passes everything on to `inner`, but for the faults that were asked for."""

    def __init__(self, inner: Ledger) -> None:
        self.inner = inner
        self.reads_fail = False
        self.appends_fail = False
        self.confirms_nothing = False
        """Whether an append is stored and its answer lost."""
        self.asked = 0
        """Calls of `head`."""
        self.appends = 0
        """Calls of `append`."""
        self.tries = 0
        """Calls of `require_writable`."""
        self.before_append: Callable[[], None] | None = None
        """Called once, when the next entry is about to be appended."""

    @property
    def largest_append_bytes(self) -> int:
        return self.inner.largest_append_bytes

    def head(self) -> Head:
        self.asked += 1
        self._require_readable()
        return self.inner.head()

    def append(self, *entries: Entry, after: Head) -> None:
        self.appends += 1
        before, self.before_append = self.before_append, None
        if before is not None:
            before()
        if self.appends_fail:
            raise LedgerUnavailable("the disk is full")
        self.inner.append(*entries, after=after)
        if self.confirms_nothing:
            raise LedgerUnavailable("the connection was cut", in_doubt=True)

    def require_writable(self) -> None:
        self.tries += 1
        if self.appends_fail:
            raise LedgerUnavailable("/var/lib/moorings is full", public="the disk is full")
        self.inner.require_writable()

    def read(self, after: int) -> Iterator[Entry]:
        self._require_readable()
        return self.inner.read(after)

    def wait(self, after: int, timeout_s: float) -> bool:
        self._require_readable()
        return self.inner.wait(after, timeout_s)

    def close(self) -> None:
        self.inner.close()

    def _require_readable(self) -> None:
        if self.reads_fail:
            raise LedgerUnavailable("the disk is gone")
