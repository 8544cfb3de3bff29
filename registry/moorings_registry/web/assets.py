"""The style sheet and the pictures: read once, named by their content, so that browsers may keep them for ever."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file that every page may ask for."""

    name: str
    content: bytes
    media_type: str

    @property
    def version(self) -> str:
        """The first digits of the content's SHA-256."""
        return hashlib.sha256(self.content).hexdigest()[:16]

    @property
    def href(self) -> str:
        return f"/admin/static/{self.name}?v={self.version}"


ASSETS: dict[str, Asset] = {
    path.name: Asset(path.name, path.read_bytes(), _TYPES[path.suffix])
    for path in sorted(_FOLDER.iterdir())
    if path.suffix in _TYPES
}
