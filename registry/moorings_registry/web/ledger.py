"""The ledger, page by page, newest first, and the proof that it is whole."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response

from moorings_registry.entries import Entry
from moorings_registry.http.requests import consult, current_registry, require_ledger
from moorings_registry.ledger import LedgerCorrupt, LedgerError, verify
from moorings_registry.service import Registry
from moorings_registry.state import State
from moorings_registry.web import query_params
from moorings_registry.web.ledger_entries import entries_before
from moorings_registry.web.overview import health
from moorings_registry.web.rendering import page

ENTRIES_A_PAGE = 25
MOST_VERIFIED = 250_000
"""Entries that a page verifies while somebody waits; for more there is the command."""

_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Verification:
    """What recomputing every digest came to. `outcome`: sound, corrupt, away, busy or large."""

    outcome: str
    position: int = 0
    """The last position verified; where it is corrupt, the first bad one, or 0 when that lies outside the entries."""
    digest: str = ""
    why: str = ""
    seconds: float = 0.0
    agrees: bool = True
    """Whether what this node serves was read from this very history."""


def show_ledger() -> Response:
    """Show one page of entries; with ``verify=1``, recompute the chain from its first entry on."""
    require_ledger()
    return consult(_show)


def _show(state: State) -> Response:
    registry = current_registry()
    end = state.position + 1
    before = min(query_params.number("before", end, smallest=1), end)
    asked = query_params.flag("verify")
    entries = entries_before(registry, before, ENTRIES_A_PAGE)
    oldest = entries[-1].entry.position if entries else 1
    return page(
        "ledger.html",
        title="Ledger",
        section="Ledger",
        state=state,
        position=state.position,
        digest=state.digest,
        entries=entries,
        newer=min(before + ENTRIES_A_PAGE, end) if before < end else None,
        older=oldest if oldest > 1 else None,
        health=health(registry, state),
        verification=verification(registry, state) if asked else None,
        most_verified=MOST_VERIFIED,
    )


def verification(registry: Registry, state: State) -> Verification:
    """Verify the whole ledger, one such request at a time."""
    if state.position > MOST_VERIFIED:
        return Verification("large", state.position)
    if not _one_at_a_time.acquire(blocking=False):
        return Verification("busy")
    began = time.perf_counter()
    known: list[str] = []
    try:
        head = verify(_noting(registry.ledger.read(0), state.position, known))
    except LedgerCorrupt as error:
        return Verification("corrupt", error.position or 0, why=error.why)
    except LedgerError as error:
        return Verification("away", why=str(error))
    finally:
        _one_at_a_time.release()
    agrees = state.position == 0 or known == [state.digest]
    return Verification("sound", head.position, head.digest, seconds=time.perf_counter() - began, agrees=agrees)


def _noting(entries: Iterator[Entry], position: int, digests: list[str]) -> Iterator[Entry]:
    """Hand *entries* on, and note the digest at *position*."""
    for entry in entries:
        if entry.position == position:
            digests.append(entry.digest)
        yield entry
