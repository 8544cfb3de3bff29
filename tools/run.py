"""Start the registry with the example contracts in it, and say what to try: what `make run` does.

With ``--sign-in``, what `make run-sign-in` does: the same with an issuer for development, at which people are chosen.
"""

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
PATIENCE_S = 180  # an idle machine takes three seconds, one that runs a test suite as well took more than a minute
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


SIGN_IN = "--sign-in" in sys.argv[1:]
ISSUER_PORT = int(os.environ.get("MOORINGS_ISSUER_PORT", "8443"))
IDENTITIES = ROOT / "var" / "identities"
SIGNED_IN_DB = ROOT / "var" / "signed-in.db"
if SIGN_IN:
    LEDGER = os.environ.get("MOORINGS_LEDGER", f"sqlite:///{SIGNED_IN_DB}")
GRANTS = (
    ("ann", "*", "govern,operate,audit"),
    ("ben", "shop", "register"),
    ("dora", "shop", "govern"),
    ("eve", "shop.orders", "read"),
    ("ci", "*", "govern"),
)
WHO_TO_BE = f"""
Moorings listens on {URL}, and callers sign in. Open {URL}/admin/ in a browser, and choose whom to be:
  ann   governs, operates and audits everything
  ben   registers in shop and below it
  dora  governs shop and below it: approves what ann requests there
  eve   reads shop.orders
Jobs show a token: {MOORINGS} --sign-in file:var/identities/ci/token diff
Ctrl-C here ends the registry and the issuer.
"""


def main() -> int:
    """Run until interrupted; the exit code is the server's."""
    return _signed_in() if SIGN_IN else _serve((), ())


def _signed_in() -> int:
    """Run with an issuer for development; who may do what is granted once, in a ledger of its own."""
    people = ("--person", "ann=admins", "--person", "ben=shop", "--person", "dora", "--person", "eve")
    places = ("--folder", IDENTITIES, "--port", str(ISSUER_PORT), "--plain-http", "--pages", URL)
    program = BIN / "moorings-registry"
    issuer = subprocess.Popen([program, "dev-issuer", "registry", "ci", *people, *places], cwd=ROOT)
    try:
        until = time.monotonic() + PATIENCE_S
        while not (IDENTITIES / "registry" / "issuers.toml").exists() or not _answers(f"{_ISSUER}{_DISCOVERY}"):
            if issuer.poll() is not None or time.monotonic() > until:
                print("The issuer did not start; see above. Another port: MOORINGS_ISSUER_PORT=8444")
                return 1
            time.sleep(0.1)
        granted = SIGNED_IN_DB.with_suffix(".granted")
        if not (granted.exists() and granted.read_text() == LEDGER and SIGNED_IN_DB.exists()):
            for name, node, verbs in GRANTS:
                words = ("--to", f"dev:{name}", "--node", node, "--verb", verbs, "--because", "make run-sign-in")
                subprocess.run([program, "grant", "--ledger", LEDGER, "--create", *words], cwd=ROOT, check=True)
            granted.write_text(LEDGER)  # granting again changes nothing, and costs seconds
        issuers = ("--issuers", str(IDENTITIES / "registry" / "issuers.toml"), "--public-url", URL)
        return _serve(issuers, ("--sign-in", f"file:{IDENTITIES / 'ci' / 'token'}"))
    finally:
        issuer.terminate()
        issuer.wait()


_ISSUER = f"http://127.0.0.1:{ISSUER_PORT}"
_DISCOVERY = "/.well-known/openid-configuration"


def _serve(options: tuple[str, ...], sign_in: tuple[str, ...]) -> int:
    if _answers():
        print(f"Something listens on {URL} already. End it, or choose another port: MOORINGS_PORT=8082 make run")
        return 2
    server = subprocess.Popen(
        [BIN / "moorings-registry", "serve", "--port", str(PORT), "--ledger", LEDGER, "--no-access-log", *options],
        cwd=ROOT,
    )
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        if not _ready(server):
            if server.poll() is None:
                print(f"The registry did not answer within {PATIENCE_S} s, and is stopped. Is this machine busy?")
                return 1
            print("The registry did not start; its log above says why.")
            return server.returncode or 1
        pushed = subprocess.run([BIN / "moorings", "--url", URL, *sign_in, "push"], cwd=ROOT, check=False)
        if pushed.returncode:
            print("The example contracts could not be registered; see above. The registry runs on.")
        print(WHO_TO_BE if SIGN_IN else WHAT_TO_TRY, flush=True)
        return server.wait()
    except KeyboardInterrupt:
        return server.wait()
    finally:
        if server.poll() is None:
            server.terminate()
            server.wait()


def _ready(server: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and server.poll() is None:
        if _answers():
            return True
        time.sleep(0.1)
    return False


def _answers(url: str = f"{URL}/readyz") -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main())
