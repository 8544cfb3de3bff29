"""What a change does to consumers, in a line for each who is not unaffected."""

from collections.abc import Iterator, Mapping
from typing import Any

from moorings.cli.results import Checked

MOST_LISTED = 20


def consumer_lines(checked: Checked) -> Iterator[str]:
    """Yield ``billing (team payments) is broken: /total is removed``, those whom the change does most to first."""
    told = [one for one in checked.consumers if one.get("status") != "unaffected"]
    for one in told[:MOST_LISTED]:
        yield _line(one)
    if len(told) > MOST_LISTED:
        rest = len(told) - MOST_LISTED
        yield f"{rest} more {'consumer is' if rest == 1 else 'consumers are'} not listed"


def _line(consumer: Mapping[str, Any]) -> str:
    name = consumer.get("application") or "a further application"
    expired = ", declaration expired" if consumer.get("expired") else ""
    team = f" (team {consumer['team']}{expired})" if consumer.get("team") else " (observed)"
    status = consumer.get("status")
    evidence = next(iter(consumer.get("evidence") or ()), None)
    why = f": {evidence.get('message')}" if evidence else ""
    if status == "unknown":
        return f"nobody knows what this does to {name}{team}{why}"
    return f"{name}{team} is {status}{why}"
