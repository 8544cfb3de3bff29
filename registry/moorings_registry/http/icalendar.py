"""The calendar of deprecations as iCalendar (RFC 5545): days without a time, which calendars subscribe to."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from moorings_registry.deprecation_calendar import CalendarDate, DateKind

MEDIA_TYPE = "text/calendar; charset=utf-8"
LONGEST_LINE_BYTES = 75
"""Without the line break (section 3.1)."""
REMIND_DAYS = 7
_SUMMARIES = {DateKind.DEPRECATION: "is deprecated", DateKind.SUNSET: "sunset"}


def icalendar(dates: Iterable[CalendarDate], now: datetime) -> bytes:
    """Write *dates* as one calendar; *now* is when it was made (`DTSTAMP`)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Moorings//Deprecations//EN", "METHOD:PUBLISH"]
    lines += ["X-WR-CALNAME:Deprecations", "REFRESH-INTERVAL;VALUE=DURATION:P1D", "X-PUBLISHED-TTL:P1D"]
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for one in dates:
        lines += _event(one, stamp)
    return b"".join(folded(line) for line in (*lines, "END:VCALENDAR"))


def _event(one: CalendarDate, stamp: str) -> Iterator[str]:
    day = date.fromisoformat(one.day)
    name = f"{one.subject} major {one.major}"
    yield "BEGIN:VEVENT"
    yield f"UID:{quote(str(one.subject), safe='')}-{one.major}-{one.kind}@moorings"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{escaped(f'{name}: {_SUMMARIES[one.kind]}')}"
    yield f"DESCRIPTION:{escaped(_description(one))}"
    if one.page:
        yield f"URL:{one.page}"
    yield f"CATEGORIES:{escaped(one.kind.upper())}"
    yield "TRANSP:TRANSPARENT"
    if one.kind is DateKind.SUNSET:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:-P{REMIND_DAYS}D")
        yield f"DESCRIPTION:{escaped(f'{name}: sunset in {REMIND_DAYS} days')}"
        yield "END:VALARM"
    yield "END:VEVENT"


def _description(one: CalendarDate) -> str:
    lines = [f"Owner: {one.owner}"] if one.owner else []
    if one.successor is not None:
        lines.append(f"Use instead: {one.successor.subject} major {one.successor.major}")
    if one.page:
        lines.append(f"How to migrate: {one.page}")
    return "\n".join(lines)


def escaped(text: str) -> str:
    """Write a TEXT value (section 3.3.11): characters that separate are escaped, control characters left out."""
    shown = "".join(one for one in text if one == "\n" or (one.isprintable() or one == " "))
    for plain in ("\\", ";", ","):
        shown = shown.replace(plain, f"\\{plain}")
    return shown.replace("\n", "\\n")


def folded(line: str) -> bytes:
    """Write a content line in pieces of at most 75 bytes, each after the first begun with a space; none splits a
    character."""
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        encoded = character.encode()
        room = LONGEST_LINE_BYTES - (1 if pieces else 0)
        if len(piece) + len(encoded) > room:
            pieces.append(piece)
            piece = b""
        piece += encoded
    return b"\r\n ".join((*pieces, piece)) + b"\r\n"
