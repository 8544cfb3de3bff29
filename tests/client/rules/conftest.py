"""Rules run in CEL, whose engine is an extra: where the bare client is tested, these tests are left out."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("cel_expr_python") else ["test_*.py"]
