"""Reads a compose file, strictly: what it says and is not understood here is an error, and nothing is passed over.

The keys are those of the Compose Specification that `examples/compose` uses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_SERVICE_KEYS = frozenset(
    ("image", "build", "read_only", "tmpfs", "cap_drop", "security_opt", "user", "entrypoint", "command", "environment",
     "working_dir", "volumes", "healthcheck", "depends_on", "stop_grace_period")
)  # fmt: skip
CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")


@dataclass(frozen=True)
class Health:
    """How to ask a service whether it is well; no *test* of its own: as the image says."""

    test: tuple[str, ...]
    interval_s: float
    retries: int


@dataclass(frozen=True)
class Volume:
    """A named volume, or a path of this machine, at a place in a container."""

    source: str
    target: str
    read_only: bool
    is_named: bool


@dataclass(frozen=True)
class Service:
    """One service, as the file has it."""

    name: str
    image: str
    is_built: bool
    entrypoint: tuple[str, ...] | None
    command: tuple[str, ...] | None
    environment: Mapping[str, str]
    user: str
    folder: str
    volumes: tuple[Volume, ...]
    tmpfs: tuple[str, ...]
    read_only: bool
    drops_capabilities: bool
    no_new_privileges: bool
    health: Health | None
    depends_on: Mapping[str, str]
    """The services that it waits for, each with the condition."""
    grace_s: float
    """Seconds that it has to end."""


def read_compose_file(path: Path) -> dict[str, Service]:
    """The services of a file, by name.

    Raises:
        SystemExit: something in it is wrong, or not understood here.
    """
    whole = yaml.load(path.read_text(), _Strict)  # a safe loader that also refuses keys given twice
    known = {key for key in whole if key.startswith("x-")} | {"name", "services", "volumes"}
    _require(not whole.keys() - known, f"{path}: unknown keys {sorted(whole.keys() - known)}")
    services = {name: _service(name, given, whole["volumes"]) for name, given in whole["services"].items()}
    for one in services.values():
        for other, condition in one.depends_on.items():
            _require(other in services, f"{one.name}: depends on {other}, which is not a service")
            _require(condition in CONDITIONS, f"{one.name}: unknown condition {condition}")
    used = {volume.source for one in services.values() for volume in one.volumes if volume.is_named}
    _require(used == set(whole["volumes"]), f"volumes that are not used: {sorted(set(whole['volumes']) - used)}")
    return services


def started_in_order(services: Mapping[str, Service]) -> list[Service]:
    """Each service after those that it depends on.

    Raises:
        SystemExit: they depend on one another in a circle.
    """
    ordered: list[Service] = []
    while len(ordered) < len(services):
        done = {one.name for one in ordered}
        ready = [one for one in services.values() if one.name not in done and not one.depends_on.keys() - done]
        _require(bool(ready), "services depend on one another in a circle")
        ordered += ready
    return ordered


class _Strict(yaml.SafeLoader):
    """Refuses a key that is given twice, which YAML forbids and its reader lets through."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        given = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        _require(len(given) == len(set(given)) or hasattr(node, "merged"), f"a key is given twice: {node.start_mark}")
        node.merged = True  # merging puts the keys of anchors into the same list, before those of the node itself
        return super().construct_mapping(node, deep)


def _service(name: str, given: Mapping[str, Any], volumes: Mapping[str, Any]) -> Service:
    _require(not given.keys() - _SERVICE_KEYS, f"{name}: not understood: {sorted(given.keys() - _SERVICE_KEYS)}")
    dropped, options = given.get("cap_drop", []), given.get("security_opt", [])
    _require(dropped in ([], ["ALL"]), f"{name}: cap_drop is ALL or nothing here")
    _require(options in ([], ["no-new-privileges:true"]), f"{name}: security_opt {options}")
    return Service(
        name=name,
        image=given["image"],
        is_built="build" in given,
        entrypoint=_words(name, given.get("entrypoint")),
        command=_words(name, given.get("command")),
        environment={key: _text(name, value) for key, value in given.get("environment", {}).items()},
        user=_text(name, given.get("user", "")),
        folder=given.get("working_dir", ""),
        volumes=tuple(_volume(name, text, volumes) for text in given.get("volumes", [])),
        tmpfs=tuple(given.get("tmpfs", [])),
        read_only=given.get("read_only", False),
        drops_capabilities=bool(dropped),
        no_new_privileges=bool(options),
        health=_health(name, given["healthcheck"]) if "healthcheck" in given else None,
        depends_on={other: rules["condition"] for other, rules in given.get("depends_on", {}).items()},
        grace_s=_seconds(given.get("stop_grace_period", "10s")),
    )


def _volume(name: str, text: str, volumes: Mapping[str, Any]) -> Volume:
    source, target, *mode = text.split(":")
    _require(mode in ([], ["ro"]), f"{name}: volume {text}")
    is_named = not source.startswith((".", "/"))
    _require(not is_named or source in volumes, f"{name}: volume {source} is not listed under `volumes`")
    _require(target.startswith("/"), f"{name}: volume {text}")
    return Volume(source, target, bool(mode), is_named)


def _health(name: str, given: Mapping[str, Any]) -> Health:
    _require(not given.keys() - {"test", "interval", "timeout", "retries"}, f"{name}: healthcheck {given}")
    kind, *words = given["test"]
    _require(kind == "CMD", f"{name}: healthcheck of kind {kind}")
    return Health(tuple(words), _seconds(given.get("interval", "30s")), given.get("retries", 3))


def _seconds(text: str) -> float:
    matched = re.fullmatch(r"(\d+)s", text)
    _require(matched is not None, f"not a number of seconds: {text}")
    assert matched is not None
    return float(matched[1])


def _words(name: str, given: Any) -> tuple[str, ...] | None:
    """Words as the process gets them: a list, in which ``$$`` stands for ``$``."""
    if given is None:
        return None
    _require(isinstance(given, list), f"{name}: a command is a list here, which no shell takes apart")
    return tuple(_text(name, one) for one in given)


def _text(name: str, value: Any) -> str:
    _require(isinstance(value, str), f"{name}: {value!r} is not text; put it into quotation marks")
    _require(
        "$" not in value.replace("$$", ""), f"{name}: variables of the environment are not filled in here: {value}"
    )
    return str(value).replace("$$", "$")


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise SystemExit(what)
