"""Real histories: schemas that packages published with each release, each release checked against the one before.

The packages come from their indexes when this runs (into `.cache/histories`) and are never kept in the repository.
What is printed: pairs, how many were decided, how, and how long it took; unequal pairs only, both directions.
"""

import json
import subprocess
import sys
import tarfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from moorings_compat import Budget, Format, Reference, ResolvedReference, Schema, SchemaError, Verdict, can_read, parse
from moorings_compat.findings import verdict_of
from moorings_compat.limits import Limits
from moorings_compat.policies import DEFAULT_POLICY

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "histories"
GENEROUS = Limits(size_bytes=16 * 1024 * 1024, depth=200, references=2_000)


@dataclass(frozen=True, slots=True)
class Package:
    """A package that carries schemas: where it comes from, which releases, oldest first, and which files."""

    index: str
    name: str
    releases: tuple[str, ...]
    format: Format
    ending: str
    within: str = ""
    """Only paths that contain this."""
    root: str = ""
    """For Protobuf: the folder that imports are relative to ends with this."""


PACKAGES = (
    Package("pip", "lsst-alert-packet", ("0.1.0", "0.2.1", "0.3.0", "30.2026.2700"), Format.AVRO, ".avsc"),
    Package(
        "pip", "acryl-datahub", ("0.10.5", "0.12.1", "0.14.1", "0.15.0", "1.0.0", "1.2.0", "1.4.0", "1.6.0.17"),
        Format.AVRO, ".avsc", within="metadata/schemas",
    ),
    Package(
        "pip", "check-jsonschema", ("0.23.0", "0.26.0", "0.28.0", "0.30.0", "0.33.0", "0.36.0", "0.39.0"),
        Format.JSON, ".json", within="builtin_schemas/vendor",
    ),
    Package(
        "pip", "validate-pyproject-schema-store",
        ("2024.1.16", "2024.6.24", "2025.1.10", "2025.6.23", "2026.3.10", "2026.10.23"), Format.JSON, ".schema.json",
    ),
    Package("npm", "vega-lite", ("5.6.0", "5.16.0", "5.20.0", "6.1.0", "6.5.0"), Format.JSON, "schema.json"),
    Package(
        "npm", "@asyncapi/specs", ("4.0.0", "5.0.0", "6.2.0", "6.8.0", "6.11.1"), Format.JSON, ".json",
        within="schemas/",
    ),
    Package(
        "pip", "googleapis-common-protos", ("1.52.0", "1.56.4", "1.60.0", "1.63.2", "1.69.2", "1.73.1", "1.76.0"),
        Format.PROTOBUF, ".proto", root="google/",
    ),
    Package(
        "npm", "google-proto-files", ("2.5.2", "3.0.3", "4.2.0", "5.0.1", "6.0.1"), Format.PROTOBUF, ".proto",
        within="google/type", root="google/",
    ),
)  # fmt: skip


def main() -> int:
    """Print a line a package, and a line a format."""
    by_format: dict[Format, Counter[str]] = {one: Counter() for one in Format}
    for package in PACKAGES:
        tally, seconds = measure(package)
        by_format[package.format] += tally
        print(f"{package.name:34} {_line(tally)}  {seconds:7.2f} s", flush=True)
    for format, tally in by_format.items():
        print(f"{format:34} {_line(tally)}")
    return 0


def measure(package: Package) -> tuple[Counter[str], float]:
    """Check every changed file of every release against the release before, in both directions."""
    tally: Counter[str] = Counter()
    seconds = 0.0
    before: dict[str, str] = {}
    for release in package.releases:
        try:
            files = dict(_schemas(package, release))
        except subprocess.CalledProcessError:
            tally["releases not there"] += 1
            continue
        for path in sorted(files.keys() & before.keys()):
            if files[path] == before[path]:
                tally["same"] += 1
                continue
            began = time.perf_counter()
            for verdict in _verdicts(package, path, before, files):
                tally[verdict] += 1
            seconds += time.perf_counter() - began
        before = files
    return tally, seconds


def _verdicts(package: Package, path: str, before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    try:
        old, new = _parse(package.format, path, before), _parse(package.format, path, after)
    except SchemaError as error:
        yield f"unreadable ({error.code})"
        return
    for reader, writer in ((new, old), (old, new)):
        verdict = verdict_of(can_read(reader, writer, DEFAULT_POLICY, Budget()))
        yield str(verdict)
        if verdict is Verdict.UNDECIDED and "-v" in sys.argv:
            print(f"    undecided: {package.name} {path}")


def _parse(format: Format, path: str, files: dict[str, str]) -> Schema:
    return parse(files[path], format, _imports(path, files) if format is Format.PROTOBUF else (), GENEROUS)


def _imports(path: str, files: dict[str, str], *, seen: frozenset[str] = frozenset()) -> list[ResolvedReference]:
    """The files that a `.proto` imports, read from the same release."""
    found = []
    for line in files[path].splitlines():
        words = line.split('"')
        name = words[1] if line.startswith("import") and len(words) > 2 else ""
        if name in files and name not in seen and not name.startswith("google/protobuf/"):
            inner = _imports(name, files, seen=seen | {path})
            schema = parse(files[name], Format.PROTOBUF, inner, GENEROUS)
            found.append(ResolvedReference(Reference(name, name, 1), schema))
    return found


def _schemas(package: Package, release: str) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of every schema that *release* ships; paths without the release in them."""
    for name, data in _members(_fetched(package, release)):
        if not name.endswith(package.ending) or package.within not in name:
            continue
        try:
            text = data.decode()
        except UnicodeDecodeError:
            continue
        if package.format is Format.JSON and not _is_schema(text):
            continue
        path = name.split("/", 1)[1] if package.index == "npm" or name.endswith(".tar.gz") else name
        if package.root and package.root in path:
            path = path[path.index(package.root) :]
        yield path, text


def _is_schema(text: str) -> bool:
    try:
        content = json.loads(text)
    except ValueError:
        return False
    return isinstance(content, dict) and ("$schema" in content or "properties" in content)


def _fetched(package: Package, release: str) -> Path:
    folder = CACHE / package.name.replace("/", "-") / release
    if not folder.exists() or not any(folder.iterdir()):
        folder.mkdir(parents=True, exist_ok=True)
        if package.index == "pip":
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary=:none:"]
            command += ["-d", str(folder), f"{package.name}=={release}"]
            subprocess.run(command, check=True, capture_output=True)
        else:
            command = ["npm", "pack", "--silent", f"{package.name}@{release}"]
            subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return next(folder.iterdir())


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                if not info.is_dir():
                    yield info.filename, opened.read(info)
        return
    with tarfile.open(archive) as opened:
        for member in opened:
            stream = opened.extractfile(member)
            if stream is not None:
                yield member.name, stream.read()


def _line(tally: Counter[str]) -> str:
    decided = tally["compatible"] + tally["breaking"]
    asked = decided + tally["undecided"]
    share = f"{100 * decided / asked:5.1f} %" if asked else "   -   "
    rest = ", ".join(f"{count} {name}" for name, count in sorted(tally.items()))
    return f"{asked:5} checks, {share} decided: {rest}"


if __name__ == "__main__":
    sys.exit(main())
