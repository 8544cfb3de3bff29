"""The identity of a CI job: its platform vouches for repository, branch and environment; no secret is stored."""

import os
import time
from urllib.parse import urlencode

from moorings.errors import SettingInvalid, SignInFailed
from moorings.signin.exchange import exchange, refuse_plain_http
from moorings.signin.tokens import Token, expiry_of, make_token
from moorings.transport.effects import Effects, Send

DEFAULT_AUDIENCE = "moorings"
_UNSAID_S = 60.0
"""How long a token without an expiry is kept."""


class GitHubJob:
    """The OIDC token of a GitHub Actions job; the workflow needs ``permissions: id-token: write``.

    Source: GitHub's "OpenID Connect reference", requesting the token with environment variables.
    """

    name = "GitHub Actions"

    def __init__(self, audience: str = DEFAULT_AUDIENCE, timeout_s: float = 5.0) -> None:
        self._audience = audience
        self._timeout_s = timeout_s

    def fetch(self) -> Effects[Token]:
        url = os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL")
        key = os.environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
        if not url or not key:
            raise SignInFailed(self.name, "not a job with `permissions: id-token: write`")
        refuse_plain_http(url, "ACTIONS_ID_TOKEN_REQUEST_URL")
        joint = "&" if "?" in url else "?"
        send = Send(
            "GET",
            f"{url}{joint}{urlencode({'audience': self._audience})}",
            {"Authorization": f"Bearer {make_token(self.name, key).value}", "Accept": "application/json"},
            timeout_s=self._timeout_s,
        )
        found = yield from exchange(self.name, send)
        token = make_token(self.name, found.get("value"))
        return Token(token.value, expiry_of(token.value) or time.time() + _UNSAID_S)


class GitLabJob:
    """An ID token of a GitLab CI job, from the variable that its ``id_tokens`` section names."""

    def __init__(self, variable: str = "MOORINGS_ID_TOKEN") -> None:
        if not variable.isidentifier():
            raise SettingInvalid(
                "not the name of an environment variable: only letters, digits and underscores are allowed"
            )
        self._variable = variable
        self.name = f"the variable {variable} of the GitLab job"

    def fetch(self) -> Effects[Token]:
        yield from ()
        value = os.environ.get(self._variable)
        if not value:
            raise SignInFailed(self.name, f"it is not set; the job needs `id_tokens: {self._variable}: aud: ...`")
        return make_token(self.name, value)
