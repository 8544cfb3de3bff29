"""Fields that are internal to the domain of an event, left out for applications of other domains.

The bytes have them, and so does the schema: readers of any other maker get them. Ours takes them out of each event
after the contract's rules ran, and before the application sees it.
"""

import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from moorings.codecs.failures import Mismatch
from moorings.codecs.formats import MessageReader, Reader, event_name
from moorings.contracts.deprecation import level_outside
from moorings.contracts.resolver import ResolvedContract
from moorings_compat.fields import ANY, pointer_of
from moorings_compat.fields.internal import Omission, internal_omission, internal_paths, leave_out

STRIP = "strip"
"""What a domain says that wants them left out; ``flag``: they are kept, and a warning names them."""
_NAMED = 10


class InternalFields(UserWarning):
    """An application reads an event of another domain that has fields for that domain alone."""


@dataclass(frozen=True, slots=True)
class ForeignView:
    """What an application of another domain gets of the events of a contract."""

    omissions: tuple[Omission, ...]
    """What is left out; empty where all is kept."""
    pointers: tuple[str, ...]
    """The internal fields."""
    domain: str

    @property
    def listed(self) -> str:
        """The internal fields, for texts."""
        more = f" and {len(self.pointers) - _NAMED} more" if len(self.pointers) > _NAMED else ""
        return ", ".join(self.pointers[:_NAMED]) + more

    def reader(self, inner: Reader) -> Reader:
        """Return a reader that leaves out what is internal; *inner* itself where nothing is left out."""
        if not self.omissions:
            return inner
        if isinstance(inner, MessageReader):
            return _ForeignMessageReader(inner, self.omissions)
        return _ForeignReader(inner, self.omissions)


def foreign_view(subject: str, resolved: ResolvedContract) -> ForeignView | None:
    """Return what applications of other domains get of a contract; None where it has no internal field.

    What the newest revision says counts for older ones and for readers of the application's own, too.
    """
    if not resolved.internal_fields:
        return None
    event, metadata = event_name(subject), resolved.version.metadata
    schemas = dict.fromkeys((resolved.schema, resolved.reader.schema))
    pointers = dict.fromkeys(pointer_of(path) for one in schemas for path in internal_paths(one, event, metadata))
    if not pointers:
        return None
    found = (internal_omission(one, event, metadata) for one in schemas)
    strips = resolved.internal_fields == STRIP
    omissions = tuple(one for one in found if one is not None) if strips else ()
    return ForeignView(omissions, tuple(pointers), resolved.domain)


_warned: set[tuple[str, int]] = set()
_lock = threading.Lock()


def warn_of_internal_fields(subject: str, major: int, view: ForeignView) -> None:
    """Warn, once in each process, at the line of the service that asked for the contract."""
    with _lock:
        if (subject, major) in _warned:
            return
        _warned.add((subject, major))
    what = "left out" if view.omissions else "not for other domains"
    warnings.warn(
        f"fields of {subject} major {major} are internal to domain {view.domain} and {what}: {view.listed}; "
        f"an application of that domain says so with connect(domain={view.domain!r}) or MOORINGS_DOMAIN",
        InternalFields,
        stacklevel=level_outside(),
    )


class _ForeignReader:
    def __init__(self, inner: Reader, omissions: Sequence[Omission]) -> None:
        self._inner = inner
        self.at_once = _without(inner.at_once, omissions, leave_out)

    def mismatch(self, data: bytes, error: BaseException) -> Mismatch:
        """Say where and why `at_once` raised *error*."""
        return self._inner.mismatch(data, error)


class _ForeignMessageReader(_ForeignReader):
    """Reads Protobuf events, as messages too."""

    def __init__(self, inner: MessageReader, omissions: Sequence[Omission]) -> None:
        super().__init__(inner, omissions)
        self.message_at_once = _without(inner.message_at_once, omissions, _clear)


def _without(
    at_once: Callable[[bytes], Any], omissions: Sequence[Omission], take_out: Callable[[Any, Omission], None]
) -> Callable[[bytes], Any]:
    def stripped(data: bytes) -> Any:
        event = at_once(data)
        for omission in omissions:
            take_out(event, omission)
        return event

    return stripped


def _clear(message: Any, omission: Omission) -> None:
    """Clear internal fields of a Protobuf message; fields that the reader does not know may be internal, too."""
    message.DiscardUnknownFields()
    waiting = [(message, omission)]
    while waiting:
        one, omitted = waiting.pop()
        known = one.DESCRIPTOR.fields_by_name
        for name in omitted.names:
            if name in known:
                one.ClearField(name)
        for name, below in omitted.inside.items():
            if name in known:
                waiting.extend(_below(one, known[name], below))


def _below(message: Any, field: Any, omission: Omission) -> list[tuple[Any, Omission]]:
    """The messages in one field, with what each of them loses."""
    value = getattr(message, field.name)
    if not field.is_repeated:
        return [(value, omission)] if message.HasField(field.name) else []
    each = omission.inside.get(ANY)
    if each is None:
        return []
    return [(inner, each) for inner in (value.values() if hasattr(value, "values") else value)]
