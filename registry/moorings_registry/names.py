"""Names: subjects, the domains they belong to, and the contexts that keep tenants apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from moorings_registry.errors import DomainNameInvalid, SubjectInvalid

DEFAULT_CONTEXT = "."
LONGEST_NAME = 500
"""Characters of a subject or domain; a name is a key in every answer, log line and URL."""

_RESERVED = {"__GLOBAL", "__EMPTY"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_QUALIFIED = re.compile(r":(?P<context>\.[^:]*|\*):(?P<name>.*)", re.DOTALL)
_CONTEXT = re.compile(r"\.[A-Za-z0-9_.-]{0,200}")
_SUFFIX = re.compile(r"-(key|value)\Z")
_DOMAIN = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*")


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """The name under which the versions of one schema are kept: ``shop.orders.OrderPlaced``."""

    name: str
    context: str = DEFAULT_CONTEXT

    @classmethod
    def parse(cls, text: str, *, context: str = DEFAULT_CONTEXT) -> "Subject":
        """Read a subject, plain or qualified (``:.tenant:name``).

        *context* is where a plain name lies.

        Raises:
            SubjectInvalid: empty, reserved, too long, with control characters, or qualified twice.
        """
        return _subject(text, context)

    def __str__(self) -> str:
        return self.name if self.context == DEFAULT_CONTEXT else f":{self.context}:{self.name}"

    @property
    def domain(self) -> str | None:
        """The producing domain that the name speaks of: ``shop.orders``; None without a dot."""
        return next(iter(self.domains), None)

    @property
    def domains(self) -> tuple[str, ...]:
        """The domain and everything above it, nearest first; none without a dot."""
        return _domains(self.name)

    @property
    def event(self) -> str:
        """The event's own name: ``OrderPlaced``."""
        return _SUFFIX.sub("", self.name).rpartition(".")[2]

    @property
    def of_event(self) -> "Subject":
        """The subject of the event itself, without a suffix: ``shop.OrderPlaced`` of ``shop.OrderPlaced-key``."""
        name = _SUFFIX.sub("", self.name)
        return self if name == self.name else Subject(name, self.context)

    @property
    def is_key(self) -> bool:
        """Whether this names the schema of a record's key, which is not an event."""
        return self.name.endswith("-key")


@lru_cache(maxsize=4_096)  # a registration asks ten times which domains own its subject
def _domains(name: str) -> tuple[str, ...]:
    return tuple(domain_and_ancestors(_SUFFIX.sub("", name).rpartition(".")[0]))


@lru_cache(maxsize=4_096)  # a request that writes reads its subject four times
def _subject(text: str, context: str) -> Subject:
    matched = _QUALIFIED.fullmatch(text)
    name = matched["name"] if matched else text
    where = matched["context"] if matched else context
    if not name or name in _RESERVED or _CONTROL.search(name) or len(name) > LONGEST_NAME:
        raise SubjectInvalid(text)
    if not _CONTEXT.fullmatch(where) or (matched and _QUALIFIED.fullmatch(name)):
        raise SubjectInvalid(text)
    return Subject(name, where)


def is_qualified(text: str) -> bool:
    """Whether *text* names a context before a subject, or before the beginning of one: ``:.tenant:shop``."""
    return _QUALIFIED.fullmatch(text) is not None


def split_qualified(text: str) -> tuple[str, str]:
    """The context and the rest of a qualified *text*: ``*`` for every context, and perhaps an empty rest."""
    matched = _QUALIFIED.fullmatch(text)
    return (matched["context"], matched["name"]) if matched else (DEFAULT_CONTEXT, text)


def context_name(text: str) -> str:
    """Return *text* as the name of a context: ``tenant``, ``.tenant`` and ``:.tenant:`` name the same.

    Raises:
        SubjectInvalid: other characters than letters, digits, ``_``, ``-`` and ``.``.
    """
    bare = text[1:-1] if len(text) > 1 and text.startswith(":") and text.endswith(":") else text
    name = bare if bare.startswith(".") else f".{bare}"
    if not _CONTEXT.fullmatch(name):
        raise SubjectInvalid(text)
    return name


@dataclass(frozen=True, slots=True)
class Scope:
    """What settings or a mode are set for: a subject, a context, or the registry, which is the default context."""

    context: str
    subject: Subject | None = None
    """None where the whole context is meant."""

    @classmethod
    def parse(cls, text: str, *, context: str = DEFAULT_CONTEXT) -> "Scope":
        """Read a scope: a subject, plain or qualified, or a context as ``:.name:``.

        *context* is where a plain name lies.

        Raises:
            SubjectInvalid: neither of them.
        """
        matched = _QUALIFIED.fullmatch(text)
        if matched and not matched["name"]:
            return cls(context_name(text))
        return cls.of(Subject.parse(text, context=context))

    @classmethod
    def of(cls, subject: Subject) -> "Scope":
        """The scope that is one subject."""
        return cls(subject.context, subject)

    @classmethod
    def of_key(cls, key: str) -> "Scope":
        """The scope whose `key` this is: what a fact calls a scope."""
        return cls.parse(key) if key else REGISTRY_SCOPE

    @property
    def key(self) -> str:
        """The text that facts and the state file the scope under; empty for the registry."""
        if self.subject is not None:
            return str(self.subject)
        return "" if self.context == DEFAULT_CONTEXT else f":{self.context}:"


REGISTRY_SCOPE = Scope(DEFAULT_CONTEXT)
"""What is set for the registry as a whole."""
LAST_SCOPE = Scope(".__GLOBAL")
"""Where settings are looked for last, whatever the context."""


def domain_name(text: str) -> str:
    """Return *text* as the name of a domain.

    Raises:
        DomainNameInvalid: not lower-case words joined by dots.
    """
    if len(text) > LONGEST_NAME or not _DOMAIN.fullmatch(text):
        raise DomainNameInvalid(text)
    return text


def domain_and_ancestors(domain: str) -> Iterator[str]:
    """Yield the domain and everything above it, nearest first: ``shop.orders``, ``shop``."""
    while domain:
        yield domain
        domain = domain.rpartition(".")[0]


def is_within(domain: str | None, ancestor: str) -> bool:
    """Whether *domain* is *ancestor* or lies below it."""
    return domain is not None and (domain == ancestor or domain.startswith(ancestor + "."))
