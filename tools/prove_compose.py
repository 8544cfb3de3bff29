"""Runs `examples/compose/compose.yaml` where no engine for containers runs, and strangers beside it.

The image is built from the Dockerfile. Each service of the file runs in namespaces of its own: its address, its
volumes, its user, its rights, its checks of health and its order as the file says. What stands in for something else
is the image of the broker: Debian's Redis instead of Redis' own image.
"""

import json
import re
import sys
import time
from pathlib import Path

from compose_project import Project, proven
from image_build import ROOT

from moorings_registry.dev_issuer import DevIssuer
from moorings_registry.dev_issuer import Service as Identity

FILE = ROOT / "examples/compose/compose.yaml"
STRANGER = ROOT / "tools/compose_stranger.py"
REGISTRY = "https://registry:8081"
EVENT = "/v1/events/shop.orders.OrderPlaced"


def main() -> int:
    """Return 0 when the services did their work and every stranger was refused."""
    return proven(FILE, lambda project: Proof(project).ask())


class Proof:
    """What is asked of the services when they have done their work."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def ask(self) -> None:
        self._check_work()
        self._check_separation()
        self._check_strangers()

    def _check_work(self) -> None:
        sent, handled = self._project.containers["orders"].said(), self._project.containers["billing"].said()
        self._project.check("the producer sends", re.findall(r"sent: (o-\d)", sent), ["o-1", "o-2", "o-3"])
        self._project.check("its client refuses", "TYPE_WRONG" in sent and "FIELD_UNDECLARED" in sent, True)
        self._project.check("the consumer handles", re.findall(r"handled: (o-\d)", handled), ["o-1", "o-2", "o-3"])
        said = self._project.containers["registry"].said()
        known = sorted(set(re.findall(r'"principal":"(dev:\w+)"', said)))
        self._project.check("the registry knows them apart", known, ["dev:billing", "dev:ci", "dev:orders"])
        tokens = [
            one
            for path in (self._project.folder / "volumes").glob("*/token")
            for one in path.read_text().split(".")[1:]
        ]
        self._project.check("no token is in its log", [one for one in tokens if one in said], [])

    def _check_separation(self) -> None:
        """What a service has in its container of the identities of others: nothing."""
        inside = self._project.host.start(self._project.beside("inside", "billing", ["sleep", "600"]))
        time.sleep(1)
        found = inside.run(["find", "/", "-xdev", "-name", "tls.key"]).stdout.split()
        mounted = inside.run(["find", "/identity", "-name", "tls.key"]).stdout.split()
        self._project.check("a container has one identity", (found, mounted), ([], ["/identity/tls.key"]))
        owner = inside.run(["python3", "-c", "import os; print(os.getuid())"]).stdout.strip()
        written = inside.run(["touch", "/identity/token"]).returncode + inside.run(["touch", "/etc/x"]).returncode
        self._project.check("it is nobody of importance, and changes nothing", (owner, written), ("10001", 2))

    def _check_strangers(self) -> None:
        schema = json.dumps({"schema": '{"type": "string"}', "format": "AVRO"})
        post, own = f"post={schema}", ("token=/identity/token", "identity=/identity")
        stolen = self._project.folder / "volumes" / "orders-identity" / "token"
        foreign = self._foreign_token()
        asked = [
            ("without an identity, reading", "", [EVENT], "401 SIGN_IN_NEEDED"),
            ("without an identity, writing", "", [f"{EVENT}/versions", post], "401 SIGN_IN_NEEDED"),
            ("with its own identity, reading", "billing", [EVENT, own[0]], "200"),
            ("with its own identity, writing", "billing", [f"{EVENT}/versions", own[0], post], "403 NOT_ALLOWED"),
            ("with its certificate alone, writing", "billing", [f"{EVENT}/versions", own[1], post], "403 NOT_ALLOWED"),
            ("with its certificate and the token of another service", "billing", [EVENT, "token=/stolen", own[1]],
             "401 TOKEN_REFUSED several"),
            ("with a token of the same name by another issuer", "", [EVENT, "token=/foreign"], "401 TOKEN_REFUSED key"),
        ]  # fmt: skip
        for number, (what, whose, (path, *credentials), answer) in enumerate(asked):
            command = ["python3", "/stranger.py", f"{REGISTRY}{path}", *credentials]
            given = {"/stranger.py": STRANGER, "/stolen": stolen, "/foreign": foreign}
            said = self._project.ran(self._project.beside(f"stranger{number}", whose, command, given))
            self._project.check(f"a stranger {what}", said, answer)
        plain = ["python3", "/stranger.py", "http://registry:8081/healthz"]
        said = self._project.ran(self._project.beside("plain", "", plain, {"/stranger.py": STRANGER}))
        self._project.check("plain http on the port of TLS", said.startswith("no answer"), True)

    def _foreign_token(self) -> Path:
        """A token as `identities` writes it, by somebody else who says to be it."""
        folder = self._project.folder / "foreign"
        folder.mkdir()
        DevIssuer("https://identities:8443", folder, (Identity("ci"),))
        return folder / "ci" / "token"


if __name__ == "__main__":
    sys.exit(main())
