"""What the second engine may spend on one report, and what is said where that does not suffice."""


class NotRun(Exception):
    """The engine was not run to an answer; the text says why."""


class Steps:
    """Steps left for all payloads of one report."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, steps: int) -> None:
        """Use *steps* of what is left.

        Raises:
            NotRun: there were fewer left than that.
        """
        if steps > self.left:
            raise NotRun("it takes more steps than are left for this report")
        self.left -= steps
