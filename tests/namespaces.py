"""Network namespaces of this process's own: what is made in them is gone when it ends, and nobody else sees it."""

import contextlib
import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

NAMES = Path("/run/netns")
_NEW_MOUNTS, _NEW_NETWORK = 0x00020000, 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def enter_namespaces() -> None:
    """Leave this machine's network and its table of mounts to others, from here on; before any thread is started.

    Raises:
        OSError: this process may not; it needs root.
    """
    _require(_libc.unshare(_NEW_MOUNTS | _NEW_NETWORK), "namespaces cannot be made; this needs root")
    run("mount", "--make-rprivate", "/")
    NAMES.mkdir(exist_ok=True)
    run("mount", "-t", "tmpfs", "tmpfs", str(NAMES))
    run("ip", "link", "set", "lo", "up")


def why_not() -> str:
    """Why this process cannot have networks of its own, and devices in them; empty where it can."""
    if os.geteuid() != 0:
        return "it needs root"
    if not Path("/dev/net/tun").exists():
        return "there is no /dev/net/tun"
    if shutil.which("ip") is None:
        return "there is no command `ip`: install iproute2"
    tried = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip()


def add_namespace(name: str) -> None:
    """Make a network with nothing in it but its own loopback."""
    run("ip", "netns", "add", name)
    run("ip", "-n", name, "link", "set", "lo", "up")


def move_thread(name: str) -> None:
    """Let the calling thread open its sockets in the network *name* from now on, and so what it starts."""
    with (NAMES / name).open() as there:
        _require(_libc.setns(there.fileno(), _NEW_NETWORK), f"the network {name} cannot be entered")


@contextlib.contextmanager
def inside(name: str) -> Iterator[None]:
    """Be in the network *name* meanwhile, with the calling thread."""
    with Path("/proc/thread-self/ns/net").open() as home:
        move_thread(name)
        try:
            yield
        finally:
            _require(_libc.setns(home.fileno(), _NEW_NETWORK), "there is no way back")


def run(*words: str) -> None:
    """Run a command that has to succeed."""
    subprocess.run(words, check=True, env={**os.environ, "LC_ALL": "C"})


def _require(outcome: int, what: str) -> None:
    if outcome:
        raise OSError(ctypes.get_errno(), what)
