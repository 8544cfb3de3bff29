"""Runs `examples/compose/compose.yaml` where no engine for containers runs, and strangers beside it.

The image is built from the Dockerfile. Each service of the file runs in namespaces of its own: its address, its
volumes, its user, its rights, its checks of health and its order as the file says. What stands in for something else
is the image of the broker: Debian's Redis instead of Redis' own image.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compose_file import Health, Service, Volume, read_compose_file, started_in_order
from containers import Container, Host, Mount, Spec, enter_namespaces, fill_volume
from image_build import ROOT, Image, base_root, build_image, copy_root, run_inside

from moorings_registry.dev_issuer import DevIssuer
from moorings_registry.dev_issuer import Service as Identity

FILE = ROOT / "examples/compose/compose.yaml"
STRANGER = ROOT / "tools/compose_stranger.py"
STAND_INS = {"redis:7-bookworm": "redis-server"}
"""Packages of the distribution in place of images that cannot be fetched here."""
STARTED_IN_S = 120
REGISTRY = "https://registry:8081"
EVENT = "/v1/events/shop.orders.OrderPlaced"


def main() -> int:
    """Return 0 when the services did their work and every stranger was refused."""
    services = read_compose_file(FILE)
    with tempfile.TemporaryDirectory(prefix="moorings-compose-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        built = build_image(folder)
        images = {one.image: built if one.is_built else _stand_in(one.image, folder) for one in services.values()}
        enter_namespaces()
        project = Project(folder, services, images)
        try:
            return 0 if project.is_proven() else 1
        finally:
            project.host.stop()


class Project:
    """The services of the file, started and asked."""

    def __init__(self, folder: Path, services: dict[str, Service], images: dict[str, Image]) -> None:
        self._folder = folder
        self._services = services
        self._images = images
        (folder / "containers").mkdir()
        self.host = Host(folder / "containers")
        self.host.name(*services)
        self._containers: dict[str, Container] = {}
        self._failed: list[str] = []

    def is_proven(self) -> bool:
        for service in started_in_order(self._services):
            for other, condition in service.depends_on.items():
                self._await(other, condition)
            print(f"-- {service.name}: {' '.join(_command(service, self._images[service.image]))[:90]}", flush=True)
            self._containers[service.name] = self.host.start(self._spec(service))
        for name in ("orders", "billing"):
            self._await(name, "service_completed_successfully")
        self._check_work()
        self._check_separation()
        self._check_strangers()
        for line in self._failed:
            print("FAILED", line)
        return not self._failed

    def _check_work(self) -> None:
        sent, handled = self._containers["orders"].said(), self._containers["billing"].said()
        self._check("the producer sends", re.findall(r"sent: (o-\d)", sent), ["o-1", "o-2", "o-3"])
        self._check("its client refuses", "TYPE_WRONG" in sent and "FIELD_UNDECLARED" in sent, True)
        self._check("the consumer handles", re.findall(r"handled: (o-\d)", handled), ["o-1", "o-2", "o-3"])
        said = self._containers["registry"].said()
        known = sorted(set(re.findall(r'"principal":"(dev:\w+)"', said)))
        self._check("the registry knows them apart", known, ["dev:billing", "dev:ci", "dev:orders"])
        tokens = [one for path in (self._folder / "volumes").glob("*/token") for one in path.read_text().split(".")[1:]]
        self._check("no token is in its log", [one for one in tokens if one in said], [])

    def _check_separation(self) -> None:
        """What a service has in its container of the identities of others: nothing."""
        inside = self.host.start(self._beside("inside", "billing", ["sleep", "600"]))
        time.sleep(1)
        found = inside.run(["find", "/", "-xdev", "-name", "tls.key"]).stdout.split()
        mounted = inside.run(["find", "/identity", "-name", "tls.key"]).stdout.split()
        self._check("a container has one identity", (found, mounted), ([], ["/identity/tls.key"]))
        owner = inside.run(["python3", "-c", "import os; print(os.getuid())"]).stdout.strip()
        written = inside.run(["touch", "/identity/token"]).returncode + inside.run(["touch", "/etc/x"]).returncode
        self._check("it is nobody of importance, and changes nothing", (owner, written), ("10001", 2))

    def _check_strangers(self) -> None:
        schema = json.dumps({"schema": '{"type": "string"}', "format": "AVRO"})
        post, own = f"post={schema}", ("token=/identity/token", "identity=/identity")
        stolen = self._folder / "volumes" / "orders-identity" / "token"
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
            said = self._ran(self._beside(f"stranger{number}", whose, command, given))
            self._check(f"a stranger {what}", said, answer)
        plain = ["python3", "/stranger.py", "http://registry:8081/healthz"]
        said = self._ran(self._beside("plain", "", plain, {"/stranger.py": STRANGER}))
        self._check("plain http on the port of TLS", said.startswith("no answer"), True)

    def _foreign_token(self) -> Path:
        """A token as `identities` writes it, by somebody else who says to be it."""
        folder = self._folder / "foreign"
        folder.mkdir()
        DevIssuer("https://identities:8443", folder, (Identity("ci"),))
        return folder / "ci" / "token"

    def _ran(self, spec: Spec) -> str:
        container = self.host.start(spec)
        try:
            container.wait(30)
        except subprocess.TimeoutExpired:
            container.stop()
        return container.said().strip()

    def _beside(self, name: str, whose: str, command: list[str], given: dict[str, Path] | None = None) -> Spec:
        """A container on the same network, with the identity of one of the services or none."""
        service = self._services["billing"]
        volumes = [one for one in service.volumes if one.source == f"{whose}-identity"]
        mounts = [self._mount(service, one) for one in volumes]
        mounts += [Mount(path, target, read_only=True) for target, path in (given or {}).items()]
        image = self._images[service.image]
        return Spec(name, image, command, {}, mounts, read_only=True, no_capabilities=True, no_new_privileges=True)

    def _spec(self, service: Service) -> Spec:
        image = self._images[service.image]
        mounts = [*(Mount(None, one) for one in service.tmpfs), *(self._mount(service, one) for one in service.volumes)]
        return Spec(
            service.name,
            image,
            _command(service, image),
            service.environment,
            mounts,
            service.user,
            service.folder,
            service.read_only,
            service.drops_capabilities,
            service.no_new_privileges,
        )

    def _mount(self, service: Service, volume: Volume) -> Mount:
        if not volume.is_named:
            return Mount((FILE.parent / volume.source).resolve(), volume.target, volume.read_only)
        path = self._folder / "volumes" / volume.source
        fill_volume(path, self._images[service.image], volume.target)
        return Mount(path, volume.target, volume.read_only)

    def _await(self, name: str, condition: str) -> None:
        container, service = self._containers[name], self._services[name]
        health = service.health or Health(tuple(self._images[service.image].health), 1.0, 60)
        deadline = time.monotonic() + STARTED_IN_S
        while time.monotonic() < deadline:
            ended = container.poll()
            if condition == "service_completed_successfully" and ended is not None:
                if ended:
                    raise SystemExit(f"{name} ended with {ended}:\n{container.said()[-3000:]}")
                return
            if condition == "service_started" and ended is None:
                return
            if condition == "service_healthy" and container.run(health.test).returncode == 0:
                return
            if ended:
                raise SystemExit(f"{name} ended with {ended}:\n{container.said()[-3000:]}")
            time.sleep(health.interval_s if condition == "service_healthy" else 0.2)
        raise SystemExit(f"{name} is not {condition} within {STARTED_IN_S} s:\n{container.said()[-3000:]}")

    def _check(self, what: str, found: object, wanted: object) -> None:
        print(f"-- {what}: {found}", flush=True)
        if found != wanted:
            self._failed.append(f"{what}: {found!r} instead of {wanted!r}")


def _command(service: Service, image: Image) -> list[str]:
    """As an engine puts it together: an entry point of the file's own leaves the image's command out."""
    entrypoint = image.entrypoint if service.entrypoint is None else list(service.entrypoint)
    otherwise = image.command if service.entrypoint is None else []
    return [*entrypoint, *(otherwise if service.command is None else service.command)]


def _stand_in(name: str, folder: Path) -> Image:
    """An image with a package of the distribution."""
    package = STAND_INS[name]
    print(f"-- {name}: Debian's {package} stands in", flush=True)
    image = Image(package, folder / package)
    if not image.root.exists():
        copy_root(base_root(), image.root)
        policy = image.root / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")  # nothing is to be started while it is installed
        policy.chmod(0o755)
        run_inside(
            image, ["/bin/sh", "-c", f"apt-get update && apt-get install --yes --no-install-recommends {package}"]
        )
        shutil.rmtree(image.root / "var/lib/apt/lists", ignore_errors=True)
    return image


if __name__ == "__main__":
    sys.exit(main())
