"""Reviews of checks: what holds after all that was said. Pure."""

from collections.abc import Iterable, Sequence

from moorings_registry.state import Review


def about_report(id: int) -> str:
    """What reviews of a report are filed under."""
    return f"report:{id}"


def about_kept_check(id: str) -> str:
    """What reviews of a kept check are filed under."""
    return f"check:{id}"


def assignee_of(said: Iterable[Review]) -> str:
    """Who acts on it; empty for nobody."""
    found = [one.assignee for one in said if one.assignee is not None]
    return found[-1] if found else ""


def is_handled(said: Iterable[Review]) -> bool:
    """Whether nothing is left to be done."""
    found = [one.handled for one in said if one.handled is not None]
    return bool(found) and found[-1]


def comments_of(said: Sequence[Review]) -> list[Review]:
    """What was said in words, oldest first."""
    return [one for one in said if one.comment]
