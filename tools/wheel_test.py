"""Prove that the client needs no server package: build the wheel, install it bare, and run the client's tests there.

No server package is in that environment, so an import that crosses over would fail.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVER_PACKAGES = ("flask", "marshmallow", "gunicorn", "redis", "structlog", "prometheus_client", "immutables")
TEST_TOOLS = ("pytest", "pytest-timeout", "pytest-xdist", "hypothesis", "jsonschema")


def main() -> int:
    """Return 0 when the client's tests pass without the server."""
    with tempfile.TemporaryDirectory(prefix="moorings-wheel-") as folder:
        place = Path(folder)
        _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", place, ROOT)
        wheel = next(place.glob("moorings-*.whl"))
        venv.create(place / "venv", with_pip=True)
        python = place / "venv" / "bin" / "python"
        locked = ROOT / "requirements.lock"
        constraints = place / "constraints.txt"
        constraints.write_text(_versions(locked.read_text()))
        install = (python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", constraints)
        _run(*install, f"{wheel}[cli,protobuf]", *TEST_TOOLS)
        _run(python, "-c", _ABSENT)
        # Two processes, since what runs beside it in CI ends when half of these tests have run.
        tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadfile", "tests/client")
        return subprocess.run([python, *tests], cwd=_copy_of_tests(place), check=False).returncode


_ABSENT = f"""
import importlib.util
present = [name for name in {("moorings_registry", *SERVER_PACKAGES)!r} if importlib.util.find_spec(name)]
assert not present, f"server packages came with the client: {{present}}"
"""


def _versions(locked: str) -> str:
    """The pins of a lock file without its hashes, since a wheel just built has none."""
    return "\n".join(line.rstrip(" \\") for line in locked.splitlines() if line[:1].isalnum())


def _copy_of_tests(place: Path) -> Path:
    """The tests away from the source folders, so that only the installed wheel can be imported."""
    target = place / "checkout"
    target.mkdir()
    for name in ("tests", "schemas", "docs", "moorings.toml", "pyproject.toml"):
        _run("cp", "-r", ROOT / name, target / name)
    return target


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    sys.exit(main())
