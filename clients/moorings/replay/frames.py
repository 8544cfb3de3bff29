"""Length-prefixed frames: a length, then that many bytes of one event, repeated to the end of the file.

The length is four bytes, big-endian (``frames``), or a varint as Protobuf's delimited messages have it (``varints``).
Nothing marks where a frame begins, so nothing can be found after a wrong length.
"""

from collections.abc import Iterator

from moorings.replay.archive_files import ArchiveFile, FileArchive
from moorings.replay.items import LARGEST_EVENT_BYTES, Cursor, Damage, FramedEvent, Item, Tombstone

_LONGEST_VARINT = 5


class Frames(FileArchive):
    """A file of frames; *varints* says how their lengths are written."""

    def __init__(self, file: ArchiveFile, *, varints: bool) -> None:
        super().__init__(file)
        self._varints = varints
        self.kind = "varints" if varints else "frames"

    def read(self, start: Cursor | None = None) -> Iterator[Item]:
        """Yield an item for each frame; one of no bytes is a tombstone."""
        byte = self._file.seek(start)
        while True:
            length, taken = self._length()
            if taken == 0:
                return
            place = f"byte {byte}"
            damage = _wrong(length)
            payload = b"" if damage or length is None else self._file.file.read(length)
            if not damage and length is not None and len(payload) < length:
                damage = f"the file ends {length - len(payload)} bytes before the frame does"
            if damage:
                yield Item(place, Damage(damage), {"byte": byte}, byte)
                return
            byte += taken + len(payload)
            yield Item(place, FramedEvent(payload) if payload else Tombstone(), {"byte": byte}, byte)

    def _length(self) -> tuple[int | None, int]:
        """Return the next length, None if it is cut off, and how many bytes it took; 0 at the end."""
        if not self._varints:
            head = self._file.file.read(4)
            return (int.from_bytes(head, "big") if len(head) == 4 else None), len(head)
        value = 0
        for taken in range(_LONGEST_VARINT):
            byte = self._file.file.read(1)
            if not byte:
                return None, taken
            value |= (byte[0] & 0x7F) << 7 * taken
            if byte[0] < 0x80:
                return value, taken + 1
        return -1, _LONGEST_VARINT


def _wrong(length: int | None) -> str:
    """Say what is wrong with a length; empty for a good one."""
    if length is None:
        return "the file ends within a length"
    if not 0 <= length <= LARGEST_EVENT_BYTES:
        return f"length over {LARGEST_EVENT_BYTES} bytes: not frames of this kind, or damaged"
    return ""
