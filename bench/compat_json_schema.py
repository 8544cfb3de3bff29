"""JSON Schema checks as objects and histories grow: properties by versions, FULL_TRANSITIVE, in CPU seconds.

Version k has k properties more than the first, all optional and the object closed, so half of the comparisons have
something to find and half something to prove. The second table is the case in which nothing stands in the way.
"""

import json
import sys
import time

from moorings_compat import Format, Level, Schema, check, parse

SIZES = (10, 100, 1_000)
HISTORIES = (1, 10, 100)


def version(properties: int, added: int) -> Schema:
    """A closed object; a third of its properties are strings with bounds, a third numbers, a third lists."""
    kinds = (
        {"type": "string", "minLength": 1, "maxLength": 80},
        {"type": "integer", "minimum": 0},
        {"type": "array", "items": {"type": "string"}},
    )
    fields = {f"field_{number}": kinds[number % 3] for number in range(properties + added)}
    content = {"type": "object", "properties": fields, "additionalProperties": False}
    return parse(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **content}), Format.JSON)


def measure(properties: int, versions: int, level: Level) -> tuple[float, str]:
    """CPU seconds of one check of parsed schemas, and its verdict."""
    history = [(number, version(properties, number)) for number in range(1, versions + 1)]
    candidate = version(properties, versions + 1)
    began = time.process_time()
    report = check(candidate, history, level)
    return time.process_time() - began, str(report.verdict)


def main() -> int:
    """Print one table a level."""
    for level in (Level.BACKWARD_TRANSITIVE, Level.FULL_TRANSITIVE):
        print(f"\n{level}, CPU seconds")
        print(f"{'properties':>10} " + "".join(f"{f'{versions} versions':>16}" for versions in HISTORIES))
        for properties in SIZES:
            cells = []
            for versions in HISTORIES:
                seconds, verdict = measure(properties, versions, level)
                cells.append(f"{seconds:7.3f} {verdict[:8]:>8}")
            print(f"{properties:>10} " + "".join(f"{cell:>16}" for cell in cells), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
