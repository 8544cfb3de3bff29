"""Checks of hostile schemas: one candidate against up to 100 versions, both directions, default budget.

Each runs in a process of its own: CPU seconds and steps of the check alone, what it added to the process's memory at
its highest, and how its comparisons ended.
"""

import json
import resource
import subprocess
import sys
import time
from collections import Counter

from moorings_compat import Format, Level, SchemaError, check, parse
from moorings_compat.limits import Budget
from tests.compat.hostile import CASES, text_of

VERSIONS = 100
TARGET_S, TARGET_MB = 2.0, 200
PATIENCE_S = 300
"""For parsing all versions, and the check."""


def measure(format: Format, name: str) -> dict[str, object]:
    """Check the last version against all before it."""
    make = next(one for of, one in CASES if of is format and one.__name__ == name)
    began = time.process_time()
    try:
        schemas = [parse(text_of(make(version)), format) for version in range(VERSIONS + 1)]
    except SchemaError as error:
        return {"refused": f"{type(error).__name__}: {str(error)[:80]}"}
    parsing = time.process_time() - began
    before = _peak_mb()
    spent = Counter[str]()
    spend = Budget.spend

    def counting(self: Budget, steps: int = 1) -> None:
        spent["steps"] += min(steps, max(self.left, 0))
        spend(self, steps)

    Budget.spend = counting  # type: ignore[method-assign]
    began = time.process_time()
    report = check(schemas[-1], list(enumerate(schemas[:-1], start=1)), Level.FULL_TRANSITIVE)
    seconds = time.process_time() - began
    verdicts = Counter(str(one.verdict) for one in report.comparisons)
    return {
        "parse": parsing / len(schemas),
        "seconds": seconds,
        "steps": spent["steps"],
        "memory": _peak_mb() - before,
        "ended": ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())),
        "newest": str(report.comparisons[0].verdict),
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print a line a case, and what lies beyond the targets."""
    if len(sys.argv) == 4 and sys.argv[1] == "alone":
        print(json.dumps(measure(Format(sys.argv[2]), sys.argv[3])))
        return
    print(f"{'':34}{'parse ms':>9}{'check s':>9}{'steps':>11}{'MB':>6}  newest, all comparisons")
    beyond = []
    chosen = sys.argv[1:]
    for format, make in [one for one in CASES if not chosen or one[1].__name__ in chosen]:
        command = [sys.executable, "-m", "bench.compat_hostile", "alone", format, make.__name__]
        title = f"{format} {make.__name__}"
        try:
            ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            print(f"{title:34} FAILED: more than {PATIENCE_S} s", flush=True)
            beyond.append(title)
            continue
        if ran.returncode:
            print(f"{title:34} FAILED: {ran.stderr.strip().splitlines()[-1]}", flush=True)
            beyond.append(title)
            continue
        found = json.loads(ran.stdout)
        if "refused" in found:
            print(f"{title:34} {found['refused']}", flush=True)
            continue
        numbers = f"{1e3 * found['parse']:9.1f}{found['seconds']:9.2f}{found['steps']:11,}{found['memory']:6.0f}"
        print(f"{title:34}{numbers}  {found['newest']}; {found['ended']}", flush=True)
        if found["seconds"] > TARGET_S or found["memory"] > TARGET_MB:
            beyond.append(title)
    print(f"\nbeyond {TARGET_S} s or {TARGET_MB} MB: {', '.join(beyond) or 'none'}")


if __name__ == "__main__":
    main()
