"""jsonsubschema, asked the same as we are: run by the interpreter of an environment of its own.

Reads a JSON list of schemas, the last of which is the candidate; prints the seconds that it took to compare it with all
others in both directions, and how many answers were yes.
"""

import json
import sys
import time

from jsonsubschema import isSubschema


def main() -> None:
    """Answer once."""
    *older, candidate = json.load(sys.stdin)
    began = time.process_time()
    answers = [isSubschema(*pair) for version in older for pair in ((version, candidate), (candidate, version))]
    print(json.dumps({"seconds": time.process_time() - began, "yes": sum(answers)}))


if __name__ == "__main__":
    main()
