"""What a handle takes and returns: plain dicts, or values of a class that two functions turn into dicts and back.

The two functions become part of the compiled short paths; without them nothing is added.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moorings.codecs.failures import SLOW_PATH, Invalid, Mismatch
from moorings.codecs.formats import Reader
from moorings.violations import Broken, Violation


@dataclass(frozen=True, slots=True)
class ValueMapping:
    """`out_of` returns the plain event of a value, `into` the value of a plain event; None: values are plain events.

    `out_of` may raise `codecs.failures.Invalid` with violations of its own; any of `SLOW_PATH` that either raises
    means that the value does not fit.
    """

    into: Callable[[Any], Any] | None = None
    out_of: Callable[[Any], Any] | None = None

    def encoder(self, at_once: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
        """Put `out_of` before a short path."""
        out_of = self.out_of
        if out_of is None:
            return at_once

        def encode(value: Any) -> bytes:
            try:
                return at_once(out_of(value))
            except Invalid:
                raise ValueError from None  # the long path calls `out_of` again

        return encode

    def decoder(self, at_once: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        """Put `into` behind a short path."""
        into = self.into
        if into is None:
            return at_once

        def decode(data: bytes) -> Any:
            return into(at_once(data))

        return decode

    def plain(self, value: Any) -> Any:
        """Return the plain event of a value.

        Raises:
            Invalid: it is not a value of the class.
        """
        if self.out_of is None:
            return value
        try:
            return self.out_of(value)
        except SLOW_PATH:
            pass  # raised outside: the cause may hold values
        raise Invalid([Violation("", "a value of the handle's class", Broken.TYPE_WRONG)])

    def mismatch(self, reader: Reader, data: bytes, error: BaseException) -> Mismatch:
        """Say where and why *error* was raised for *data*: by the codec, or by `into`."""
        if self.into is not None:
            try:
                reader.at_once(data)
            except SLOW_PATH as codec_error:
                return reader.mismatch(data, codec_error)
            return Mismatch("", "the event does not fit the handle's class")
        return reader.mismatch(data, error)


PLAIN = ValueMapping()
