"""Runs three registries under faults on each engine, and checks every answer: `make chaos`.

    CHAOS_SECONDS=3600 CHAOS_SEED=7 python -m tests.chaos redis

Returns 0 when no promise was broken. Needs root, for networks of its own; they are gone when it ends.
"""

import argparse
import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos.checker import check
from tests.chaos.databases import ENGINES, UNSAFE
from tests.chaos.mutants import MUTANTS
from tests.chaos.nodes import ROOT
from tests.chaos.report import report
from tests.chaos.run import Plan, run
from tests.namespaces import why_not

SECONDS = 120
_ALONE = "CHAOS_ALONE"
"""Set for the process that makes a run; all that it has started ends with it, however that ends."""
_APART = ("unshare", "--pid", "--mount-proc", "--fork", "--kill-child", "/bin/sh", "-c", '"$@"; exit $?', "sh")
"""The shell is there to take leave of processes whose parents were killed."""
CANNOT = 3
"""The exit code where this machine cannot make networks."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "engines", nargs="*", help=f"of {', '.join(ENGINES)}, {', '.join(UNSAFE)}; without one, all of the first"
    )
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "chaos", help="where runs are recorded")
    parser.add_argument("--mutant", choices=list(MUTANTS), default="", help="run registries that break this promise")
    given = parser.parse_args(arguments)
    unknown = set(given.engines) - set(ENGINES) - set(UNSAFE)
    if unknown:
        parser.error(f"unknown engines: {', '.join(sorted(unknown))}")
    reason = why_not()
    if reason:
        print(f"chaos cannot be made here: {reason}", file=sys.stderr)
        return CANNOT
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(1_000_000))
    engines = given.engines or list(ENGINES)
    if len(engines) > 1:  # each leaves this machine's network, so each has a process of its own
        commands = (_command(engine, given) for engine in engines)
        environment = {**os.environ, "CHAOS_SEED": str(seed)}
        return max(subprocess.run(one, check=False, cwd=ROOT, env=environment).returncode for one in commands)
    if not os.environ.get(_ALONE):
        os.execvpe(_APART[0], [*_APART, *_command(engines[0], given)], {**os.environ, _ALONE: "yes"})
    seconds = float(os.environ.get("CHAOS_SECONDS") or SECONDS)
    patience = float(os.environ.get("CHAOS_PATIENCE") or 1)
    return _run(Plan(engines[0], seconds, seed, given.mutant, patience), given.folder)


def _command(engine: str, given: argparse.Namespace) -> list[str]:
    command = [sys.executable, "-m", "tests.chaos", engine, "--folder", str(given.folder)]
    return command + (["--mutant", given.mutant] if given.mutant else [])


def _run(plan: Plan, folder: Path) -> int:
    name = f"{plan.engine}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{plan.seed}"
    recorded = folder / name
    print(
        f"-- {plan.engine}: {plan.seconds:.0f} s of faults, CHAOS_SEED={plan.seed}, recorded in {recorded}", flush=True
    )
    history, traffic = run(plan, recorded)
    violations = check(history)
    lines = list(report(history, traffic, violations))
    (recorded / "report.txt").write_text("\n".join(lines) + "\n")
    print("\n".join(lines), flush=True)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
