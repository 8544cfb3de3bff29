"""What each service gets into its folder, and when it gets a new one.

    orders/ca.crt  orders/tls.crt  orders/tls.key  orders/token
    registry/issuers.toml          what `moorings-registry serve --issuers` reads

Files are replaced whole and in time, as a kubelet does it: whoever reads one again has the newest.
"""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import ECKey

from moorings_registry.dev_issuer.authority import CERTIFICATE_LIFE, Authority
from moorings_registry.dev_issuer.people import CLIENT, PeopleAtIssuer, Person

AUDIENCE = "moorings"
TOKEN_LIFE_S = 600
KEY_LIFE = timedelta(hours=24)
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Service:
    """A service, and where it is reached if it is a server."""

    name: str
    hosts: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Service":
        """Read ``NAME`` or ``NAME=HOST,ADDRESS``; a service is reached by its own name in any case.

        Raises:
            ValueError: a name that is not one of a host.
        """
        name, _, hosts = text.partition("=")
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:40]!r} is not 1 to 63 lower-case letters, digits and hyphens")
        named = tuple(one.strip() for one in hosts.split(",") if one.strip())
        return cls(name, (name, *(one for one in named if one != name)))


@dataclass(frozen=True, slots=True)
class _SigningKey:
    key: ECKey
    since: datetime


class DevIssuer:
    """Issues identities of one machine's services; every key of its own stays in memory."""

    def __init__(
        self,
        url: str,
        folder: Path,
        services: tuple[Service, ...],
        *,
        registry: str = "registry",
        audience: str = AUDIENCE,
        trust_domain: str = "dev.moorings",
        people: tuple[Person, ...] = (),
        pages: str = "",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Issue as *url* into a folder below *folder* for each service; *registry* is the one that gets the issuers.

        *people* may sign in to its pages, which browsers know as *pages*.
        """
        self.url = url
        self._folder = folder
        self._services = services
        self._registry = registry
        self._audience = audience
        self._clock = clock
        self.people = PeopleAtIssuer(url, pages, people, lambda: clock().timestamp()) if people else None
        self.authority = Authority(trust_domain, clock)
        self._keys: tuple[_SigningKey, ...] = ()
        self._certified: datetime | None = None
        self._signed: datetime | None = None
        self.renew()

    def renew(self) -> None:
        """Write what is due: certificates at half their life, tokens at half of theirs."""
        now = self._clock()
        self._renew_signing_key(now)
        new_root = self.authority.renew()
        if new_root or self._certified is None or now - self._certified >= CERTIFICATE_LIFE / 2:
            self._certified = now
            for service in self._services:
                self._write_certificate(service)
        if self._signed is None or now - self._signed >= timedelta(seconds=TOKEN_LIFE_S / 2):
            self._signed = now
            for service in self._services:
                self._write(service, "token", self.token(service.name).encode())
        self._write_issuers()

    def token(self, service: str) -> str:
        """An access token (RFC 9068) for *service*."""
        now, key = int(self._clock().timestamp()), self._keys[-1].key
        claims = {
            "iss": self.url,
            "aud": self._audience,
            "sub": service,
            "client_id": service,
            "jti": uuid.uuid4().hex,
            "iat": now,
            "exp": now + TOKEN_LIFE_S,
        }
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": key.kid}, claims, key, algorithms=["ES256"])

    def tokens_of(self, person: Person, nonce: str, chosen_s: float) -> tuple[str, str]:
        """The ID token of somebody who signed in to the pages, and an access token with the same groups."""
        now, key = int(self._clock().timestamp()), self._keys[-1].key
        same = {"iss": self.url, "sub": person.name, "iat": now, "exp": now + TOKEN_LIFE_S, "groups": [*person.groups]}
        id_claims = {
            **same,
            "aud": CLIENT,
            "nonce": nonce,
            "auth_time": int(chosen_s),
            "name": person.name.capitalize(),
        }
        access = {**same, "aud": self._audience, "client_id": CLIENT, "jti": uuid.uuid4().hex}

        def signed(kind: str, claims: dict[str, object]) -> str:
            return jwt.encode({"alg": "ES256", "typ": kind, "kid": key.kid}, claims, key, algorithms=["ES256"])

        return signed("JWT", id_claims), signed("at+jwt", access)

    def metadata(self) -> bytes:
        """What discovery answers; it says that this is for development, so that no registry takes it for more."""
        told: dict[str, object] = {"issuer": self.url, "jwks_uri": f"{self.url}/jwks", "moorings_development": True}
        if self.people is not None:
            told |= self.people.metadata()
        return json.dumps(told).encode()

    def key_set(self) -> bytes:
        """The public keys of every token that may still be valid."""
        return json.dumps({"keys": [one.key.as_dict(private=False) for one in self._keys]}).encode()

    def _renew_signing_key(self, now: datetime) -> None:
        if self._keys and now - self._keys[-1].since < KEY_LIFE:
            return
        before = self._keys[-1:]  # its tokens live on for some minutes
        self._keys = (*before, _SigningKey(ECKey.generate_key("P-256", auto_kid=True), now))

    def _write_certificate(self, service: Service) -> None:
        issued = self.authority.issue(service.name, service.hosts)
        self._write(service, "ca.crt", self.authority.bundle)
        self._write(service, "tls.key", issued.key)
        self._write(service, "tls.crt", issued.certificate)

    def _write_issuers(self) -> None:
        service = next((one for one in self._services if one.name == self._registry), None)
        if service is None:
            return
        text = _ISSUERS.format(url=self.url, audience=self._audience, trust_domain=self.authority.trust_domain)
        if self.people is not None:
            text = text.replace("\n\n", f'\ngroups_claim = "groups"\nclient_id = "{CLIENT}"\n\n', 1)
        path = self._folder / service.name / "issuers.toml"
        if not path.exists() or path.read_text() != text:
            self._write(service, "issuers.toml", text.encode())

    def _write(self, service: Service, name: str, content: bytes) -> None:
        """Replace a file whole. Who may read it is decided by the folder: one volume a service."""
        folder = self._folder / service.name
        folder.mkdir(exist_ok=True)
        beside = folder / f".{name}.new"
        beside.write_bytes(content)
        beside.chmod(0o644)
        beside.replace(folder / name)


_ISSUERS = """# Written by `moorings-registry dev-issuer`. For development alone: beside any other issuer it is refused.
[issuers.dev]
kind = "oidc"
issuer = "{url}"
audience = "{audience}"
algorithms = ["ES256"]
ca_file = "ca.crt"
development = true

[issuers.dev-mesh]
kind = "spiffe"
trust_domain = "{trust_domain}"
audience = "{audience}"
development = true
"""
