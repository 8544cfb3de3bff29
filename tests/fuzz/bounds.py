"""How many requests fuzzing makes of each operation; `MOORINGS_FUZZ_EXAMPLES` says it, for a long run."""

import os

from hypothesis import HealthCheck, Phase, settings

EXAMPLES = int(os.environ.get("MOORINGS_FUZZ_EXAMPLES", "5"))
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
