"""Stores in a folder of contracts what a service needs from the registry, so that it can start without one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from moorings.api.api import Api
from moorings.api.responses import Event
from moorings.errors import NotFound
from moorings.transport.disk_cache import DiskCache

STORE_NAME = ".moorings"
"""The folder inside the folder of contracts; `connect(cache="schemas/.moorings")` reads it."""


def pin(api: Api, root: Path, subject: str) -> None:
    """Store every response that a handle of an event may need: all revisions of all majors, and their references."""
    event = api.event(subject)
    if event is None:
        return  # deleted since the domain was read
    store = DiskCache(root / STORE_NAME)
    path = f"/v1/events/{quote(event.subject, safe='')}"
    waiting = [path, *_event_paths(path, event)]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            try:
                body = api.answer(path)
            except NotFound:
                continue  # permanently deleted since the overview was read
            store.put(path, body)
            waiting.extend(_reference_paths(body))


def _event_paths(subject: str, event: Event) -> Iterator[str]:
    for major in event.majors:
        if major.latest is not None:
            yield f"{subject}/versions/v{major.major}"
        for revision in major.revisions:
            yield f"/v1/schemas/ids/{revision.id}"
            yield f"/v1/schemas/{revision.guid}"
            yield f"{subject}/versions/{revision.version}"


def _reference_paths(body: Any) -> Iterator[str]:
    references = body.get("references") if isinstance(body, dict) else None
    for one in references or ():
        yield f"/v1/events/{quote(one['subject'], safe='')}/versions/{one['version']}"
