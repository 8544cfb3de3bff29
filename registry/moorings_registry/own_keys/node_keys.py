"""The keys that the processes of a node sign with: the current one, and the next, which is not used yet."""

import json
from dataclasses import dataclass

from moorings_registry.node_memory import NodeMemory
from moorings_registry.own_keys.signing_key import SigningKey

_SIZE_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Pair:
    """The key that signs now, and the one that follows it, once that was made."""

    current: SigningKey
    following: SigningKey | None = None

    @property
    def every(self) -> tuple[SigningKey, ...]:
        return (self.current, self.following) if self.following else (self.current,)


class NodeKeys:
    """One pair for a process and those it forks; safe from any thread."""

    def __init__(self, first: SigningKey) -> None:
        self._memory = NodeMemory(_SIZE_BYTES)
        self._read: tuple[int, Pair] = (0, Pair(first))
        with self._memory.turn():
            self.replace(Pair(first))
        self.turn = self._memory.turn
        """Excludes the other processes of the node; False while one of them is at it."""

    @property
    def pair(self) -> Pair:
        """The keys as they are now."""
        version = self._memory.version
        if self._read[0] != version:
            held = [SigningKey.of(one) for one in json.loads(self._memory.read())]
            self._read = (version, Pair(*held))
        return self._read[1]

    def replace(self, pair: Pair) -> None:
        """Let all processes of the node use *pair*; only within `turn`."""
        self._memory.replace(json.dumps([one.shared() for one in pair.every]).encode())
