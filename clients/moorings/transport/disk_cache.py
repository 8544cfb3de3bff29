"""Responses of the registry on disk: what a service starts with while the registry is unavailable.

One file per response, written whole or not at all, so that many processes may share a folder; a folder that cannot be
written to is still read. The content of a file is verified where it is used: a schema against its guid.
"""

import contextlib
import hashlib
import json
import re
from pathlib import Path
from typing import Any

from moorings.whole_files import write_whole

_LASTING = re.compile(r"/v1/schemas/(?:ids/)?[^/?]+|/v1/events/[^/?]+/versions/[0-9]+")


def is_lasting(path: str) -> bool:
    """Say whether the response to *path* never changes: a schema by id or guid, a version by number."""
    return _LASTING.fullmatch(path) is not None


class DiskCache:
    """A folder of responses by request path; their ids are those of one registry."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, path: str) -> Any:
        """Return the JSON of the response to *path*; None if it is not cached, or cannot be read."""
        try:
            found = json.loads(self._file(path).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return found.get("body") if isinstance(found, dict) and found.get("path") == path else None

    def put(self, path: str, body: Any) -> None:
        """Keep a response; if the folder cannot be written to, nothing happens."""
        text = json.dumps({"path": path, "body": body}, ensure_ascii=False, indent=1, sort_keys=True)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._file(path), text + "\n")

    def _file(self, path: str) -> Path:
        return self._folder / f"{hashlib.sha256(path.encode()).hexdigest()[:32]}.json"
