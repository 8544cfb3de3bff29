"""Headers of answers about a deprecated major: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), `Link` (RFC 8288)."""

from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from urllib.parse import quote

from flask import Response, g

from moorings_registry.lifecycle import successor
from moorings_registry.names import Subject
from moorings_registry.state import MajorState, State, SubjectState, Version

NAMES = ("Deprecation", "Sunset", "Link")


def names_major(state: State, subject: Subject, major: int) -> None:
    """Note that the answer to this request is about a major: if that is deprecated, the headers say so."""
    held = state.subject(subject)
    if held is not None and held.lives:
        g.lifecycle_headers = headers_of(state, held, major)


def names_event(state: State, held: SubjectState) -> None:
    """Note that the answer to this request is about an event: it is deprecated where nothing else of it is served."""
    if not held.lives or not held.majors:
        return
    served = [one for one in held.majors if held.life(one).state is not MajorState.RETIRED]
    if all(held.life(one).state is MajorState.DEPRECATED for one in served):
        g.lifecycle_headers = headers_of(state, held, max(served or held.majors))


def names_versions(state: State, versions: list[Version]) -> None:
    """Note that the answer is about a schema with these uses: it is deprecated where it is in each of them."""
    first: tuple[SubjectState, int] | None = None
    for version in versions:
        held = state.subject(version.subject)
        if held is None or not held.life(version.major).since:
            return
        first = first or (held, version.major)
    if first is not None:
        g.lifecycle_headers = headers_of(state, *first)


def headers_of(state: State, held: SubjectState, major: int) -> list[tuple[str, str]]:
    """The headers for *major*; none where it is not deprecated.

    A day begins and ends in UTC: a major is deprecated from the beginning of its day, and its sunset is the last
    second of that day.
    """
    life = held.life(major)
    if not life.since:
        return []
    headers = [("Deprecation", f"@{int(_beginning(life.since).timestamp())}")]
    if life.sunset:
        ends = datetime.combine(date.fromisoformat(life.sunset), time(23, 59, 59), UTC)
        headers.append(("Sunset", format_datetime(ends, usegmt=True)))
    links = [f'<{life.page}>; rel="deprecation"; type="text/html"'] if life.page else []
    found = successor(state, held.subject, major)
    if found is not None:
        path = f"/v1/events/{quote(str(found.subject), safe='')}/versions/v{found.major}"
        links.append(f'<{path}>; rel="successor-version"')
    return [*headers, ("Link", ", ".join(links))] if links else headers


def add_lifecycle_headers(response: Response) -> None:
    """Add the headers of the major that the answer is about, if it is deprecated."""
    for name, value in g.get("lifecycle_headers", ()):
        response.headers[name] = value


def _beginning(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)
