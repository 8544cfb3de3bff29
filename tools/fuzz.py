"""Look for a wrong verdict for a given time: every law of every format, with new random schemas.

The time is split evenly among the formats. Each runs its smaller laws once, and then draws pairs of schemas until its
share is spent. The result is a table: pairs, verdicts, and how many were unsound, undecided or without a payload
that another engine confirms. A failure names its seed.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LAWS = {"Avro": "test_avro_laws.py", "JSON Schema": "test_json_schema_laws.py", "Protobuf": "test_protobuf_laws.py"}
OTHERS = (
    "test_registry_laws.py",
    "test_impact_laws.py",
    "test_json_declared_laws.py",
    "test_visibility_laws.py",
    "promise",
)
"""Laws that are looked at once, at every example that they have."""
COLUMNS = ("pairs", "compatible", "breaking", "undecided", "unconfirmed", "unsound")
VERDICTS = "test_verdicts_hold"
SECONDS = 3600.0
LONGEST_ROUND_S = 900.0
"""The smaller laws run again after this time."""


def main() -> int:
    """Return 0 if no law was broken; the seconds are the only argument, or FUZZ_SECONDS, or an hour."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("FUZZ_SECONDS", "")
    seconds = float(given or SECONDS)
    with tempfile.TemporaryDirectory(prefix="moorings-fuzz-") as folder:
        report = Path(folder) / "report"
        report.touch()
        spent = {format: _fuzz(file, seconds / len(LAWS), report) for format, file in LAWS.items()}
        found = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    broken = [one for one in OTHERS if not _pytest(one, [], {"MOORINGS_LAWS": "full"})]
    counts = {format: Counter[str]() for format in LAWS}
    for one in found:
        counts[one["format"]].update(one["counts"])
    print(f"\n{'format':<12}" + "".join(f"{column:>13}" for column in (*COLUMNS, "seconds", "laws")))
    for format, (duration, held) in spent.items():
        numbers = [*(counts[format][column] for column in COLUMNS), round(duration), "held" if held else "BROKEN"]
        print(f"{format:<12}" + "".join(f"{number:>13}" for number in numbers))
    return 0 if not broken and all(held for _, held in spent.values()) else 1


def _fuzz(file: str, seconds: float, report: Path) -> tuple[float, bool]:
    """Run the laws of one format until *seconds* are spent; the time taken, and whether all of them held."""
    start = time.monotonic()
    held = True
    while (left := seconds - (time.monotonic() - start)) > 0:
        # The smaller laws take seconds, with new schemas each time; the rest of the round is for verdicts.
        held &= _pytest(file, ["-k", f"not {VERDICTS}"], {"MOORINGS_FUZZ_SECONDS": "1"})
        left = max(1.0, min(LONGEST_ROUND_S, seconds - (time.monotonic() - start)))
        given = {"MOORINGS_FUZZ_SECONDS": str(left), "MOORINGS_FUZZ_REPORT": str(report)}
        held &= _pytest(file, ["-k", VERDICTS], given)
        if not held:
            break
    return time.monotonic() - start, held


def _pytest(file: str, options: list[str], environment: dict[str, str]) -> bool:
    command = [sys.executable, "-m", "pytest", f"tests/laws/{file}", "-q", "--timeout=0", "--no-header", *options]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
