"""Containers without an engine: each process in network, mount, process and host-name namespaces of its own.

A container has the image's files below a layer of its own, its own address on a shared bridge, its volumes and nothing
else; it runs as the image's user without capabilities where the file says so. All of it is made inside namespaces of
the process that imports this, and is gone when that ends.
"""

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from image_build import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import namespaces
from tests.namespaces import add_namespace
from tests.namespaces import run as _run

_SUBNET = "10.77.0"


@dataclass(frozen=True)
class Mount:
    """A folder or file of this machine, or an empty file system in memory where *source* is None."""

    source: Path | None
    target: str
    read_only: bool = False


@dataclass(frozen=True)
class Spec:
    """What a container is made of."""

    name: str
    image: Image
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: Sequence[Mount] = ()
    user: str = ""
    folder: str = ""
    read_only: bool = False
    no_capabilities: bool = False
    no_new_privileges: bool = False
    grace_s: float = 3
    """Seconds that it has to end."""


def enter_namespaces() -> None:
    """Leave this machine's network and its table of mounts to others, from here on, and make the shared bridge."""
    namespaces.enter_namespaces()
    _run("ip", "link", "add", "moorings0", "type", "bridge")
    _run("ip", "address", "add", f"{_SUBNET}.1/24", "dev", "moorings0")
    _run("ip", "link", "set", "moorings0", "up")


