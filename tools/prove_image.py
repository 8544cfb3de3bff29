"""Run the Dockerfile's steps in a clean root, for machines where no Docker engine runs.

A Debian root is made with debootstrap, and each RUN, COPY, USER, WORKDIR and ENV step is done in it as an engine would
do it; then the entry point is started in there and asked whether it is ready. What it cannot prove is the base image
itself and the layers; it proves that every step works and that the result serves.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "image-proof"
PORT = 18081


@dataclass
class Stage:
    """One FROM and what follows it."""

    name: str
    root: Path
    folder: str = "/"
    user: str = "root"
    environment: dict[str, str] = field(default_factory=dict)


def main() -> int:
    """Return 0 when every step worked and the service answered."""
    if os.geteuid() != 0:
        print("image-proof needs root, for debootstrap and chroot")
        return 2
    _require_debootstrap()
    base = _base()
    with tempfile.TemporaryDirectory(prefix="moorings-image-") as folder:
        final = _build(base, Path(folder))
        return 0 if _serves(final) else 1


def _require_debootstrap() -> None:
    if shutil.which("debootstrap") is None:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "debootstrap"], check=True)


def _base() -> Path:
    """A minimal Debian root, made once and copied for each stage."""
    base = CACHE / "bookworm"
    if not (base / "etc/debian_version").exists():
        base.mkdir(parents=True, exist_ok=True)
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", base], check=True, stdout=subprocess.DEVNULL)
    return base


def _build(base: Path, folder: Path) -> Stage:
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for keyword, rest in _steps((ROOT / "Dockerfile").read_text()):
        print(f"-- {keyword} {rest[:100]}", flush=True)
        if keyword == "FROM":
            name = rest.split(" AS ")[1] if " AS " in rest else "final"
            stage = Stage(name, folder / name)
            subprocess.run(["cp", "-a", base, stage.root], check=True)
            _share_network(stage.root)
            stages[name] = stage
        elif stage is not None:
            _do(keyword, rest, stage, stages)
    if stage is None:
        raise SystemExit("the Dockerfile has no FROM")
    return stage


def _steps(text: str) -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    return [
        (keyword, rest.strip()) for keyword, _, rest in (line.partition(" ") for line in joined.splitlines()) if rest
    ]


def _share_network(root: Path) -> None:
    """What an engine's build network gives, and this machine's way to its package registries."""
    for name in ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", "/etc/apt/sources.list"):
        if Path(name).exists():
            shutil.copy(name, f"{root}{name}")
    for name in ("/etc/apt", "/etc/ssl/certs", "/usr/local/share/ca-certificates"):
        if Path(name).is_dir():
            subprocess.run(["cp", "-rL", f"{name}/.", _made(root, name)], check=False, stderr=subprocess.DEVNULL)


def _made(root: Path, name: str) -> str:
    target = Path(f"{root}{name}")
    target.mkdir(parents=True, exist_ok=True)
    return str(target)


def _do(keyword: str, rest: str, stage: Stage, stages: dict[str, Stage]) -> None:
    if keyword == "RUN":
        _inside(stage, ["/bin/sh", "-c", rest])
    elif keyword == "COPY":
        _copy(rest, stage, stages)
    elif keyword == "WORKDIR":
        stage.folder = rest
        Path(f"{stage.root}{rest}").mkdir(parents=True, exist_ok=True)
    elif keyword == "USER":
        stage.user = rest
    elif keyword == "ENV":
        for pair in shlex.split(rest):
            name, _, value = pair.partition("=")
            stage.environment[name] = value.replace("$PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/bin")
    elif keyword in ("ENTRYPOINT", "CMD"):
        stage.environment[f"_{keyword}"] = " ".join(json.loads(rest))


def _copy(rest: str, stage: Stage, stages: dict[str, Stage]) -> None:
    words = rest.split()
    source_root = ROOT
    if words[0].startswith("--from="):
        source_root = stages[words.pop(0).removeprefix("--from=")].root
    *sources, target = words
    into = Path(f"{stage.root}{target}") if target.startswith("/") else Path(f"{stage.root}{stage.folder}") / target
    for source in sources:
        found = Path(f"{source_root}/{source.lstrip('/')}")
        into.parent.mkdir(parents=True, exist_ok=True)
        destination = into / found.name if target.endswith("/") else into
        subprocess.run(["cp", "-a", found, destination], check=True)


def _inside(stage: Stage, command: list[str]) -> None:
    subprocess.run(_chroot(stage, command), check=True, env=_environment(stage), stdout=subprocess.DEVNULL)


def _chroot(stage: Stage, command: list[str]) -> list[str]:
    script = f"cd {shlex.quote(stage.folder)} && exec {shlex.join(command)}"
    return ["chroot", f"--userspec={stage.user}", str(stage.root), "/bin/sh", "-c", script]


def _environment(stage: Stage) -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_")) or "proxy" in name}
    named = {name: value for name, value in stage.environment.items() if not name.startswith("_")}
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **passed, **named}


def _serves(stage: Stage) -> bool:
    command = [*stage.environment["_ENTRYPOINT"].split(), *stage.environment["_CMD"].split(), "--port", str(PORT)]
    subprocess.run(["chown", "10001", f"{stage.root}{stage.folder}"], check=True)
    server = subprocess.Popen(_chroot(stage, command), env=_environment(stage))
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz", timeout=2) as answer:
                    print(f"-- serves: {answer.read().decode().strip()}")
                    return True
            except OSError:
                time.sleep(0.3)
        return False
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
