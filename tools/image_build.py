"""Builds what the Dockerfile says into a folder, for machines where no engine for containers runs.

A Debian root is made with debootstrap, and each RUN, COPY, USER, WORKDIR and ENV step is done in it as an engine would
do it. What that cannot show is the base image itself, and the layers.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "image-proof"


@dataclass
class Image:
    """The last stage of a Dockerfile: its files, and how it is run."""

    name: str
    root: Path
    folder: str = "/"
    user: str = "root"
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    """The command of HEALTHCHECK."""


def build_image(folder: Path) -> Image:
    """Do the steps of the Dockerfile below *folder*."""
    base = base_root()
    stages: dict[str, Image] = {}
    stage: Image | None = None
    for keyword, rest in _steps((ROOT / "Dockerfile").read_text()):
        print(f"-- {keyword} {rest[:100]}", flush=True)
        if keyword == "FROM":
            name = rest.split(" AS ")[1] if " AS " in rest else "final"
            stage = Image(name, folder / name)
            copy_root(base, stage.root)
            stages[name] = stage
        elif stage is not None:
            _do(keyword, rest, stage, stages)
    if stage is None:
        raise SystemExit("the Dockerfile has no FROM")
    return stage


def base_root() -> Path:
    """A minimal Debian root, made once and copied for each stage."""
    if os.geteuid() != 0:
        raise SystemExit("this needs root, for debootstrap and chroot")
    if shutil.which("debootstrap") is None:
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        subprocess.run(["apt-get", "install", "-y", "-qq", "debootstrap"], check=True)
    base = CACHE / "bookworm"
    if not (base / "etc/debian_version").exists():
        shutil.rmtree(base, ignore_errors=True)
        half = CACHE / "bookworm.half"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        subprocess.run(["debootstrap", "--variant=minbase", "bookworm", half], check=True, stdout=subprocess.DEVNULL)
        half.rename(base)
    return base


def copy_root(base: Path, target: Path) -> None:
    """A root of its own, with this machine's way to the network."""
    subprocess.run(["cp", "-a", base, target], check=True)
    for name in ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", "/etc/apt/sources.list"):
        if Path(name).exists():
            shutil.copy(name, f"{target}{name}")
    for name in ("/etc/apt", "/etc/ssl/certs", "/usr/local/share/ca-certificates"):
        if Path(name).is_dir():
            into = Path(f"{target}{name}")
            into.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-rL", f"{name}/.", into], check=False, stderr=subprocess.DEVNULL)


def run_inside(image: Image, command: list[str]) -> None:
    """Run one step in the root of *image*, as its user."""
    script = f"cd {shlex.quote(image.folder)} && exec {shlex.join(command)}"
    words = ["chroot", f"--userspec={image.user}", str(image.root), "/bin/sh", "-c", script]
    passed = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_")) or "proxy" in name}
    path = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    subprocess.run(words, check=True, env={**path, **passed, **image.environment}, stdout=subprocess.DEVNULL)


def _steps(text: str) -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    return [
        (keyword, rest.strip()) for keyword, _, rest in (line.partition(" ") for line in joined.splitlines()) if rest
    ]


def _do(keyword: str, rest: str, image: Image, stages: dict[str, Image]) -> None:
    if keyword == "COPY":
        _copy(rest, image, stages)
    elif keyword in _STEPS:
        _STEPS[keyword](image, rest)
    elif keyword not in ("EXPOSE", "VOLUME"):
        raise SystemExit(f"the Dockerfile has a step that is not known here: {keyword}")


def _workdir(image: Image, rest: str) -> None:
    image.folder = rest
    Path(f"{image.root}{rest}").mkdir(parents=True, exist_ok=True)


def _env(image: Image, rest: str) -> None:
    for pair in shlex.split(rest):
        name, _, value = pair.partition("=")
        image.environment[name] = value.replace("$PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")


_STEPS: dict[str, Callable[[Image, str], None]] = {
    "RUN": lambda image, rest: run_inside(image, ["/bin/sh", "-c", rest]),
    "WORKDIR": _workdir,
    "USER": lambda image, rest: setattr(image, "user", rest),
    "ENV": _env,
    "ENTRYPOINT": lambda image, rest: setattr(image, "entrypoint", json.loads(rest)),
    "CMD": lambda image, rest: setattr(image, "command", json.loads(rest)),
    "HEALTHCHECK": lambda image, rest: setattr(image, "health", json.loads(rest.partition("CMD ")[2])),
}


def _copy(rest: str, image: Image, stages: dict[str, Image]) -> None:
    words = rest.split()
    source_root = ROOT
    if words[0].startswith("--from="):
        source_root = stages[words.pop(0).removeprefix("--from=")].root
    *sources, target = words
    into = Path(f"{image.root}{target}") if target.startswith("/") else Path(f"{image.root}{image.folder}") / target
    for source in sources:
        found = Path(f"{source_root}/{source.lstrip('/')}")
        into.parent.mkdir(parents=True, exist_ok=True)
        destination = into / found.name if target.endswith("/") else into
        subprocess.run(["cp", "-a", found, destination], check=True)
