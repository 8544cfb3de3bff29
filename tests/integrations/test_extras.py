"""Integrations whose library is not installed say which extra brings it; the others need none."""

import subprocess
import sys

import pytest

WITHOUT = """
import sys
for name in {absent!r}:
    sys.modules[name] = None  # as if it were not installed
import moorings
try:
    import moorings.integrations.{module}
except moorings.ExtraMissing as missing:
    print(missing.extra, missing.code)
else:
    print("imported")
"""
LIBRARIES = ["confluent_kafka", "aiokafka", "faststream", "redis", "pika", "nats", "cloudevents", "flask"]


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("rabbitmq", "rabbitmq EXTRA_MISSING"),
        ("faststream", "faststream EXTRA_MISSING"),
        *((name, "imported") for name in ("kafka", "aiokafka", "redis_streams", "nats", "cloudevents")),
        *((name, "imported") for name in ("records", "dead_letters", "consuming", "single_object")),
    ],
)
def test_a_missing_library_is_named(module: str, said: str) -> None:
    program = WITHOUT.format(absent=LIBRARIES, module=module)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == said


def test_the_base_install_loads_no_integration() -> None:
    program = "import sys, moorings; print([name for name in sys.modules if 'integrations' in name])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
