"""Bad days of bases: writers that are killed, disks that are full, and other things under the name of a base.

Whatever happens, the registry answers from its ledger, nothing half-written is taken for a base, and the next writer
cleans up.
"""

import contextlib
import errno
import multiprocessing
import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from moorings_registry.bases import BaseFolder, room, writing
from moorings_registry.service import Registry
from tests.registry.asking import Asked, record

FOLD = "f" * 64
_apart = multiprocessing.get_context("fork")


@pytest.fixture
def folder(asked: Asked, tmp_path: Path) -> BaseFolder:
    """The bases of a registry with some versions, of which there is one already, and something to write after it."""
    for number in range(6):
        asked.register(record("a", **{f"b{n}": n for n in range(number)}))
    folder = BaseFolder(tmp_path / "bases", asked.ledger, FOLD, small_bytes=0)
    folder.bring_up_to_date(most_entries=3)
    asked.register(record("z"), "d")
    return folder


def begun(asked: Asked, folder: BaseFolder) -> Registry:
    registry = Registry(asked.ledger, bases=folder)
    registry.begin_from_base()
    registry.catch_up()
    return registry


# Killed


def _in_rows(die: Callable[[], None]) -> None:
    sync = writing._Sink.section

    def section(sink: writing._Sink) -> Any:
        if sink.at > 1_000:
            sink._file.flush()
            die()
        return sync(sink)

    writing._Sink.section = section  # type: ignore[method-assign]


def _before_sync(die: Callable[[], None]) -> None:
    os.fsync = lambda _handle: die()


def _before_renaming(die: Callable[[], None]) -> None:
    Path.rename = lambda _path, _target: die()  # type: ignore[assignment,method-assign]


def _after_renaming(die: Callable[[], None]) -> None:
    rename = Path.rename

    def renamed(path: Path, target: Path) -> None:
        rename(path, target)
        die()

    Path.rename = renamed  # type: ignore[assignment,method-assign]


def _killed_at(point: Callable[[Callable[[], None]], None], folder: BaseFolder) -> None:
    point(lambda: os.kill(os.getpid(), signal.SIGKILL))
    folder.bring_up_to_date()


@pytest.mark.parametrize(
    ("point", "is_there"),
    [(_in_rows, False), (_before_sync, False), (_before_renaming, False), (_after_renaming, True)],
)
def test_a_killed_writer_leaves_a_base_or_none(
    asked: Asked, folder: BaseFolder, point: Callable[[Callable[[], None]], None], is_there: bool
) -> None:
    before = folder.newest()
    writer = _apart.Process(target=_killed_at, args=(point, folder))
    writer.start()
    writer.join()
    assert writer.exitcode == -signal.SIGKILL
    assert (folder.newest() != before) is is_there
    assert bool(list(folder.path.glob(".writing-*"))) is not is_there
    assert begun(asked, folder).state == asked.registry.state
    folder.bring_up_to_date()  # the lock of the killed one is gone, too
    assert folder.newest_state() == asked.registry.state
    assert not list(folder.path.glob(".writing-*"))


# No room


