"""Start the registry with the example contracts in it, and say what to try: what `make run` does."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PORT = int(os.environ.get("MOORINGS_PORT", "8081"))
URL = f"http://127.0.0.1:{PORT}"
LEDGER = os.environ.get("MOORINGS_LEDGER", f"sqlite:///{ROOT / 'var' / 'moorings.db'}")

MOORINGS = ".venv/bin/moorings" if PORT == 8081 else f".venv/bin/moorings --url {URL}"

WHAT_TO_TRY = f"""
Moorings listens on {URL}, with the contracts of schemas/ in it. Try:
  1. open {URL}/admin/ in a browser
  2. {MOORINGS} diff                                what differs between the files and the registry
  3. sed -i 's/"sku"/"article"/' schemas/shop.orders/OrderPlaced.v1.avsc && {MOORINGS} check
  4. git checkout schemas && make demo                      the whole story, in another terminal
  5. curl -s {URL}/subjects                   what a Kafka client sees; Ctrl-C here ends the registry
"""


def main() -> int:
    """Run until interrupted; the exit code is the server's."""
    if _answers():
        print(f"Something listens on {URL} already. End it, or choose another port: MOORINGS_PORT=8082 make run")
        return 2
    server = subprocess.Popen(
        [BIN / "moorings-registry", "serve", "--port", str(PORT), "--ledger", LEDGER, "--no-access-log"], cwd=ROOT
    )
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        if not _ready(server):
            print("The registry did not start; its log above says why.")
            return server.wait() or 1
        pushed = subprocess.run([BIN / "moorings", "--url", URL, "push"], cwd=ROOT, check=False)
        if pushed.returncode:
            print("The example contracts could not be registered; see above. The registry runs on.")
        print(WHAT_TO_TRY, flush=True)
        return server.wait()
    except KeyboardInterrupt:
        return server.wait()
    finally:
        if server.poll() is None:
            server.terminate()
            server.wait()


def _ready(server: subprocess.Popen[bytes], patience_s: float = 60) -> bool:
    until = time.monotonic() + patience_s
    while time.monotonic() < until and server.poll() is None:
        if _answers():
            return True
        time.sleep(0.1)
    return False


def _answers() -> bool:
    try:
        with urllib.request.urlopen(f"{URL}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main())
