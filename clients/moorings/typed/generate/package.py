"""The package that is written: a subpackage for each domain, a module for each major of an event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from moorings.typed.generate.literals import documentation
from moorings.typed.generate.module import MARK, module_text
from moorings.typed.generate.names import module_name, package_name
from moorings.typed.generate.plan import ContractSource, Module, plan


@dataclass(frozen=True, slots=True)
class Change:
    """One file that differs from what is generated: ``new``, ``changed`` or ``stale``."""

    path: Path
    kind: str


def files_of(sources: Iterable[ContractSource], style: str, width: int) -> dict[PurePosixPath, str]:
    """Return the text of every file of the package, by its path within."""
    modules: dict[tuple[str, int], Module] = {}
    files = {PurePosixPath("__init__.py"): _init("Event contracts as Python types.", width)}
    for source in sources:
        domain, _, event = source.contract.subject.rpartition(".")
        package, name = package_name(domain), module_name(event, source.contract.major)
        taken = {(one.package, one.name) for one in modules.values()}
        while (package, name) in taken:
            name += "_"
        module = modules[source.key] = plan(source, package, name, modules)
        text = _init(f"Events of {domain}." if domain else "Events of no domain.", width)
        files[PurePosixPath(package, "__init__.py")] = text
        files[PurePosixPath(package, f"{name}.py")] = module_text(module, style, width)
    return files


def _init(sentence: str, width: int) -> str:
    return "\n".join(documentation(f"{sentence}\n\n{MARK}", width)) + "\n"


def changes(out: Path, files: Mapping[PurePosixPath, str]) -> list[Change]:
    """Compare a package on disk with what is generated, by path. Files that were not generated are ignored.

    Raises:
        FileExistsError: a file that would be written exists, and was not generated.
    """
    found = []
    for name, text in sorted(files.items()):
        path = out / name
        known = _generated(path)
        if known is None and path.exists() and path.read_bytes().strip():
            raise FileExistsError(f"{path} exists and was not generated: choose another --out")
        if known != text:
            found.append(Change(path, "changed" if known is not None else "new"))
    expected = {out / name for name in files}
    there = sorted(out.glob("**/*.py")) if out.is_dir() else []
    return found + [Change(path, "stale") for path in there if path not in expected and _generated(path) is not None]


def write(out: Path, files: Mapping[PurePosixPath, str]) -> list[Change]:
    """Bring a package on disk up to date and return what was changed."""
    found = changes(out, files)
    for change in found:
        if change.kind == "stale":
            change.path.unlink()
        else:
            change.path.parent.mkdir(parents=True, exist_ok=True)
            text = files[PurePosixPath(change.path.relative_to(out).as_posix())]
            change.path.write_text(text, "utf-8", newline="\n")
    return found


def _generated(path: Path) -> str | None:
    """Return the text of a file that was generated; None for any other."""
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return text if MARK in text[:2000] else None
