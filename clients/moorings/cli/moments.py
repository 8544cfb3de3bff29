"""Days and times that options name."""

from datetime import UTC, datetime, time

import click


def end_of(text: str, option: str) -> str:
    """Read a day as its end in UTC, or a moment of RFC 3339; *option* is named in what is wrong with it.

    Raises:
        click.UsageError
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{option}: not a day or a time: {text!r}; write 2027-01-31") from None
    if len(text) == len("2027-01-31"):
        moment = datetime.combine(moment.date(), time(23, 59, 59), UTC)
    if moment.tzinfo is None:
        raise click.UsageError(f"{option}: the time zone is missing: {text!r}; write {text}Z for UTC")
    return moment.isoformat()
