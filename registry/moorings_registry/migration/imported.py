"""What another registry holds, as one neutral value, whichever way it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moorings_compat import Format, Reference
from moorings_registry.names import DEFAULT_CONTEXT

Json = Mapping[str, Any]
Place = tuple[str, int]
"""A subject as it is named there, and a version number."""


class SourceUnreadable(Exception):
    """What is to be imported cannot be read, or is not what it is said to be; the message says where."""


class SourceAway(SourceUnreadable):
    """The other registry does not answer, or does not let us in."""


class SourceDenied(SourceAway):
    """The other registry answers, and does not let us see something."""


@dataclass(frozen=True, slots=True)
class ImportedVersion:
    """One version as it is there. Whether it is valid here is not decided yet."""

    subject: str
    """Qualified outside the default context: ``:.tenant:orders-value``."""
    number: int
    id: int
    format: str
    text: str
    references: tuple[Reference, ...] = ()
    metadata: Json | None = None
    rule_set: Json | None = None
    guid: str = ""
    """Empty where the other registry tells none."""
    deleted: bool = False
    """Whether it is soft-deleted."""
    aliases: tuple[str, ...] = ()
    """The guids that it had before it came there, as far as that is asked for."""

    @property
    def place(self) -> Place:
        return (self.subject, self.number)

    @property
    def guids(self) -> tuple[str, ...]:
        """Every guid under which messages know it, as far as they are given."""
        return tuple(filter(None, (self.guid, *self.aliases)))

    @property
    def label(self) -> str:
        """How people read of it."""
        return f"{self.subject} version {self.number}"


KekName = tuple[str, str]
"""A context and a name."""


@dataclass(frozen=True, slots=True)
class ImportedKek:
    """What wraps keys, as it is there."""

    context: str
    name: str
    kms_type: str
    kms_key_id: str
    kms_props: Mapping[str, Any] = field(default_factory=dict)
    doc: str = ""
    deleted: bool = False

    @property
    def place(self) -> KekName:
        return (self.context, self.name)

    @property
    def label(self) -> str:
        return f"KEK {self.name}" + ("" if self.context == DEFAULT_CONTEXT else f" of context {self.context}")


@dataclass(frozen=True, slots=True)
class ImportedDek:
    """One version of a wrapped key, as it is there."""

    kek: KekName
    subject: str
    version: int
    algorithm: str
    encrypted_key_material: str = field(repr=False)
    """Base64."""
    deleted: bool = False

    @property
    def place(self) -> tuple[KekName, str, str, int]:
        return (self.kek, self.subject, self.algorithm, self.version)

    @property
    def label(self) -> str:
        return f"DEK version {self.version} ({self.algorithm}) of {self.subject} under KEK {self.kek[1]}"


@dataclass(frozen=True, slots=True)
class ImportedRegistry:
    """All that is taken over from one registry."""

    versions: tuple[ImportedVersion, ...] = ()
    configs: Mapping[str, Json] = field(default_factory=dict)
    """A scope's own settings, named as they are sent; scopes as in `moorings_registry.names`."""
    modes: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    """Sentences about what was found and is not taken over."""
    keks: tuple[ImportedKek, ...] = ()
    deks: tuple[ImportedDek, ...] = ()
    """By KEK, subject and algorithm, and by version."""


def read_version(content: Any, where: str, *, deleted: bool | None = None) -> ImportedVersion:
    """Read a version as the Confluent API and its topic write it.

    *deleted* is known better by whoever asked for it; None takes what the object says.

    Raises:
        SourceUnreadable: a member is missing or has another form.
    """
    if not isinstance(content, Mapping):
        raise SourceUnreadable(f"{where}: not a JSON object")
    metadata, rule_set = (_object(content, name, where) for name in ("metadata", "ruleSet"))
    return ImportedVersion(
        subject=_text(content, "subject", where),
        number=_number(content, "version", where),
        id=_number(content, "id", where),
        format=_text(content, "schemaType", where, absent=str(Format.AVRO)),
        text=_text(content, "schema", where),
        references=_references(content.get("references"), where),
        metadata=metadata,
        rule_set=rule_set,
        guid=_text(content, "guid", where, absent=""),
        deleted=bool(content.get("deleted")) if deleted is None else deleted,
    )


def read_own_settings(content: Any, where: str) -> Json:
    """Read the settings of one scope; the level is answered under another name than it is sent.

    Raises:
        SourceUnreadable: not an object.
    """
    if not isinstance(content, Mapping):
        raise SourceUnreadable(f"{where}: not a JSON object")
    settings = {name: value for name, value in content.items() if value is not None}
    level = settings.pop("compatibilityLevel", None)
    return {"compatibility": level, **settings} if level is not None else settings


def read_mode(content: Any, where: str) -> str:
    """Read the mode of one scope.

    Raises:
        SourceUnreadable: there is none.
    """
    if not isinstance(content, Mapping):
        raise SourceUnreadable(f"{where}: not a JSON object")
    return _text(content, "mode", where).upper()


def _text(content: Json, name: str, where: str, *, absent: str | None = None) -> str:
    value = content.get(name)
    value = absent if value is None else value
    if not isinstance(value, str):
        raise SourceUnreadable(f"{where}: {name} is not a string")
    return value


def _number(content: Json, name: str, where: str) -> int:
    value = content.get(name)
    if type(value) is not int or not 0 < value < 2**31:
        raise SourceUnreadable(f"{where}: {name} is not an integer from 1 to 2147483647")
    return value


def _object(content: Json, name: str, where: str) -> Json | None:
    value = content.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise SourceUnreadable(f"{where}: {name} is not a JSON object")
    return value or None


def _references(sent: Any, where: str) -> tuple[Reference, ...]:
    if sent is None:
        return ()
    if not isinstance(sent, list) or not all(isinstance(one, Mapping) for one in sent):
        raise SourceUnreadable(f"{where}: references is not a list of objects")
    return tuple(
        Reference(_text(one, "name", where), _text(one, "subject", where), _number(one, "version", where))
        for one in sent
    )
