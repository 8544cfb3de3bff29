"""JSON Schema checks: objects of 10 to 5,000 properties against 1, 10 and 100 versions, full transitive.

Four histories. *reworded*: version k describes k properties in other words, which has to be proven in both directions.
*one*: the same, but the version in the middle has another type for one property. *all*: the candidate demands more of
one property than any version did, so that every version is refused with a payload. *growing*: the object is closed, and
version k has k more properties, so that half of the comparisons are proofs and half find k breaks.

Schemas are parsed before the clock starts; nothing has been compiled or compared yet in the column *first*, and
everything is as the registry keeps it in the column *again*. CPU seconds of this process, the best of a few rounds.
jsonsubschema is asked the same, in an environment of its own, as far as it can be waited for.
"""

import argparse
import json
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moorings_compat import Format, Level, Schema, Verdict, check, parse

PROPERTIES = (10, 100, 1_000, 5_000)
VERSIONS = (1, 10, 100)
TARGET_S = 1.0
ROUNDS = 3
HERE = Path(__file__).parent
THEIRS = HERE.parent / ".cache" / "jsonsubschema"
THEIR_WORK = 1_000
"""Properties times versions that jsonsubschema is asked for at most."""
PATIENCE_S = 60
KINDS: tuple[dict[str, Any], ...] = (
    {"type": "string", "maxLength": 40},
    {"type": "integer", "minimum": 0},
    {"type": ["string", "null"], "pattern": "^[A-Z]{3}$"},
    {"type": "array", "items": {"type": "number"}},
    {"type": "object", "properties": {"id": {"type": "string"}, "count": {"type": "integer"}}, "required": ["id"]},
)
OTHER_WORDS: tuple[dict[str, Any], ...] = (
    {"type": "string", "anyOf": [{"maxLength": 20}, {"minLength": 15, "maxLength": 40}]},
    {"type": "integer", "minimum": -0.5},
    {"anyOf": [{"type": "null"}, {"type": "string", "pattern": "^[A-Z]{3}$"}]},
    {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "number"}]}},
    {**KINDS[4], "minProperties": 1},
)


def reworded(properties: int, version: int, _: int) -> dict[str, Any]:
    """Make the open object of which *version* properties are said in other words."""
    said = {f"property_{n}": OTHER_WORDS[n % 5] for n in range(min(version, properties))}
    return _object(properties, said)


def one(properties: int, version: int, versions: int) -> dict[str, Any]:
    """Make the same, with another type for one property in the version in the middle."""
    schema = reworded(properties, version, versions)
    if version == versions // 2:
        schema["properties"]["property_2"] = {"type": "boolean"}
    return schema


def all_(properties: int, version: int, versions: int) -> dict[str, Any]:
    """Make the same, and ask for shorter strings in the candidate, the last version."""
    schema = reworded(properties, version, versions)
    if version == versions:
        schema["properties"]["property_5"] = {"type": "string", "maxLength": 30}
    return schema


def growing(properties: int, version: int, _: int) -> dict[str, Any]:
    """Make the closed object with *version* more properties that need not be there."""
    added = {f"added_{n}": {"type": "string"} for n in range(version)}
    return {**_object(properties, added), "additionalProperties": False}


def _object(properties: int, said: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {f"property_{n}": KINDS[n % 5] for n in range(properties)} | said,
        "required": [f"property_{n}" for n in range(0, properties, 2)],
    }


HISTORIES: dict[str, tuple[Callable[[int, int, int], dict[str, Any]], Verdict]] = {
    "reworded": (reworded, Verdict.COMPATIBLE),
    "one": (one, Verdict.BREAKING),
    "all": (all_, Verdict.BREAKING),
    "growing": (growing, Verdict.BREAKING),
}


