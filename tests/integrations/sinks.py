"""Where tests put dead letters, and what must not be reached."""

from typing import Any

import pytest

from moorings.integrations.dead_letters import DeadLetter


class AsyncList:
    """A sink, or a handler, that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[Any] = []

    async def __call__(self, one: Any) -> None:
        self.got.append(one)

    @property
    def codes(self) -> list[str]:
        """The codes of the dead letters that it got."""
        return [letter.reason.code for letter in self.got if isinstance(letter, DeadLetter)]


def never(_: Any) -> None:
    pytest.fail("what should not be reached was")
