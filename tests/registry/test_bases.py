"""Bases: a wrong one is never used, and whatever happens to one, the ledger is folded as if there were none."""

import ast
import errno
import importlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from immutables import Map
from structlog.testing import capture_logs

from moorings_registry.bases import BaseFolder, NotStorable, fold_version, folding_code, writing
from moorings_registry.bases import file as file_of_base
from moorings_registry.bases.codecs import MAPS, single_values
from moorings_registry.bases.file import BEGIN, BaseFile
from moorings_registry.bases.folder import OTHERS_KEPT_S
from moorings_registry.bases.folding_code import FOLDING
from moorings_registry.bases.layered import Layered
from moorings_registry.bases.writing import write_base
from moorings_registry.commands import DeleteSubject, DeleteVersion
from moorings_registry.engines import open_ledger
from moorings_registry.entries import Entry
from moorings_registry.ledger import Ledger
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.names import Subject
from moorings_registry.service import Registry
from moorings_registry.state import State, apply
from moorings_registry.state.fold import draft
from tests.registry.asking import PLACED, Asked, record
from tests.registry.faulty_ledger import FaultyLedger

FOLD = "f" * 64


@pytest.fixture
def folder(asked: Asked, tmp_path: Path) -> BaseFolder:
    """The bases of a registry with some versions, one refusal and one deleted subject; none is written yet."""
    for number in range(6):
        asked.register(record("a", **{f"b{n}": n for n in range(number)}))
    for name in ("b", "c"):
        asked.register(record("m", name="Money"), name)
    asked.do(DeleteVersion(PLACED, 2))
    asked.do(DeleteSubject(Subject.parse("c"), False))
    return BaseFolder(tmp_path / "bases", asked.ledger, FOLD, small_bytes=0)


def only_base(folder: BaseFolder) -> Path:
    (path,) = folder.path.glob("base-*")
    return path


# Reading and writing


def test_a_base_has_the_state(asked: Asked, folder: BaseFolder) -> None:
    written = folder.bring_up_to_date()
    assert written is not None
    path = only_base(folder)
    assert (written.position, written.size_bytes) == (asked.registry.state.position, path.stat().st_size)
    assert folder.newest_state() == asked.registry.state
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_one_is_written_when_enough_entries_have_come(asked: Asked, folder: BaseFolder) -> None:
    first = folder.bring_up_to_date(least_entries=asked.registry.state.position)
    assert first is not None
    assert folder.bring_up_to_date() is None
    asked.register(record("z"), "d")
    assert folder.bring_up_to_date(least_entries=2) is None
    second = folder.bring_up_to_date(least_entries=1)
    assert second is not None
    assert second.position == first.position + 1


def test_a_writer_folds_no_more_at_a_time_than_it_may(asked: Asked, folder: BaseFolder) -> None:
    written = folder.bring_up_to_date(most_entries=3)
    assert written is not None
    assert written.position == asked.registry.state.position
    assert folder.newest_state() == asked.registry.state
    assert len(list(folder.path.glob("base-*"))) == 2


def test_rows_that_were_replaced_are_left_out_in_the_end(tmp_path: Path) -> None:
    before: BaseFile | None = None
    state = State()
    sizes = []
    for turn in range(9):
        state = State(position=turn, configs=_as(state.configs, {f"s{n}": {"alias": f"{turn}" * 50} for n in range(9)}))
        path = tmp_path / str(turn)
        sizes.append(write_base(path, state, ledger="l" * 64, fold=FOLD, before=before))
        before = BaseFile(path, FOLD)
        assert before.state(small_bytes=0) == state
        state = before.state(small_bytes=0)
    assert max(sizes) < 3 * sizes[0]


def _as(before: Any, content: dict[str, Any]) -> Any:
    mutation = before.mutate()
    for key, value in content.items():
        mutation[key] = value
    return mutation.finish()


