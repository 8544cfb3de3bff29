"""Build what a release consists of, twice, and check it: two wheels, two source archives, and what each contains.

    make release-check                    what this commit would release
    make release-check TAG=v0.2.0         the same, and that the tag, the change log and the forms of facts fit

Everything is built from the files of the commit in two folders at different times; the bytes have to be the same. The
result is in `dist/`: the archives, an SBOM (CycloneDX) for each distribution, and `SHA256SUMS`.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DISTRIBUTIONS = {"moorings": ".", "moorings-registry": "registry"}
"""Where the pyproject.toml of each is."""
LOCKS = {"moorings": "requirements-client.lock", "moorings-registry": "requirements-server.lock"}
PACKAGES = {"moorings": {"moorings", "moorings_compat"}, "moorings-registry": {"moorings_registry"}}
SERVER_ALONE = ("flask", "gunicorn", "granian", "redis", "psycopg", "structlog", "immutables")
"""What the client never asks for outside an extra."""
FORMS = "registry/moorings_registry/fact_forms.json"


def main() -> int:
    """Return 0 when this commit may be released as far as a machine can tell."""
    parser = argparse.ArgumentParser(description="Build what a release consists of, and check it.")
    parser.add_argument("--tag", default="", help="the tag of the release: v0.2.0")
    parser.add_argument("--to", type=Path, default=ROOT / "dist", help="the folder for what is built")
    asked = parser.parse_args()
    wrong = list(problems(asked.to, asked.tag))
    for one in wrong:
        print("FAILED", one)
    if not wrong:
        print(f"built: {', '.join(sorted(one.name for one in asked.to.iterdir()))}")
    return 1 if wrong else 0


def problems(target: Path, tag: str = "") -> Iterator[str]:
    """Build into *target*, which is emptied, and yield what is wrong."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="moorings-release-") as name:
        folder = Path(name)
        _build(_copied(folder / "one"), target)
        _build(_copied(folder / "a folder of another name"), folder / "again")
        yield from _differences(target, folder / "again")
    yield from _contents(target)
    yield from _versions(tag)
    for distribution in DISTRIBUTIONS:
        yield from _bill_of_materials(distribution, target)
    sums = [f"{_digest(one)}  {one.name}\n" for one in sorted(target.iterdir())]
    (target / "SHA256SUMS").write_text("".join(sums))
    if tag:
        yield from _tagged(tag)


def _copied(folder: Path) -> Path:
    """The files that git knows, as they are here."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def _build(source: Path, target: Path) -> None:
    """Build both distributions; what they are dated by is the commit, not the clock."""
    target.mkdir(parents=True, exist_ok=True)
    when = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True)
    environment = {**os.environ, "SOURCE_DATE_EPOCH": when.stdout.strip(), "PYTHONPATH": ""}
    for place in DISTRIBUTIONS.values():
        command = [sys.executable, "-m", "hatchling", "build", "--directory", str(target)]
        done = subprocess.run(command, cwd=source / place, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{place} does not build:\n{done.stdout}{done.stderr}")


def _differences(first: Path, second: Path) -> Iterator[str]:
    built, again = ({one.name: one.read_bytes() for one in folder.iterdir()} for folder in (first, second))
    if built.keys() != again.keys() or len(built) != 2 * len(DISTRIBUTIONS):
        yield f"built: {sorted(built)}, and then {sorted(again)}"
    yield from (f"{name} is not the same twice" for name in built.keys() & again.keys() if built[name] != again[name])


def _contents(target: Path) -> Iterator[str]:
    """Each wheel has its own packages alone, and the client asks for nothing of the service."""
    for distribution, packages in PACKAGES.items():
        (wheel,) = target.glob(f"{distribution.replace('-', '_')}-[0-9]*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            (metadata,) = (archive.read(name).decode() for name in names if name.endswith("METADATA"))
        found = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
        if found != packages:
            yield f"{wheel.name} has {sorted(found)} instead of {sorted(packages)}"
        if not any(name.endswith("licenses/LICENSE") for name in names):
            yield f"{wheel.name} has no license"
        if distribution == "moorings":
            needed = re.findall(r"^Requires-Dist: ([\w-]+)(?!.*extra ==)", metadata, re.MULTILINE)
            yield from (f"the client asks for {name}" for name in needed if name.lower() in SERVER_ALONE)
        else:
            forms = {"moorings_registry/fact_forms.json"} - set(names)
            yield from (f"{wheel.name} has no {name}" for name in forms)


def _versions(tag: str) -> Iterator[str]:
    projects = {name: _project(place) for name, place in DISTRIBUTIONS.items()}
    version = projects["moorings"]["version"]
    if projects["moorings-registry"]["version"] != version:
        yield "the distributions have different versions"
    if f"moorings=={version}" not in projects["moorings-registry"]["dependencies"]:
        yield f"moorings-registry does not ask for moorings=={version}"
    if f'appVersion: "{version}"' not in (ROOT / "deploy/helm/moorings/Chart.yaml").read_text():
        yield f"the chart runs another release than {version}"
    if tag and tag != f"v{version}":
        yield f"the tag is {tag}, and the version {version}"
    if tag and f"\n## {version}\n" not in (ROOT / "CHANGELOG.md").read_text():
        yield f"CHANGELOG.md has no section {version}"


def _bill_of_materials(distribution: str, target: Path) -> Iterator[str]:
    """Write the SBOM of a distribution from its lock file, and check that it names every package of that."""
    written = target / f"{distribution}.cdx.json"
    lock = ROOT / LOCKS[distribution]
    project = ROOT / DISTRIBUTIONS[distribution] / "pyproject.toml"
    subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "requirements", str(lock), "--pyproject", str(project), "--sv", "1.6",
         "--output-reproducible", "--of", "JSON", "--validate", "-o", str(written)],
        check=True, capture_output=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(written.read_text())
    named = {f"{one['name'].lower().replace('_', '-')}=={one.get('version')}" for one in told["components"]}
    locked = set(re.findall(r"^([a-z0-9][\w.-]*==[^\s;\\]+)", lock.read_text(), re.MULTILINE))
    yield from (f"{written.name} does not name {one}" for one in sorted(locked - named))
    if told["metadata"]["component"]["name"] != distribution:
        yield f"{written.name} is not of {distribution}"


def _tagged(tag: str) -> Iterator[str]:
    """The tag is this commit, and facts have the forms that they had in the release before."""
    if _git("status", "--porcelain"):
        yield "there are files that are not committed"
    if tag not in _git("tag", "--points-at", "HEAD").split():
        yield f"the tag {tag} does not name this commit"
    before = [one for one in _git("tag", "--list", "v*", "--sort=-v:refname", "--merged", "HEAD").split() if one != tag]
    if not before:
        print("no release before this one: the forms of facts are the first")
        return
    yield from changed_forms(json.loads(_git("show", f"{before[0]}:{FORMS}")), json.loads((ROOT / FORMS).read_text()))


def changed_forms(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """Forms that were released once and are not what they were: a new form gets the next version of its fact."""
    for name, form in before.items():
        if now.get(name) != form:
            yield f"the fact {name} has another form than in the release before; give the new form the next version"


def _project(place: str) -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / place / "pyproject.toml").read_text())["project"]
    return project


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
