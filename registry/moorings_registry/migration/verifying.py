"""Comparing two registries by what they answer: what one held has to be found in the other.

The moment of registration is not compared, since it is the import's own here. Texts of JSON are compared as JSON,
others word by word. A registry that tells less than another is not held against either.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from moorings_compat import Format
from moorings_registry.configuration import SETTINGS
from moorings_registry.errors import Refusal
from moorings_registry.migration.imported import ImportedRegistry, ImportedVersion, Place
from moorings_registry.migration.peer import Peer, segment
from moorings_registry.schema_contents.metadata import read_metadata, read_rule_set


def differences(expected: ImportedRegistry, found: ImportedRegistry) -> Iterator[str]:
    """Yield a sentence for each thing of *expected* that *found* lacks or has differently; additions do not count."""
    here: dict[Place, ImportedVersion] = {one.place: one for one in found.versions}
    for version in expected.versions:
        other = here.get(version.place)
        if other is None:
            yield f"{version.label} is missing here"
        else:
            yield from (f"{version.label}: {what}" for what in _different_members(version, other))
    for scope, settings in expected.configs.items():
        own = found.configs.get(scope, {})
        for name in sorted(SETTINGS.keys() & settings.keys()):
            if not _same_setting(name, settings[name], own.get(name)):
                yield f"{_label(scope)}: the setting {name} is not what it is there"
    for scope, mode in expected.modes.items():
        if found.modes.get(scope) != mode:
            yield f"{_label(scope)}: the mode is {found.modes.get(scope, 'not set')} here, {mode} there"
    yield from _different_keys(expected, found)


def _different_keys(expected: ImportedRegistry, found: ImportedRegistry) -> Iterator[str]:
    """Yield what is said otherwise of a key; in no sentence what it is."""
    keks = {one.place: one for one in found.keks}
    deks = {one.place: one for one in found.deks}
    sought = [(one, keks.get(one.place)) for one in expected.keks] + [
        (one, deks.get(one.place)) for one in expected.deks
    ]
    for there, here in sought:
        if here is None:
            yield f"{there.label} is missing here"
        elif there != here:
            yield f"{there.label} is not what it is there"


def different_answers(expected: ImportedRegistry, there: Peer, here: Peer, *, same_guids: bool = True) -> Iterator[str]:
    """Ask both registries about each version in every way that clients have, and yield where they answer otherwise.

    Without *same_guids* the other registry computes guids in a way of its own.

    Raises:
        SourceAway, SourceUnreadable
    """
    known_ids = {one.id for one in expected.versions}
    for version in expected.versions:
        for path in _questions(version):
            asked, answered = there.find(path), here.find(path)
            if asked is not None and not _agrees(_only_known(asked, known_ids), answered, same_guids=same_guids):
                yield f"{version.label}: {path} is answered otherwise"


def _questions(version: ImportedVersion) -> tuple[str, ...]:
    subject = segment(version.subject)
    place = f"/subjects/{subject}/versions/{version.number}"
    return (
        f"{place}/referencedby",
        f"/schemas/ids/{version.id}?subject={subject}",
        f"/schemas/ids/{version.id}/subjects?subject={subject}&deleted=true",
        f"/schemas/ids/{version.id}/versions?subject={subject}&deleted=true",
    )


def _only_known(answer: Any, ids: set[int]) -> Any:
    """Less the ids of versions that were not taken over, where *answer* lists ids."""
    if isinstance(answer, list):
        return [one for one in answer if not isinstance(one, int) or one in ids]
    return answer


def _agrees(there: Any, here: Any, *, same_guids: bool) -> bool:
    """Whether an answer here says at least what it says there."""
    if isinstance(there, list):
        return isinstance(here, list) and all(one in here for one in there)
    if not isinstance(there, Mapping) or not isinstance(here, Mapping):
        return bool(there == here)
    format = str(there.get("schemaType") or Format.AVRO)
    names = ("schemaType", "version", "deleted", *(("guid",) if same_guids else ()))
    return same_text(format, str(there.get("schema")), str(here.get("schema"))) and all(
        there.get(name) in (None, here.get(name)) for name in names
    )


def _different_members(there: ImportedVersion, here: ImportedVersion) -> Iterator[str]:
    if there.id != here.id:
        yield f"the id is {here.id} here, {there.id} there"
    if there.guid not in ("", here.guid):
        yield f"the guid is {here.guid} here, {there.guid} there"
    if there.deleted != here.deleted:
        yield "soft-deleted here, active there" if here.deleted else "active here, soft-deleted there"
    if there.format != here.format or not same_text(there.format, there.text, here.text):
        yield "the schema is another one"
    if set(there.references) != set(here.references):
        yield "the references are others"
    if _plain(read_metadata, there.metadata) != here.metadata:
        yield "the metadata are others"
    if _plain(read_rule_set, there.rule_set) != here.rule_set:
        yield "the rule set is another one"


def same_text(format: str, there: str, here: str) -> bool:
    """Whether two texts of a format say the same word by word, but for whitespace."""
    if there == here:
        return True
    if format == Format.PROTOBUF:
        return there.split() == here.split()
    try:
        return bool(orjson.loads(there) == orjson.loads(here))
    except orjson.JSONDecodeError:
        return False


def _same_setting(name: str, there: Any, here: Any) -> bool:
    return bool(_plain(lambda value: SETTINGS[name](name, value), there) == here)


def _plain(read: Any, value: Any) -> Any:
    """*value* as this registry keeps it; one that it refuses stays as it is, and so differs."""
    try:
        return read(value)
    except Refusal:
        return value


def _label(scope: str) -> str:
    return scope or "the registry as a whole"