class Host:
    """Where containers run: it gives out addresses, and ends whatever was started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.addresses: dict[str, str] = {}
        self._running: list[Container] = []

    def name(self, *names: str) -> None:
        """Give each of these an address; every container finds the others by name."""
        for one in names:
            self.addresses[one] = f"{_SUBNET}.{len(self.addresses) + 2}"

    def start(self, spec: Spec) -> "Container":
        if spec.name not in self.addresses:
            self.name(spec.name)
        container = Container(spec, self.folder / spec.name, self.addresses)
        self._running.append(container)
        return container

    def stop(self) -> None:
        for container in reversed(self._running):
            container.stop()


class Container:
    """One running container; its output is in a file."""

    def __init__(self, spec: Spec, folder: Path, addresses: Mapping[str, str]) -> None:
        self.spec = spec
        self._folder = folder
        self._folder.mkdir()
        self.output = folder / "output"
        self._connect(addresses[spec.name])
        hosts = "".join(f"{address} {name}\n" for name, address in addresses.items())
        (folder / "hosts").write_text(f"127.0.0.1 localhost\n{hosts}")
        self._process = self._started()

    def start_again(self) -> None:
        """Start one that has ended: with new files, but for its volumes, and at the same address."""
        self._process = self._started()

    @property
    def root(self) -> Path:
        return self._folder / "layer" / "root"

    def poll(self) -> int | None:
        return self._process.poll()

    def wait(self, timeout_s: float) -> int:
        return self._process.wait(timeout_s)

    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def run(self, command: Sequence[str], timeout_s: float = 30) -> subprocess.CompletedProcess[str]:
        """Run another process inside, as an engine's `exec` does."""
        first = self._first()
        if first is None:
            return subprocess.CompletedProcess(command, 125, "", f"ended with {self.poll()}: {self.said()[-2_000:]}")
        words = ["nsenter", "--target", str(first), "--mount", "--net", "--pid", "--ipc", "--uts"]
        inside = self._entering(replace(self.spec, command=command))
        return subprocess.run(
            [*words, "/bin/sh", "-c", f"exec {inside}"],
            capture_output=True, text=True, timeout=timeout_s, check=False, env=_environment(self.spec),
        )  # fmt: skip

    def stop(self) -> None:
        """Ask it to end, and end it when it has not within its time."""
        first = self._first()
        if first is not None:
            os.kill(first, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(self.spec.grace_s)
        if self.poll() is None:
            self.kill()

    def _first(self) -> int | None:
        """The first process inside, as it is called outside; None when it has ended."""
        try:
            children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        except OSError:
            return None
        return int(children[0]) if children and self.poll() is None else None

    def kill(self) -> None:
        """End it as a machine that loses power does."""
        self._process.kill()
        self._process.wait()

    def _started(self) -> "subprocess.Popen[bytes]":
        words = ["ip", "netns", "exec", self.spec.name, "unshare", "--mount", "--pid", "--ipc", "--uts", "--fork"]
        script = "\n".join((*self._mounting(), f"exec {self._entering(self.spec)}"))
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [*words, "--kill-child", "/bin/sh", "-euc", script],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(self.spec),
            )

    def _connect(self, address: str) -> None:
        name, number = self.spec.name, address.rpartition(".")[2]
        add_namespace(name)
        _run("ip", "link", "add", f"veth{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
        _run("ip", "link", "set", f"veth{number}", "master", "moorings0", "up")
        _run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
        _run("ip", "-n", name, "link", "set", "eth0", "up")

    def _mounting(self) -> list[str]:
        """The shell's steps that put the container's files together."""
        layer, root = shlex.quote(str(self._folder / "layer")), shlex.quote(str(self.root))
        image = shlex.quote(str(self.spec.image.root))
        steps = [
            f"mkdir -p {layer}",
            f"mount -t tmpfs tmpfs {layer}",
            f"mkdir {layer}/upper {layer}/work {root}",
            f"mount -t overlay overlay -o lowerdir={image},upperdir={layer}/upper,workdir={layer}/work {root}",
            f"mount -t proc proc {root}/proc",
            f"mount --rbind /dev {root}/dev",
            f"cp {shlex.quote(str(self._folder / 'hosts'))} {root}/etc/hosts",
            f"hostname {shlex.quote(self.spec.name)}",
        ]
        for mount in self.spec.mounts:
            target = shlex.quote(f"{self.root}{mount.target}")
            if mount.source is None:
                steps += [f"mkdir -p {target}", f"mount -t tmpfs -o mode=1777 tmpfs {target}"]
                continue
            made = f"mkdir -p {target}" if mount.source.is_dir() else f"mkdir -p $(dirname {target}); touch {target}"
            steps += [made, f"mount --bind {shlex.quote(str(mount.source))} {target}"]
            if mount.read_only:
                steps.append(f"mount -o remount,ro,bind {target}")
        if self.spec.read_only:
            steps.append(f"mount -o remount,ro {root}")
        return steps

    def _entering(self, spec: Spec) -> str:
        """The command that goes into the container's root, becomes its user, and does what it is for."""
        user, _, group = (spec.user or spec.image.user).partition(":")
        user = "0" if user == "root" else user
        rights = ["--reuid", user, "--regid", group or user, "--clear-groups"]
        if spec.no_capabilities:
            rights += ["--bounding-set=-all", "--inh-caps=-all"]
        if spec.no_new_privileges:
            rights.append("--no-new-privs")
        inside = f"cd {shlex.quote(spec.folder or spec.image.folder)} && exec {shlex.join(spec.command)}"
        return shlex.join(["chroot", str(self.root), "setpriv", *rights, "/bin/sh", "-c", inside])


def fill_volume(volume: Path, image: Image, target: str) -> None:
    """Give a new volume what the image has at the place where it is mounted, as an engine does."""
    if volume.exists():
        return
    volume.mkdir(parents=True)
    there = Path(f"{image.root}{target}")
    if there.is_dir():
        shutil.rmtree(volume)
        _run("cp", "-a", str(there), str(volume))


def await_or_fail(what: str, condition: Callable[[], bool], timeout_s: float) -> None:
    """Return once *condition* holds.

    Raises:
        SystemExit: it does not in time.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: not within {timeout_s:.0f} s")
        time.sleep(0.2)


def _environment(spec: Spec) -> dict[str, str]:
    path = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}
    return {**path, **spec.image.environment, **spec.environment}
