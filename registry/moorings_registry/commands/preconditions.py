"""What a write was decided on: it happens only while that still holds (RFC 9110, section 13.1.1)."""

from moorings_registry.errors import StateChanged

ANY = "*"
"""In place of etags: whatever there is, as long as there is something."""

Expected = tuple[str, ...] | None
"""The etags of which one has to hold; None where the write does not say."""


def require_match(expected: Expected, etag: str) -> None:
    """Pass, or refuse a write that was decided on another state.

    Raises:
        StateChanged
    """
    if expected is None or etag in expected or (ANY in expected and etag):
        return
    raise StateChanged(etag)
