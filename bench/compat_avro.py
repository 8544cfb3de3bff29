"""Avro checks: a record of 10 to 5,000 fields against 1, 10 and 100 versions, full transitive, beside Apache's checker.

Version k has k fields more than the first, each with a default. Schemas are parsed before the clock starts, and each
round checks schemas that were never compared, so that nothing derived is left over from the round before. Times are
CPU seconds of this process, the best of a few rounds: other work on the machine does not count.
"""

import argparse
import json
import time
from collections.abc import Callable

import avro.schema
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType

from moorings_compat import Format, Level, Schema, Verdict, check, parse

FIELDS = (10, 100, 1_000, 5_000)
VERSIONS = (1, 10, 100)
APACHE_WORK = 2_000_000
"""Fields squared times versions that Apache's checker is asked for at most: it is quadratic in a record's fields."""
TARGET_S = 0.5
ROUNDS = 3
TYPES = ("string", "long", ["null", "string"], {"type": "array", "items": "double"}, {"type": "map", "values": "long"})


def version(fields: int, added: int) -> str:
    """Write the record of *fields* fields with *added* more."""
    first = [{"name": f"field_{index}", "type": TYPES[index % len(TYPES)]} for index in range(fields)]
    more = [{"name": f"added_{index}", "type": ["null", "string"], "default": None} for index in range(added)]
    return json.dumps({"type": "record", "name": "bench.Event", "fields": [*first, *more]})


def ours(texts: list[str]) -> tuple[float, float]:
    """Check the last of *texts* against all before it; return the seconds of the check, and of one parse."""
    began = time.process_time()
    schemas = [parse(text, Format.AVRO) for text in texts]
    parsing = (time.process_time() - began) / len(texts)
    history: list[tuple[int, Schema]] = list(enumerate(schemas[:-1], start=1))
    began = time.process_time()
    report = check(schemas[-1], history, Level.FULL_TRANSITIVE)
    seconds = time.process_time() - began
    assert report.verdict is Verdict.COMPATIBLE
    assert len(report.comparisons) == 2 * len(history)
    return seconds, parsing


def apaches(texts: list[str]) -> tuple[float, float]:
    """Let Apache's checker answer the same; return what `ours` returns."""
    began = time.process_time()
    schemas = [avro.schema.parse(text) for text in texts]
    parsing = (time.process_time() - began) / len(texts)
    began = time.process_time()
    for older in schemas[:-1]:
        for reader, writer in ((schemas[-1], older), (older, schemas[-1])):
            result = ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)  # type: ignore[no-untyped-call]
            assert result.compatibility is SchemaCompatibilityType.compatible
    return time.process_time() - began, parsing


def best(measure: Callable[[list[str]], tuple[float, float]], texts: list[str], rounds: int) -> tuple[float, float]:
    """Return the shortest check and the shortest parse of several rounds."""
    runs = [measure(texts) for _ in range(rounds)]
    return min(run[0] for run in runs), min(run[1] for run in runs)


def main() -> None:
    """Print the table, the growth in it, and whether the target is met."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = arguments.parse_args().rounds
    print(f"{'fields':>7}{'versions':>9}{'check ms':>10}{'us a field':>11}{'parse ms':>9}{'Apache ms':>11}{'ratio':>7}")
    ours([version(1, added) for added in range(2)])  # what is imported at first use is not measured
    checks: dict[tuple[int, int], float] = {}
    for fields in FIELDS:
        for versions in VERSIONS:
            texts = [version(fields, added) for added in range(versions + 1)]
            seconds, parsing = best(ours, texts, rounds)
            checks[fields, versions] = seconds
            compared = 2 * versions * (fields + versions)
            line = (
                f"{fields:>7}{versions:>9}{seconds * 1e3:>10.2f}{seconds / compared * 1e6:>11.3f}{parsing * 1e3:>9.2f}"
            )
            if fields * fields * versions <= APACHE_WORK:
                theirs, _ = best(apaches, texts, 1)
                line += f"{theirs * 1e3:>11.1f}{theirs / seconds:>6.0f}x"
            print(line, flush=True)
    print(f"\nten times the fields, 100 versions: {checks[1_000, 100] / checks[100, 100]:.1f}x the time")
    print(f"ten times the versions, 1,000 fields: {checks[1_000, 100] / checks[1_000, 10]:.1f}x the time")
    seconds = checks[1_000, 100]
    verdict = "met" if seconds <= TARGET_S else "MISSED"
    print(f"1,000 fields x 100 versions: {seconds:.3f} s, target {TARGET_S} s: {verdict}")


if __name__ == "__main__":
    main()
