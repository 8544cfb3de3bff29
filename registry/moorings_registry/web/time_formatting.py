"""Points in time as people read them. The exact text is always beside them, in `datetime` and `title`."""

from datetime import UTC, datetime

from markupsafe import Markup

_STEPS = ((60, "minute"), (3_600, "hour"), (86_400, "day"))
_LONGEST_AGO_S = 14 * 86_400
"""Seconds after which a date says more than a count of days."""


def moment(text: str) -> Markup:
    """Show an entry's `recorded_at` as ``22 Nov 2026, 10:00 UTC``."""
    return _time(text, _formatted(_parsed(text)))


def moment_of_s(seconds: float) -> str:
    """Seconds of the epoch as a text for `moment`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def ago(text: str, now: datetime) -> Markup:
    """Show an entry's `recorded_at` as ``3 hours ago``, or as a date once that is long past."""
    at = _parsed(text)
    seconds = (now - at).total_seconds()
    if not 0 <= seconds < _LONGEST_AGO_S:
        return _time(text, _formatted(at))
    if seconds < 60:
        return _time(text, "just now")
    length, unit = next(step for step in reversed(_STEPS) if seconds >= step[0])
    count = int(seconds // length)
    return _time(text, f"{count} {unit}{'' if count == 1 else 's'} ago")


def day(text: str) -> Markup:
    """Show a day, ``2027-01-31``, as ``31 Jan 2027``."""
    return _time(text, f"{datetime.fromisoformat(text):%-d %b %Y}")


def _parsed(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _formatted(at: datetime) -> str:
    return f"{at:%-d %b %Y, %H:%M} UTC"


def _time(exact: str, shown: str) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(exact, exact, shown)
