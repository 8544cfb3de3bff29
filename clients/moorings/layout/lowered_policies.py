"""Policies that ask for less than they did: a registry refuses that without a waiver."""

from collections.abc import Callable, Iterator
from typing import Any

from moorings.layout.domain_file import DomainFile
from moorings.layout.folder import Folder
from moorings.layout.issues import Issue
from moorings.layout.toml_lines import line_of, lines_of
from moorings_compat import Level, ProtobufLevel, covers

_ADVICE = (
    "It holds for majors that are opened afterwards. To release the open ones have a waiver of kind level granted: "
    "moorings waivers grant."
)
_SURFACES = tuple(ProtobufLevel)


def _level_is_lower(now: Any, then: Any) -> bool:
    return not covers(Level(now), Level(then))


def _surface_is_lower(now: Any, then: Any) -> bool:
    return _SURFACES.index(ProtobufLevel(now)) < _SURFACES.index(ProtobufLevel(then))


def _is_given_up(now: Any, then: Any) -> bool:
    return bool(then) and not now


def _is_fewer(now: Any, then: Any) -> bool:
    return int(now) < int(then)


_CHECKS: dict[str, tuple[Any, Callable[[Any, Any], bool]]] = {  # by key: the default, and whether now is less than then
    "level": (Level.FULL_TRANSITIVE, _level_is_lower),
    "protobuf_level": (ProtobufLevel.WIRE, _surface_is_lower),
    "notice_days": (30, _is_fewer),
    "quiet_days": (30, _is_fewer),
    "complete": (True, _is_given_up),
}


def lowered_policies(now: Folder, then: Folder, domain: DomainFile, since: str) -> Iterator[Issue]:
    """Yield each key by which *domain* asks for less than *then* did, or than what it inherits."""
    before = then.domain(domain.domain)
    said = {*domain.policy, *(before.policy if before is not None else ())}
    lines = lines_of(domain.path.read_text("utf-8")) if domain.path.is_file() else {}
    for key, (default, is_lower) in _CHECKS.items():
        if key not in said:
            continue  # it comes from a domain above, which may not be in the folder
        ours, theirs = (one.policy_value(domain.domain, key, default) for one in (now, then))
        if is_lower(ours, theirs):
            message = f"policy.{key} is {_shown(ours)}, and was {_shown(theirs)} in {since}: it asks for less"
            line = line_of(lines, ("policy", key))
            yield Issue(domain.path, "POLICY_LOWERED", message, _ADVICE, place=f"policy.{key}", line=line)


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