def ours(contents: list[dict[str, Any]], expected: Verdict) -> tuple[float, float, float, str]:
    """Check the last against all before it; return the seconds of a parse, of the first check, of another, and shown.

    *shown* counts the comparisons that are not compatible and carry a payload, and says where the budget was spent
    before the verdict was reached.
    """
    texts = [json.dumps(content) for content in contents]
    began = time.process_time()
    schemas = [parse(text, Format.JSON) for text in texts]
    parsing = (time.process_time() - began) / len(texts)
    history: list[tuple[int, Schema]] = list(enumerate(schemas[:-1], start=1))
    times = []
    for _ in range(2):
        began = time.process_time()
        report = check(schemas[-1], history, Level.FULL_TRANSITIVE)
        times.append(time.process_time() - began)
        assert report.verdict in (expected, Verdict.UNDECIDED), report.verdict
    shown = sum(any(finding.witness for finding in one.findings) for one in report.failing)
    label = f"{shown} of {2 * len(history)}"
    return parsing, times[0], times[1], label if report.verdict is expected else f"{label}, undecided"


def theirs(contents: list[dict[str, Any]]) -> str:
    """Let jsonsubschema answer; the seconds, or why there are none."""
    bare = [{key: value for key, value in content.items() if key != "$schema"} for content in contents]
    command = [str(THEIRS / "bin" / "python"), "-P", str(HERE / "_subschema.py")]  # beside it lies another http
    try:
        ran = subprocess.run(
            command, input=json.dumps(bare), capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"> {PATIENCE_S} s"
    if ran.returncode:
        return ran.stderr.strip().splitlines()[-1][:40]
    return f"{json.loads(ran.stdout)['seconds']:.3f} s"


def have_theirs() -> bool:
    """Install jsonsubschema into an environment of its own; False, with a loud message, if that fails."""
    if not (THEIRS / "installed").exists():
        venv.create(THEIRS, with_pip=True)
        command = [str(THEIRS / "bin" / "python"), "-m", "pip", "install", "-q", "jsonsubschema"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            print(f"*** NO COMPARISON: jsonsubschema could not be installed:\n{ran.stderr[-600:]}", file=sys.stderr)
            return False
        (THEIRS / "installed").touch()
    return True


def main() -> None:
    """Print a table for each history, the growth in it, and whether the target is met."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    arguments.add_argument("histories", nargs="*", default=list(HISTORIES))
    chosen = arguments.parse_args()
    compared = have_theirs()
    ours([reworded(1, version, 1) for version in range(2)], Verdict.COMPATIBLE)  # imports at first use are not measured
    for name in chosen.histories:
        _table(name, chosen.rounds, compared=compared)


def _table(name: str, rounds: int, *, compared: bool) -> None:
    make, expected = HISTORIES[name]
    heads = ("properties", "versions", "parse ms", "first ms", "again ms", "us each", "shown", "jsonsubschema")
    print(name + "\n" + "".join(f"{head:>20}" if head == "shown" else f"{head:>14}" for head in heads))
    checks: dict[tuple[int, int], float] = {}
    for properties in PROPERTIES:
        for versions in VERSIONS:
            contents = [make(properties, version, versions) for version in range(versions + 1)]
            runs = [ours(contents, expected) for _ in range(rounds if properties < PROPERTIES[-1] else 1)]
            parsing, first, again = (min(run[n] for run in runs) for n in range(3))
            checks[properties, versions] = first
            each = first / (2 * versions * properties) * 1e6
            cells = [f"{properties:,}", str(versions), *(f"{1e3 * one:.1f}" for one in (parsing, first, again))]
            cells += [f"{each:.2f}", runs[0][3]]
            cells.append(theirs(contents) if compared and properties * versions <= THEIR_WORK else "")
            print("".join(f"{cell:>{20 if at == 6 else 14}}" for at, cell in enumerate(cells)), flush=True)
    print(f"ten times the properties, 100 versions: {checks[1_000, 100] / checks[100, 100]:.1f}x the time")
    print(f"ten times the versions, 1,000 properties: {checks[1_000, 100] / checks[1_000, 10]:.1f}x the time")
    seconds = checks[1_000, 100]
    verdict = "met" if seconds <= TARGET_S else "MISSED"
    print(f"1,000 properties x 100 versions, {name}: {seconds:.3f} s, target {TARGET_S} s: {verdict}\n")


if __name__ == "__main__":
    main()
