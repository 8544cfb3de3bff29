"""Run the Dockerfile's steps in a clean root, for machines where no engine for containers runs, and serve from there.

The result serves as the image would, in namespaces of its own: to its own machine alone where nothing else is
configured, and to others exactly with an issuer and TLS.
"""

import sys
import tempfile
import time
from pathlib import Path

from containers import Container, Host, Mount, Spec, enter_namespaces
from image_build import Image, build_image

from moorings_registry.dev_issuer import DevIssuer, Service

STARTED_IN_S = 60
ANYWHERE = {"MOORINGS_HOST": "0.0.0.0"}
ISSUERS = {"MOORINGS_ISSUERS": "/identity/issuers.toml"}
TLS = {"MOORINGS_TLS_CERTIFICATE": "/identity/tls.crt", "MOORINGS_TLS_KEY": "/identity/tls.key"}
ASK = (
    "import ssl, sys, urllib.request as r, urllib.error as e\n"
    "c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE\n"
    "try: print(r.urlopen(sys.argv[1], timeout=5, context=c).status)\n"
    "except e.HTTPError as refused: print(refused.code)\n"
    "except OSError: print('no answer')\n"
)


def main() -> int:
    """Return 0 when every step worked, and the service answered whom it should and nobody else."""
    with tempfile.TemporaryDirectory(prefix="moorings-image-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        image = build_image(folder)
        enter_namespaces()
        (folder / "identities").mkdir()
        DevIssuer("https://identities:8443", folder / "identities", (Service("registry"),))
        (folder / "containers").mkdir()
        proof = Proof(image, folder / "identities" / "registry", Host(folder / "containers"))
        try:
            return 0 if proof.holds() else 1
        finally:
            proof.host.stop()


class Proof:
    """The image, started in different ways."""

    def __init__(self, image: Image, identity: Path, host: Host) -> None:
        self.host = host
        self._image = image
        self._mounts = (Mount(identity, "/identity", read_only=True), Mount(None, "/tmp"))
        self._failed = False

    def holds(self) -> bool:
        self._check("as it is", *self._served("plain", {}), "ready at position 0", "200", "no answer")
        self._check("with an issuer and TLS", *self._served("whole", {**ANYWHERE, **ISSUERS, **TLS}),
                    "ready at position 1", "200", "401")  # fmt: skip
        for number, (what, environment) in enumerate(
            (
                ("without an issuer", {**ANYWHERE, **TLS}),
                ("without TLS", {**ANYWHERE, **ISSUERS}),
                ("with neither", ANYWHERE),
            )
        ):
            container = self._start(f"refused{number}", environment)
            said = f"ended with {container.wait(STARTED_IN_S)}"
            self._check(f"beyond its own machine, {what}", said, "ended with 2")
        return not self._failed

    def _served(self, name: str, environment: dict[str, str]) -> tuple[str, str, str]:
        """What the image's own check of health says, what its own machine gets, and what another one gets."""
        container = self._start(name, environment)
        deadline = time.monotonic() + STARTED_IN_S
        while container.run(self._image.health).returncode:
            if container.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{name} does not serve:\n{container.said()[-3000:]}")
            time.sleep(0.3)
        scheme = "https" if "MOORINGS_TLS_KEY" in environment else "http"
        ready = container.run(
            ["python3", "-c", ASK.replace(".status", ".read().decode()"), f"{scheme}://127.0.0.1:8081/readyz"]
        )
        inside = container.run(["python3", "-c", ASK, f"{scheme}://127.0.0.1:8081/healthz"])
        other = self.host.start(
            Spec(f"asks-{name}", self._image, ["python3", "-c", ASK, f"{scheme}://{name}:8081/subjects"])
        )
        other.wait(STARTED_IN_S)
        return ready.stdout.partition("\n")[0], inside.stdout.strip(), other.said().strip()

    def _start(self, name: str, environment: dict[str, str]) -> Container:
        command = [*self._image.entrypoint, *self._image.command]
        return self.host.start(
            Spec(name, self._image, command, environment, self._mounts, no_capabilities=True, no_new_privileges=True)
        )

    def _check(self, what: str, *told: str) -> None:
        found, wanted = told[: len(told) // 2], told[len(told) // 2 :]
        print(f"-- {what}: {', '.join(found)}", flush=True)
        if found != wanted:
            self._failed = True
            print(f"FAILED {what}: {found} instead of {wanted}")


if __name__ == "__main__":
    sys.exit(main())