def test_a_past_state_begins_with_the_nearest_base(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date(most_entries=4)
    reading = _Counting(asked.ledger)
    registry = Registry(reading, bases=BaseFolder(folder.path, asked.ledger, FOLD))
    entries = list(asked.ledger.read(0))
    for position in range(len(entries) + 1):
        assert registry.state_of(position) == apply(State(), entries[:position])
    reading.read_after = []
    registry.state_of(9)
    assert reading.read_after == [8]


class _Counting(MemoryLedger):
    """The entries of another ledger, and what was read of them."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__()
        for entry in ledger.read(0):
            self.append(entry, after=self.head())
        self.read_after: list[int] = []

    def read(self, after: int) -> Any:
        self.read_after.append(after)
        return super().read(after)


def test_what_is_read_twice_is_one_object(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    state = folder.newest_state()
    assert state is not None
    assert isinstance(state.subjects, Layered)
    held = state.subjects[PLACED]
    assert state.subjects.get(PLACED) is held
    after = apply(state, [_next_entry(asked)])
    assert after.subjects[PLACED] is held


def _next_entry(asked: Asked) -> Entry:
    asked.register(record("z"), "d")
    return list(asked.ledger.read(0))[-1]


def test_objects_are_forgotten_when_there_are_many_unless_they_are_held(
    folder: BaseFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moorings_registry.bases.layered.MOST_KEPT", 1)
    folder.bring_up_to_date()
    state = folder.newest_state()
    assert state is not None
    held = state.subjects[PLACED]
    others = [state.subjects[one] for one in state.subjects]
    assert len(others) == len(state.subjects) == 3
    assert state.subjects[PLACED] is held


def test_layers_answer_as_one_map(tmp_path: Path) -> None:
    before = State(modes=Map({f"s{n}": "READONLY" for n in range(8)}))
    write_base(tmp_path / "b", before, ledger="l" * 64, fold=FOLD)
    modes: Any = BaseFile(tmp_path / "b", FOLD).state(small_bytes=0).modes
    assert isinstance(modes, Layered)
    plain: Any = before.modes
    for change in (("s1", "IMPORT"), ("new", "IMPORT"), ("s1", None), ("new", None), ("s1", "READWRITE"), ("s7", None)):
        key, value = change
        modes, plain = ((one.delete(key) if value is None else one.set(key, value)) for one in (modes, plain))
        assert modes == plain
        assert plain == modes
        assert len(modes) == len(plain) == len(list(modes)) == len(list(modes.items())) == len(list(modes.values()))
        assert sorted(modes.items()) == sorted(plain.items())
        assert (key in modes) == (key in plain)
        assert modes.get(key, "?") == plain.get(key, "?")
        imported = {one for one, mode in plain.items() if mode == "IMPORT"}
        assert set(modes.keys_where(_is_import, holds=True)) == imported
        assert set(modes.keys_where(_is_import, holds=False)) == set(plain) - imported
    with pytest.raises(KeyError):
        modes["s7"]
    with pytest.raises(KeyError):
        modes.delete("nothing")
    mutation = modes.mutate()
    assert mutation.pop("s7", "gone") == "gone"
    assert mutation.pop("s2") == "READONLY"
    assert "s2" not in mutation


def _is_import(mode: str) -> bool:
    return mode == "IMPORT"


def test_a_list_of_names_reads_each_subject_once(
    asked: Asked, folder: BaseFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.bring_up_to_date()
    state = folder.newest_state()
    assert state is not None
    read: list[Any] = []
    monkeypatch.setattr(state.subjects.base.table.codec, "read_value", _noting(read))  # type: ignore[attr-defined]
    for _ in range(3):
        assert set(state.active_names()) == {one.subject for one in asked.registry.state.active_subjects()}
        assert set(state.dormant_names()) == {Subject.parse("c")}
    assert len(read) == len(state.subjects)
    asked.do(DeleteSubject(Subject.parse("b"), False))
    after = apply(state, asked.ledger.read(state.position))
    assert set(after.dormant_names()) == {Subject.parse("b"), Subject.parse("c")}
    assert Subject.parse("b") not in set(after.active_names())


def _noting(read: list[Any]) -> Callable[[Any], Any]:
    codec = MAPS["subjects"].read_value
    return lambda stored: read.append(1) or codec(stored)


# What is not trusted


@pytest.mark.parametrize("part", ["magic", "digest", "place", "first", "middle", "last"])
def test_a_flipped_bit_anywhere_throws_it_away(asked: Asked, folder: BaseFolder, part: str) -> None:
    folder.bring_up_to_date()
    path = only_base(folder)
    content = bytearray(path.read_bytes())
    at = {"magic": 0, "digest": 9, "place": 41, "first": BEGIN, "middle": len(content) // 2, "last": len(content) - 1}
    content[at[part]] ^= 0b100
    path.write_bytes(content)
    assert_thrown_away(folder, path, "not a base" if part == "magic" else "SHA-256")
    assert registry_with(folder, asked.ledger).state == asked.registry.state


@pytest.mark.parametrize("length", [0, 7, 40, BEGIN, BEGIN + 100, -1])
def test_one_that_is_cut_off_is_thrown_away(folder: BaseFolder, length: int) -> None:
    folder.bring_up_to_date()
    path = only_base(folder)
    content = path.read_bytes()
    path.write_bytes(content[:length])
    assert_thrown_away(folder, path, "")


def test_releases_do_not_mix(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    path = only_base(folder)
    newer = BaseFolder(folder.path, asked.ledger, "0" * 64)
    assert newer.newest_state() is None
    assert newer.bring_up_to_date() is not None
    assert newer.newest_state() == folder.newest_state() == asked.registry.state
    week = time.time() - OTHERS_KEPT_S - 60
    os.utime(path, (week, week))
    asked.register(record("z"), "d")
    newer.bring_up_to_date()
    assert not path.exists()


def test_one_that_another_release_wrote_under_our_name_is_thrown_away(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    path = only_base(folder)
    path = path.rename(path.with_name(path.name.replace("-" + "f" * 16, "-" + "0" * 16)))
    assert_thrown_away(BaseFolder(folder.path, asked.ledger, "0" * 64), path, "another release wrote it")


def test_one_of_another_layout_is_thrown_away(folder: BaseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.bring_up_to_date()
    monkeypatch.setattr(file_of_base, "LAYOUT", 0)
    assert_thrown_away(folder, only_base(folder), "another release wrote it")


def test_a_ledger_that_was_restored_to_an_earlier_time_has_no_use_for_it(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    shorter = MemoryLedger()
    for entry in list(asked.ledger.read(0))[:-2]:
        shorter.append(entry, after=shorter.head())
    restored = BaseFolder(folder.path, shorter, FOLD)
    assert_thrown_away(restored, only_base(folder), "the ledger ends before position")


def test_a_ledger_that_went_on_differently_has_no_use_for_it(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    other = MemoryLedger()
    for entry in list(asked.ledger.read(0))[:-1]:
        other.append(entry, after=other.head())
    elsewhere = Asked(other)
    elsewhere.register(record("z"), "d")
    assert_thrown_away(BaseFolder(folder.path, other, FOLD), only_base(folder), "another entry at position")


def test_ledgers_that_share_a_folder_do_not_mix(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    elsewhere = Asked()
    elsewhere.register(record("z"), "d")
    other = BaseFolder(folder.path, elsewhere.ledger, FOLD)
    assert other.newest_state() is None
    assert other.bring_up_to_date() is not None
    assert other.newest_state() == elsewhere.registry.state
    assert folder.newest_state() == asked.registry.state


def test_one_under_the_name_of_another_ledger_is_thrown_away(folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    elsewhere = Asked()
    for number in range(20):
        elsewhere.register(record("z"), f"d{number}")
    other = BaseFolder(folder.path, elsewhere.ledger, FOLD)
    first = next(iter(elsewhere.ledger.read(0)))
    path = only_base(folder)
    renamed = path.with_name("-".join(["base", first.digest[:16], *path.name.split("-")[2:]]))
    path.rename(renamed)
    assert_thrown_away(other, renamed, "another entry at position")


def test_one_under_the_name_of_another_position_is_thrown_away(folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    path = only_base(folder)
    renamed = path.with_name(path.name.rpartition("-")[0] + "-3")
    path.rename(renamed)
    assert_thrown_away(folder, renamed, "it is of position")


def test_the_older_one_is_used_where_the_newest_is_damaged(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date(most_entries=asked.registry.state.position - 1)
    older, newest = sorted(folder.path.glob("base-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    newest.write_bytes(b"")
    state = folder.newest_state()
    assert state is not None
    assert older.name.endswith(f"-{state.position}")
    assert registry_with(folder, asked.ledger).state == asked.registry.state


def test_one_that_cannot_be_read_is_left_alone(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    path = only_base(folder)
    path.unlink()
    path.mkdir()
    assert folder.newest_state() is None
    assert path.exists()
    assert registry_with(folder, asked.ledger).state == asked.registry.state


def test_one_is_left_alone_while_the_ledger_is_away(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    away = FaultyLedger(asked.ledger)
    other = BaseFolder(folder.path, away, FOLD)
    assert other.newest_state() is not None
    away.reads_fail = True
    assert other.newest_state() is None
    assert only_base(folder).exists()


def assert_thrown_away(folder: BaseFolder, path: Path, cause: str) -> None:
    with capture_logs() as logs:
        assert folder.newest_state() is None
    (told,) = (one for one in logs if one["event"] == "base_thrown_away")
    assert told["base"] == path.name
    assert cause in told["cause"]
    assert not path.exists()


def registry_with(folder: BaseFolder, ledger: Ledger) -> Registry:
    registry = Registry(ledger, bases=folder)
    registry.begin_from_base()
    registry.catch_up()
    return registry


# What goes wrong while one is written


class _FullDisk(writing._Sink):
    def write(self, content: Any) -> None:
        if self.at > 2_000:
            raise OSError(errno.ENOSPC, "No space left on device")
        super().write(content)


def test_a_full_disk_leaves_nothing_behind(asked: Asked, folder: BaseFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.bring_up_to_date()
    asked.register(record("z"), "d")
    with monkeypatch.context() as patched:
        patched.setattr(writing, "_Sink", _FullDisk)
        with pytest.raises(OSError, match="No space left"):
            folder.bring_up_to_date()
    assert sorted(path.name for path in folder.path.iterdir()) == [only_base(folder).name, "writing"]
    assert registry_with(folder, asked.ledger).state == asked.registry.state


def test_what_a_killed_writer_left_is_removed_by_the_next(folder: BaseFolder) -> None:
    folder.path.mkdir()
    (folder.path / ".writing-1-abc").write_bytes(b"half of it")
    assert folder.newest_state() is None
    folder.bring_up_to_date()
    assert not list(folder.path.glob(".writing-*"))
    assert only_base(folder)


_HOLDS_THE_LOCK = """
import fcntl, sys
file = open(sys.argv[1], "wb")
fcntl.lockf(file, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


def test_one_writes_at_a_time(folder: BaseFolder) -> None:
    folder.path.mkdir()
    command = [sys.executable, "-c", _HOLDS_THE_LOCK, str(folder.path / "writing")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        assert folder.bring_up_to_date() is None
        other.communicate("")
    assert folder.bring_up_to_date() is not None


def test_a_value_that_would_be_read_as_another_keeps_the_base_from_being_written(tmp_path: Path) -> None:
    for configs in ({"s": {"a": (1, 2)}}, {"s": {"a": object()}}, {"s": {"a": 2**70}}, {1: {}}):
        path = tmp_path / "b"
        with pytest.raises(NotStorable):
            write_base(path, State(configs=Map(configs)), ledger="l" * 64, fold=FOLD)  # type: ignore[arg-type]
        path.unlink()


def test_a_base_is_readable_after_it_was_removed(asked: Asked, folder: BaseFolder) -> None:
    folder.bring_up_to_date()
    state = folder.newest_state()
    only_base(folder).unlink()
    assert state == asked.registry.state


# What is stored, and by which code


def test_every_map_of_a_state_is_stored() -> None:
    members = set(State.__dataclass_fields__)
    assert members == {*MAPS, *single_values(State()), "checks"}
    assert set(MAPS) == draft.MAPS


_OF_NAMES = ("lint", "splitting", "verbs", "verdict")


def test_the_fold_version_covers_what_folds() -> None:
    """Whatever the listed modules import from ours is listed too, or said here not to matter."""
    elsewhere = {
        "moorings_compat.fields": "names of `moorings_compat.fields.paths`",
        "moorings_compat.fields.tree": "compares paths, which the fold does not",
        **{f"moorings_compat.event_names.{one}": "finds out kinds, which facts name" for one in _OF_NAMES},
        "moorings_compat.policies": "describes findings, which are not in a state",
        "moorings_registry.bases.folder": "chooses among bases",
        "moorings_registry.bases.room": "refuses to write",
        "moorings_registry.ledger.errors": "what is raised, not what is folded",
        "moorings_registry.errors.refusal": "what is raised, not what is folded",
        "moorings_registry.errors.subjects": "what is raised, not what is folded",
    }
    needed = {origin for name in FOLDING for origin in _origins(importlib.import_module(name))}
    assert needed - set(FOLDING) <= set(elsewhere)


def _origins(module: ModuleType) -> set[str]:
    """The modules of ours that define what *module* imports."""
    assert module.__file__ is not None
    found = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("moorings"):
            source = importlib.import_module(str(node.module))
            for name in (alias.name for alias in node.names):
                member = getattr(source, name)
                origin = member.__name__ if isinstance(member, ModuleType) else getattr(member, "__module__", "")
                found.add(origin if str(origin).startswith("moorings") else str(node.module))
    return found


def test_the_fold_version_goes_by_the_code_alone() -> None:
    code = folding_code._code
    assert code(b'"""One."""\nA = 1  # one\n') == code(b'"""Other."""\n\nA = 1\n"""What it is."""\n')
    assert code(b"A = 1") != code(b"A = 2")
    assert len(fold_version()) == 64


def test_without_sources_there_is_no_fold_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding_code, "FOLDING", ("moorings_registry.nothing",))
    assert folding_code.fold_version.__wrapped__() == ""


def test_names_are_spread_by_a_secret_of_the_file(tmp_path: Path) -> None:
    state = State(modes=Map({"s": "READONLY"}))
    words = []
    for name in ("b", "c"):
        write_base(tmp_path / name, state, ledger="l" * 64, fold=FOLD)
        words.append(list(BaseFile(tmp_path / name, FOLD).maps["modes"].index))
    assert words[0] != words[1]


def test_keys_with_the_same_digest_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "word_above", lambda _key, _salt: 7 << 32)
    monkeypatch.setattr("moorings_registry.bases.tables.word_above", lambda _key, _salt: 7 << 32)
    state = State(modes=Map({f"s{n}": f"M{n}" for n in range(5)}))
    write_base(tmp_path / "b", state, ledger="l" * 64, fold=FOLD)
    assert BaseFile(tmp_path / "b", FOLD).state(small_bytes=0) == state


def test_a_ledger_in_a_file_begins_from_its_base(asked: Asked, tmp_path: Path) -> None:
    asked.register(record("a"))
    ledger = open_ledger(f"sqlite:///{tmp_path}/l.db")
    for entry in asked.ledger.read(0):
        ledger.append(entry, after=ledger.head())
    folder = BaseFolder(tmp_path / "l.db.bases", ledger, fold_version())
    assert folder.bring_up_to_date() is not None
    assert registry_with(folder, ledger).state == asked.registry.state
    ledger.close()
