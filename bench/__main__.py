"""Run measurements by name; without one, all of them."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run each measurement in a process of its own, so that none measures another's leftovers."""
    known = sorted(path.stem for path in HERE.glob("[a-z]*.py"))
    chosen = sys.argv[1:] or known
    for name in chosen:
        if name not in known:
            print(f"unknown: {name}; there are {', '.join(known)}")
            return 2
        print(f"\n== {name}", flush=True)
        code = subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=HERE.parent, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
