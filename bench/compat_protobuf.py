"""Protobuf checks of growing schemas against growing histories.

A message of 10, 100, 1,000 and 5,000 fields (every tenth of an enum or of another message) against 1, 10 and 100 older
versions, each of which lacks one field more. Measured apart: reading a version (without protoc, which is a process of
its own), making the rules' tables from a descriptor (once a schema), and the transitive check in both directions; then
the same check with a break in each version, where every finding is shown with a payload.
"""

import time
from collections.abc import Callable

from moorings_compat import Format, Level, Schema, Verdict, check, parse
from moorings_compat.protobuf.compiled import compiled

FIELDS = (10, 100, 1_000, 5_000)
VERSIONS = (1, 10, 100)
SCALARS = ("string", "int64", "double", "bool", "bytes", "sint32", "fixed64", "repeated string", "map<string, int32>")


def source(fields: int, missing: int = 0, first: str = "int32") -> str:
    """Write a message of so many fields, the last *missing* of them left out; *first* is the type of field 1."""
    kinds = ("Status", "Part", *SCALARS)
    lines = [f"  {first} f1 = 1;"]
    for number in range(2, fields + 1 - min(missing, fields - 1)):
        kind = kinds[number // 10 % 2] if number % 10 == 0 else kinds[2 + number % len(SCALARS)]
        lines.append(f"  {kind} f{number} = {number if number < 19_000 else number + 1_000};")
    parts = "enum Status { OPEN = 0; CLOSED = 1; }\nmessage Part { string name = 1; int64 count = 2; }\n"
    return 'syntax = "proto3";\npackage bench;\nmessage Event {\n' + "\n".join(lines) + "\n}\n" + parts


def timed(work: Callable[[], object]) -> float:
    """Return the seconds of processor time that *work* took in this process; what protoc takes is not counted."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(fields: int, versions: int) -> tuple[str, ...]:
    """Measure one cell; times in milliseconds."""
    texts = [source(fields, missing=versions - index) for index in range(versions)]
    history: list[tuple[int, Schema]] = []
    parsing = timed(lambda: history.extend((n, parse(text, Format.PROTOBUF)) for n, text in enumerate(texts, 1)))
    candidate, broken = (parse(source(fields, first=first), Format.PROTOBUF) for first in ("int32", "bool"))
    tables = timed(lambda: [compiled(schema).types for _, schema in history])
    for schema in (candidate, broken):
        assert compiled(schema).types
    outcome = []
    checking = timed(lambda: outcome.append(check(candidate, history, Level.FULL_TRANSITIVE)))
    breaking = timed(lambda: outcome.append(check(broken, history, Level.FULL_TRANSITIVE)))
    assert [report.verdict for report in outcome] == [Verdict.COMPATIBLE, Verdict.BREAKING]
    times = (parsing / versions, tables / versions, checking, checking / versions, breaking)
    return (f"{fields:,}", str(versions), *(f"{seconds * 1000:,.2f}" for seconds in times))


def main() -> None:
    """Print the table."""
    heads = ("fields", "versions", "parse each", "tables each", "check all", "check each", "check all, broken")
    print("milliseconds of processor time; check is FULL_TRANSITIVE, so both directions of each version")
    print("  ".join(f"{head:>17}" for head in heads))
    for fields in FIELDS:
        for versions in VERSIONS:
            print("  ".join(f"{cell:>17}" for cell in measure(fields, versions)), flush=True)


if __name__ == "__main__":
    main()