@contextlib.contextmanager
def small_disk(path: Path, size: str) -> Iterator[None]:
    """A file system of its own at *path*; where nobody may mount one, the test is skipped."""
    path.mkdir(exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


def names(folder: BaseFolder) -> list[str]:
    return sorted(path.name for path in folder.path.iterdir())


def positions(folder: BaseFolder) -> list[int]:
    return sorted(int(path.name.rpartition("-")[2]) for path in folder.path.glob("base-*"))


def test_a_disk_that_fills_while_one_is_written(asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real one: the others' last bytes are taken while the writer writes, so its own write fails."""
    for number in range(40):
        asked.register(record("a", name=f"Of{number}", **{f"field_{n}": n for n in range(30)}), f"s{number}")
    with small_disk(tmp_path / "disk", "512k"):
        folder = BaseFolder(tmp_path / "disk" / "bases", asked.ledger, FOLD, small_bytes=0)
        monkeypatch.setattr(room, "LEFT_FREE_BYTES", -(2**40))  # it goes on to the very end
        other = tmp_path / "disk" / "other"
        free = os.statvfs(tmp_path / "disk")
        other.write_bytes(bytes(free.f_bavail * free.f_frsize - 64 * 1024))
        with pytest.raises(OSError, match="No space left on device") as full:
            folder.bring_up_to_date()
        assert full.value.errno == errno.ENOSPC
        assert names(folder) == ["writing"]
        assert begun(asked, folder).state == asked.registry.state
        other.unlink()
        assert folder.bring_up_to_date() is not None
        assert folder.newest_state() == asked.registry.state


def test_the_last_of_a_disk_is_left_to_the_ledger(asked: Asked, folder: BaseFolder, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m"):
        kept = BaseFolder(tmp_path / "disk", asked.ledger, FOLD)
        free = os.statvfs(tmp_path / "disk")
        (tmp_path / "disk" / "ledger").write_bytes(bytes(free.f_bavail * free.f_frsize - 100 * 1024))
        with pytest.raises(OSError, match="that a base may take"):  # 100 kB are there, and less than a twentieth
            kept.bring_up_to_date()
        assert sorted(path.name for path in kept.path.iterdir()) == ["ledger", "writing"]


def test_bases_take_no_more_than_they_may(asked: Asked, folder: BaseFolder) -> None:
    """Older ones go first; the one that the next is made of stays."""
    folder.bring_up_to_date()
    _, second = positions(folder)
    asked.register(record("q"), "e")
    most_bytes = int(2.4 * max(path.stat().st_size for path in folder.path.glob("base-*")))
    bounded = BaseFolder(folder.path, asked.ledger, FOLD, small_bytes=0, most_bytes=most_bytes)
    written = bounded.bring_up_to_date()
    assert written is not None
    assert positions(folder) == [second, written.position]
    asked.register(record("q", name="Q2"), "f")
    smaller = BaseFolder(folder.path, asked.ledger, FOLD, small_bytes=0, most_bytes=written.size_bytes)
    with pytest.raises(OSError, match=f"more than the {written.size_bytes} bytes"):
        smaller.bring_up_to_date()
    assert positions(folder) == [written.position]
    assert begun(asked, smaller).state == asked.registry.state


def _limited(folder: BaseFolder, size_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))
    try:
        folder.bring_up_to_date()
    except OSError as error:
        os._exit(error.errno or 0)
    os._exit(0)


def test_a_bound_on_the_size_of_files(asked: Asked, folder: BaseFolder) -> None:
    before = names(folder)
    writer = _apart.Process(target=_limited, args=(folder, 4_096))
    writer.start()
    writer.join()
    assert writer.exitcode == errno.EFBIG
    assert names(folder) == before
    assert begun(asked, folder).state == asked.registry.state


# Other things under the name of a base


def test_a_folder_where_a_base_would_be(asked: Asked, folder: BaseFolder) -> None:
    position = asked.registry.state.position
    older = folder.newest()
    assert older is not None
    stands = folder.path / f"{next(folder.path.glob('base-*')).name.rpartition('-')[0]}-{position}"
    stands.mkdir()
    (stands / "file").touch()
    assert folder.newest() == older  # so another one is due
    with pytest.raises(IsADirectoryError, match="A folder stands where the base would be"):
        folder.bring_up_to_date()
    assert not list(folder.path.glob(".writing-*"))
    assert begun(asked, folder).state == asked.registry.state
    asked.register(record("q"), "e")
    folder.bring_up_to_date()
    assert folder.newest_state() == asked.registry.state


def _as_nobody(folder: BaseFolder, ask: Callable[[BaseFolder], Any]) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    os._exit(0 if ask(folder) else 1)


def _replaces_what_it_may_not_read(folder: BaseFolder) -> bool:
    (path,) = folder.path.glob("base-*")
    unread = folder.newest_state() is None and folder.newest() is None and path.exists()
    return unread and folder.bring_up_to_date() is not None and folder.newest_state() is not None


def _is_told(folder: BaseFolder) -> bool:
    begins = folder.newest_state() is not None
    try:
        folder.bring_up_to_date()
    except PermissionError as error:
        return begins and str(folder.path) in str(error)
    return False


def _with_no_file_left(folder: BaseFolder) -> None:
    """What a process does that may open no further file: it begins without a base, and goes on."""
    told: list[bool] = []
    kept = folder.newest_state()
    opened = max(map(int, os.listdir("/proc/self/fd")))  # noqa: PTH208 - names alone
    resource.setrlimit(resource.RLIMIT_NOFILE, (opened, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with contextlib.ExitStack() as stack, capture_logs() as logs:
        with contextlib.suppress(OSError):
            while True:
                stack.enter_context(open("/dev/null"))  # noqa: PTH123 - closed by the stack
        told.append(folder.newest_state() is None)
        with contextlib.suppress(OSError):
            folder.bring_up_to_date()
            told.append(False)
        told.append(kept is not None and len(list(kept.active_names())) > 0)  # what is mapped needs no file
    told.append([one["event"] for one in logs] == ["base_not_used"] and "Too many open files" in logs[0]["cause"])
    told.append(folder.newest_state() == kept)
    told.append(folder.bring_up_to_date() is not None)
    os._exit(0 if all(told) else 1)


def test_a_process_that_may_open_no_further_file(asked: Asked, folder: BaseFolder) -> None:
    process = _apart.Process(target=_with_no_file_left, args=(folder,))
    process.start()
    process.join()
    assert process.exitcode == 0
    assert folder.newest_state() == asked.registry.state


def _only_base(folder: BaseFolder) -> Path:
    for path in sorted(folder.path.glob("base-*"), key=lambda one: one.stat().st_mtime_ns)[:-1]:
        path.unlink()
    (path,) = folder.path.glob("base-*")
    return path


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A folder that every user may come to, which those of pytest are not."""
    with tempfile.TemporaryDirectory(prefix="moorings-bases-") as path:
        Path(path).chmod(0o777)
        yield Path(path)


def test_one_that_may_not_be_read_is_replaced(asked: Asked, folder: BaseFolder, open_path: Path) -> None:
    path = _only_base(folder)
    path = path.rename(open_path / path.name)
    path.chmod(0o000)
    open_path.chmod(0o777)
    theirs = BaseFolder(open_path, asked.ledger, FOLD, small_bytes=0)
    writer = _apart.Process(target=_as_nobody, args=(theirs, _replaces_what_it_may_not_read))
    writer.start()
    writer.join()
    assert writer.exitcode == 0


def test_a_folder_that_may_not_be_written_is_read(asked: Asked, folder: BaseFolder, open_path: Path) -> None:
    path = _only_base(folder)
    path = path.rename(open_path / path.name)
    path.chmod(0o444)
    open_path.chmod(0o555)
    theirs = BaseFolder(open_path, asked.ledger, FOLD, small_bytes=0)
    writer = _apart.Process(target=_as_nobody, args=(theirs, _is_told))
    writer.start()
    writer.join()
    open_path.chmod(0o777)
    assert writer.exitcode == 0
