"""The token of a person who ran `moorings login`."""

import time
from collections.abc import Callable, Sequence

from moorings.errors import SignInFailed
from moorings.signin.issuer_endpoints import refresh
from moorings.signin.login_store import SOURCE, Login, LoginStore
from moorings.signin.tokens import Token
from moorings.transport.effects import Ask, Effects
from moorings.transport.sync_runner import SyncRunner

_MARGIN_S = 30.0
_TIMEOUT_S = 10.0


class FromLogin:
    """Reads what `moorings login` stored for the registry at one of *urls*, and renews it where that is possible."""

    name = SOURCE

    def __init__(
        self, urls: Sequence[str], store: LoginStore | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._urls = tuple(urls)
        self._store = store or LoginStore()
        self._clock = clock

    def fetch(self) -> Effects[Token]:
        found: Token = yield Ask(self._current)  # files, locks and another issuer: may block
        return found

    def _current(self) -> Token:
        login = next((one for url in self._urls if (one := self._store.find(url)) is not None), None)
        if login is None:
            raise SignInFailed(SOURCE, f"nobody is signed in at {self._urls[0]}: run `moorings login`")
        if self._is_due(login) and login.refresh_token:
            login = self._renewed(login)
        if self._clock() >= login.expires_s:
            raise SignInFailed(SOURCE, "the sign-in has ended: run `moorings login` again")
        return Token(login.token, login.expires_s)

    def _renewed(self, login: Login) -> Login:
        with self._store.turn(login.url):
            now = self._store.find(login.url) or login
            if not self._is_due(now) or not now.refresh_token:
                return now  # another process has renewed it meanwhile
            runner = SyncRunner()
            try:
                fresh = runner.run(refresh(now, _TIMEOUT_S, self._clock))
            except SignInFailed:
                if self._clock() < now.expires_s:
                    return now
                raise
            finally:
                runner.close()
            self._store.put(fresh)
            return fresh

    def _is_due(self, login: Login) -> bool:
        return self._clock() >= login.expires_s - _MARGIN_S
