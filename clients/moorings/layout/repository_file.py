"""The file at the root of a repository, `moorings.toml`: its registry, the domains that it owns, and what it uses.

owns = ["shop.orders", "shop.payments"]
consumes = ["shop.types"]

import_roots = ["."]

[registry]
url = "https://registry.example"
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from moorings.layout.domain_file import is_domain_name
from moorings.layout.issues import Issue
from moorings.layout.paths_within import path_within
from moorings.layout.toml_reader import Table, TomlReader
from moorings.transport.endpoints import is_registry_url

REPOSITORY_FILE = "moorings.toml"

_LONGEST_SHOWN = 60
KEYS = ("owns", "consumes", "import_roots", "registry")


@dataclass(frozen=True, slots=True)
class Repository:
    """What `moorings.toml` says; without one, nothing. Its path is the one where it is, or would be."""

    path: Path
    found: bool = False
    url: str = ""
    owns: tuple[str, ...] = ()
    """What `moorings push` pushes, and nothing else."""
    consumes: tuple[str, ...] = ()
    """What `moorings pull` writes, besides what is owned."""
    import_roots: tuple[str, ...] = ()
    """Folders, from that of the file, where the paths of Protobuf's imports begin, besides the folder of contracts."""
    issues: tuple[Issue, ...] = ()


NO_REPOSITORY = Repository(Path())


def read_repository(root: Path) -> Repository:
    """Read the file that lies beside the folder of contracts *root*."""
    path = root.absolute().parent / REPOSITORY_FILE
    if not path.is_file():
        return Repository(path)
    reader = TomlReader(path, "REPOSITORY_FILE_INVALID")
    found = reader.load()
    if found is None:
        return Repository(path, found=True, issues=tuple(reader.issues))
    reader.only(found, KEYS)
    owns, consumes = _domains(reader, found, "owns"), _domains(reader, found, "consumes")
    for name in consumes:
        if name in owns:
            reader.refuse(f"{name} is both owned and consumed", "Remove it from consumes.", "consumes")
    registry = reader.table(found, "registry") or {}
    reader.only(registry, ("url",), "registry")
    url = _url(reader, registry)
    roots = _import_roots(reader, found)
    return Repository(path, True, url, owns, consumes, roots, tuple(reader.issues))


def _url(reader: TomlReader, registry: Table) -> str:
    """Return the address of the registry; several are separated by commas."""
    url = reader.text(registry, "url", "registry", example="https://registry.example")
    wrong = [one for one in map(str.strip, url.split(",")) if one and not is_registry_url(one)]
    if wrong:
        message = f"registry.url is not a registry URL: {wrong[0].split('@')[-1][:_LONGEST_SHOWN]!r}"
        reader.refuse(message, "A registry URL begins with http:// or https:// and a host.", "registry", "url")
    return url


def _import_roots(reader: TomlReader, found: Table) -> tuple[str, ...]:
    roots = reader.texts(found, "import_roots", example=".")
    inside = [root for root in roots if path_within(PurePosixPath(), root) is not None]
    for root in roots:
        if root not in inside:
            message = f"import_roots has {root!r}, which leads out of the repository"
            reader.refuse(
                message, "Name folders below that of moorings.toml; the folder itself is '.'.", "import_roots"
            )
    return tuple(inside)


def _domains(reader: TomlReader, found: Table, key: str) -> tuple[str, ...]:
    names = reader.texts(found, key, example="shop.orders")
    for name in names:
        if not is_domain_name(name):
            advice = "Name it in lower case, with dots between the levels: shop.orders."
            reader.refuse(f"{key} has {name!r}, which is not the name of a domain", advice, key)
    return tuple(name for name in dict.fromkeys(names) if is_domain_name(name))
