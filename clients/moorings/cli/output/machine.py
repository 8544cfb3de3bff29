"""JSON: everything that was found."""

import json
from collections.abc import Sequence

from moorings.cli.results import Checked


def results_json(checked: Sequence[Checked]) -> str:
    return json.dumps({"results": [one.as_json() for one in checked]}, indent=2, ensure_ascii=False)
