"""Sources of existing tokens: a file that is kept up to date, or a function."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from moorings.errors import MooringsError, SignInFailed
from moorings.signin.tokens import Token, expiry_of, make_token
from moorings.transport.effects import Ask, Effects

_LARGEST_BYTES = 65_536


class FromFile:
    """Reads a file before each request: a projected workload token, which the platform keeps up to date."""

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self.name = f"the file {self._path}"

    def fetch(self) -> Effects[Token]:
        yield from ()
        try:
            with self._path.open("rb") as file:
                text = file.read(_LARGEST_BYTES + 1).decode("ascii")
        except OSError as error:
            raise SignInFailed(self.name, error.strerror or type(error).__name__) from None
        except UnicodeDecodeError:
            text = ""
        return make_token(self.name, text)


class FromFunction:
    """Calls a function of the user's, or a coroutine function under asyncio, for a text or a `Token`.

    A JWT is kept until it is about to expire; for any other text the function is called before each request. Under
    asyncio a plain function runs in a thread, because it may block.
    """

    name = "the sign-in function"

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function

    def fetch(self) -> Effects[Token]:
        try:
            found = yield Ask(self._function)
        except MooringsError:
            raise
        except Exception as error:  # noqa: BLE001 - the user's own; its message may hold a secret
            reason = f"it raised {type(error).__name__}"
        else:
            if isinstance(found, Token):
                return make_token(self.name, found.value, found.expires_s)
            token = make_token(self.name, found)
            return Token(token.value, expiry_of(token.value))
        raise SignInFailed(self.name, reason)
