"""What importing the library brings along: nothing that a consumer of one format does not need."""

import subprocess
import sys

HEAVY = ("httpx2", "fastavro", "jsonschema_rs", "orjson", "google.protobuf", "click", "rich", "flask", "redis")


def test_importing_the_client_loads_nothing_heavy() -> None:
    code = f"import moorings, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.strip() == "[]"


def test_avro_loads_no_json_schema_and_no_protobuf() -> None:
    code = (
        "import sys, moorings.codecs.formats as f, moorings_compat as c\n"
        "s = c.parse('\"string\"', c.Format.AVRO)\n"
        "assert f.make_reader(s, s, '', 0).at_once(f.make_writer(s, '', b'').at_once('x')) == 'x'\n"
        "print([name for name in ('jsonschema_rs', 'google.protobuf') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.strip() == "[]"
