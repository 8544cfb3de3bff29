"""A compose file's services in namespaces: started in their order, awaited by their checks of health, and asked.

What stands in for images that cannot be fetched here is a package of the distribution.
"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from compose_file import Health, Service, Volume, read_compose_file, started_in_order
from containers import Container, Host, Mount, Spec, enter_namespaces, fill_volume
from image_build import Image, base_root, build_image, copy_root, run_inside

STAND_INS = {
    "redis:7-bookworm": "redis-server",
    "postgres:15-bookworm": "postgresql",
    "haproxy:2.6-bookworm": "haproxy",
}
"""Packages of the distribution in place of images that cannot be fetched here."""
STARTED_IN_S = 240


def proven(file: Path, ask: Callable[["Project"], None]) -> int:
    """Start the services of *file*, *ask* of them once the producer and the consumer are done; 0 when all is right."""
    with tempfile.TemporaryDirectory(prefix=f"moorings-{file.stem}-", ignore_cleanup_errors=True) as name:
        project = Project(file, Path(name))
        try:
            project.start()
            for client in ("orders", "billing"):
                project.wait_for(client, "service_completed_successfully")
            ask(project)
            return 0 if project.is_proven() else 1
        finally:
            project.host.stop()


class Project:
    """The services of the file, started and asked."""

    def __init__(self, file: Path, folder: Path) -> None:
        """Build or fetch what the services run, below *folder*, and leave this machine's network."""
        self.file = file
        self.folder = folder
        self.services = read_compose_file(file)
        built = build_image(folder)
        images = {one.image: one.is_built for one in self.services.values()}
        self.images = {name: built if is_built else _stand_in(name, folder) for name, is_built in images.items()}
        enter_namespaces()
        (folder / "containers").mkdir()
        self.host = Host(folder / "containers")
        self.host.name(*self.services)
        self.containers: dict[str, Container] = {}
        self.failed: list[str] = []

    def start(self) -> None:
        """Start every service after those that it waits for."""
        for service in started_in_order(self.services):
            for other, condition in service.depends_on.items():
                self.wait_for(other, condition)
            print(f"-- {service.name}: {' '.join(_command(service, self.images[service.image]))[:90]}", flush=True)
            self.containers[service.name] = self.host.start(self.spec(service))

    def is_proven(self) -> bool:
        """Say what was not as it should be, if anything."""
        for line in self.failed:
            print("FAILED", line)
        return not self.failed

    def beside(
        self,
        name: str,
        whose: str,
        command: list[str],
        given: dict[str, Path] | None = None,
        *,
        environment: bool = False,
    ) -> Spec:
        """A container on the same network, with the identity of one of the services or none.

        With *environment*, it has that service's variables as well.
        """
        service = self.services[whose or "billing"]
        volumes = [one for one in service.volumes if whose and one.source == f"{whose}-identity"]
        mounts = [self.mount(service, one) for one in volumes]
        mounts += [Mount(path, target, read_only=True) for target, path in (given or {}).items()]
        image = self.images[service.image]
        variables = service.environment if environment else {}
        return Spec(
            name, image, command, variables, mounts, read_only=True, no_capabilities=True, no_new_privileges=True
        )

    def ran(self, spec: Spec) -> str:
        container = self.host.start(spec)
        try:
            container.wait(30)
        except subprocess.TimeoutExpired:
            container.stop()
        return container.said().strip()

    def spec(self, service: Service) -> Spec:
        image = self.images[service.image]
        mounts = [*(Mount(None, one) for one in service.tmpfs), *(self.mount(service, one) for one in service.volumes)]
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
            service.grace_s,
        )

    def mount(self, service: Service, volume: Volume) -> Mount:
        if not volume.is_named:
            return Mount((self.file.parent / volume.source).resolve(), volume.target, volume.read_only)
        path = self.folder / "volumes" / volume.source
        fill_volume(path, self.images[service.image], volume.target)
        return Mount(path, volume.target, volume.read_only)

    def wait_for(self, name: str, condition: str) -> None:
        container, service = self.containers[name], self.services[name]
        health = service.health or Health(tuple(self.images[service.image].health), 1.0, 60)
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

    def check(self, what: str, found: object, wanted: object) -> None:
        print(f"-- {what}: {found}", flush=True)
        if found != wanted:
            self.failed.append(f"{what}: {found!r} instead of {wanted!r}")


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
