"""The compiler's process: found, bounded, started once for a text, and leaving no files behind."""

import io
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from moorings_compat import Format, ProtobufCompilerUnavailable, parse
from moorings_compat.protobuf.compiler import COMPLAINTS_BYTES, FILE_NAME, compile_text, find_compiler, read_complaints

TEXT = 'syntax = "proto3"; message M { int32 n = 1; }'


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of our own for whatever is started."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_compiler_of_this_environment_is_found() -> None:
    assert Path(find_compiler()[0]).is_file()


def test_a_text_is_compiled_once() -> None:
    text = f"{TEXT} // once"
    assert compile_text(text, FILE_NAME, b"") is compile_text(text, FILE_NAME, b"")


def test_compiling_leaves_no_files_behind(scratch: Path) -> None:
    compile_text(f"{TEXT} // nothing left", FILE_NAME, b"")
    with pytest.raises(Exception, match="Expected"):
        compile_text("nothing left", FILE_NAME, b"")
    assert list(scratch.iterdir()) == []


def test_a_missing_temporary_folder_is_not_reported_as_an_invalid_schema(scratch: Path) -> None:
    scratch.rmdir()
    with pytest.raises(ProtobufCompilerUnavailable, match="could not be started"):
        compile_text(f"{TEXT} // nowhere", FILE_NAME, b"")


def test_warnings_of_the_compiler_are_skipped() -> None:
    warnings = b"a.proto:1:1: warning: unused\n" * 10_000
    assert read_complaints(io.BytesIO(warnings + b"a.proto:2:1: wrong\n")) == ("a.proto:2:1: wrong\n", False)


def test_compiler_errors_are_cut_off_at_a_limit() -> None:
    complaints, cut_short = read_complaints(io.BytesIO(b"a.proto:1:1: wrong\n" * 10_000))
    assert cut_short
    assert len(complaints) < 2 * COMPLAINTS_BYTES


def test_threads_compile_independently() -> None:
    def fields(index: int) -> str:
        return parse(f'syntax = "proto3"; message M {{ int32 n{index} = {index + 1}; }}', Format.PROTOBUF).identity

    with ThreadPoolExecutor(4) as pool:
        identities = list(pool.map(fields, range(24)))
    assert [f"n{index} = {index + 1}" in identity for index, identity in enumerate(identities)] == [True] * 24
