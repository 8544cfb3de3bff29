"""Which trace led to which of the newest entries, for all workers of a node: who delivers an event is another worker.

A file of fixed size that every worker maps: entry n has the slot n modulo `SLOTS`, and a later one takes its place. A
slot that is read while it is written does not fit its checksum, and counts as empty.
"""

import mmap
import os
import struct
import zlib
from pathlib import Path

SLOTS = 4_096
_SLOT = struct.Struct("<Q16s8sI")


class WrittenTraces:
    """The traces of a node's newest entries; safe from any thread and process."""

    def __init__(self, path: Path) -> None:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(handle, SLOTS * _SLOT.size)
            self._map = mmap.mmap(handle, SLOTS * _SLOT.size)
        finally:
            os.close(handle)

    def note(self, position: int, trace_id: int, span_id: int) -> None:
        """Note what led to the entry at *position*."""
        trace, span = trace_id.to_bytes(16), span_id.to_bytes(8)
        slot = _SLOT.pack(position, trace, span, _checksum(position, trace, span))
        at = position % SLOTS * _SLOT.size
        self._map[at : at + _SLOT.size] = slot

    def traceparent(self, position: int) -> str:
        """The header of what led to an entry; empty where none is known."""
        found, trace, span, checksum = _SLOT.unpack_from(self._map, position % SLOTS * _SLOT.size)
        if found != position or checksum != _checksum(position, trace, span):
            return ""
        return f"00-{trace.hex()}-{span.hex()}-01"


def _checksum(position: int, trace: bytes, span: bytes) -> int:
    return zlib.crc32(position.to_bytes(8) + trace + span)
