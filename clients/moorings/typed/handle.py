"""Contracts whose events are objects of a class."""

from functools import cache
from typing import Any, Generic, TypeVar

from moorings.codecs.failures import NOT_AT_ONCE, Invalid
from moorings.contract import EventContract, Headers
from moorings.errors import EventInvalid, EventUnreadable
from moorings.typed.conversion import Converter, compile_converter
from moorings.violations import Violation

T = TypeVar("T")


class TypedContract(Generic[T]):
    """A contract handle that takes and gives objects of one class; made by `of`, safe from any thread."""

    def __init__(self, contract: EventContract, kind: type[T]) -> None:
        self.contract = contract
        self.kind = kind
        self._converter = converter(kind, str(contract.latest.format))  # type: ignore[arg-type]  # a class is hashable

    def encode(self, value: T) -> bytes:
        """Validate an object and write it, framed.

        Raises:
            EventInvalid: with every violation; also for something that is no object of the class.
        """
        return self.contract.encode(self.plain(value))

    def decode(self, data: bytes, headers: Headers | None = None) -> T:
        """Read a framed event as an object; raises as the contract's own `decode`.

        Raises:
            EventUnreadable: also when the event does not fit the class.
        """
        event = self.contract.decode(data, headers)
        try:
            return self._converter.into(event)  # type: ignore[no-any-return]  # an object of the class
        except NOT_AT_ONCE:
            pass  # left first: the cause may hold values
        label = self.contract.latest.label
        reason = f"it does not fit {self.kind.__qualname__}; hold the two together with moorings.typed.compare"
        raise EventUnreadable(self.contract.subject, "a revision", label, reason)

    def validate(self, value: T) -> list[Violation]:
        """Return everything that `encode` would refuse; nothing for a valid object."""
        try:
            event = self._converter.out_of(value)
        except Invalid as invalid:
            return list(invalid.violations)
        return self.contract.validate(event)

    def plain(self, value: T) -> Any:
        """Return the event of an object as the dict that is written.

        Raises:
            EventInvalid: it is no object of the class.
        """
        try:
            return self._converter.out_of(value)
        except Invalid as invalid:
            found = invalid.violations
        raise EventInvalid(self.contract.subject, self.contract.latest.label, found)


def of(contract: EventContract, kind: type[T]) -> TypedContract[T]:
    """Let a contract take and give objects of a dataclass, generated or not.

    Raises:
        ClassInvalid: the class is no dataclass or TypedDict.
    """
    return TypedContract(contract, kind)


@cache
def converter(kind: type, format: str) -> Converter:
    """Return the two functions between events of *format* and objects of *kind*, written once for each class."""
    return compile_converter(kind, format)
