"""The issuers file: TOML, one table an issuer. It is accepted whole or refused whole, with the line and the reason.

[issuers.github]
kind = "github"
audience = "https://registry.example.com"
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from moorings_registry.issuers.assertions import TYPE_OF_ASSERTION
from moorings_registry.issuers.fetching import well_known
from moorings_registry.issuers.issuer import (
    ALGORITHMS,
    LONGEST_LIFE_S,
    LONGEST_SKEW_S,
    Issuer,
    Issuers,
    KeySource,
    PeopleSignIn,
)
from moorings_registry.issuers.kinds import KINDS, Kind
from moorings_registry.issuers.loopback import require_https

LARGEST_BYTES = 256 * 1024
MOST_ISSUERS = 100

_ALIAS = re.compile(r"[a-z][a-z0-9-]{0,39}")
_RESERVED = frozenset(("local", "anonymous", "import", "moorings-exporter", "moorings-registry"))
_TRUST_DOMAIN = re.compile(r"[a-z0-9._-]{1,255}")
_MUTABLE = frozenset(("email", "preferred_username", "upn", "unique_name", "name", "nickname", "actor", "login"))
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")
"""RFC 6749 §3.3."""
_OTHER_PURPOSES = frozenset(
    ("logout+jwt", "dpop+jwt", "secevent+jwt", "jose+json", TYPE_OF_ASSERTION, "moorings-session+jwt")
)
_SECRET = re.compile(r"secret|password|passphrase|api_?key|private", re.IGNORECASE)


class IssuersInvalid(Exception):
    """An issuers file that cannot be used; the text says where and why, and repeats no value."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}{f', line {line}' if line else ''}: {reason}")


class _Fault(Exception):
    """What is wrong with a setting of one issuer."""

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(reason)
        self.setting = setting


def read_issuers(path: Path) -> Issuers:
    """Read a whole issuers file. Paths in it are relative to its folder.

    Raises:
        IssuersInvalid: unreadable, not TOML, or a setting is wrong.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise IssuersInvalid(path, 0, f"cannot be read: {error.strerror or type(error).__name__}") from None
    if len(content) > LARGEST_BYTES:
        raise IssuersInvalid(path, 0, f"larger than {LARGEST_BYTES} bytes")
    try:
        text = content.decode()
        document = tomllib.loads(text)
    except UnicodeDecodeError:
        raise IssuersInvalid(path, 0, "not text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        # The parser's message may quote a character of the file, and no more.
        raise IssuersInvalid(path, 0, f"not valid TOML: {error}") from None
    issuers = _issuers(path, text, document)
    return Issuers(issuers, hashlib.sha256(content).hexdigest())


def _issuers(path: Path, text: str, document: Mapping[str, Any]) -> tuple[Issuer, ...]:
    tables = document.get("issuers")
    others = document.keys() - {"issuers"}
    if others:
        raise IssuersInvalid(path, _line_of(text, "", min(others)), "only tables [issuers.ALIAS] are known")
    if not isinstance(tables, dict) or not tables or not all(isinstance(one, dict) for one in tables.values()):
        raise IssuersInvalid(path, 0, "no table [issuers.ALIAS]")
    if len(tables) > MOST_ISSUERS:
        raise IssuersInvalid(path, 0, f"more than {MOST_ISSUERS} issuers")
    found: list[Issuer] = []
    for alias, table in tables.items():
        try:
            issuer = _issuer(path.parent, alias, table)
            _require_distinct(issuer, found)
        except _Fault as fault:
            line = _line_of(text, alias, fault.setting)
            raise IssuersInvalid(path, line, f"issuer {alias[:40]!r}, {fault.setting or 'alias'}: {fault}") from None
        found.append(issuer)
    if len({one.development for one in found}) > 1:
        raise IssuersInvalid(path, 0, "an issuer for development beside another one")
    return tuple(found)


def _require_distinct(issuer: Issuer, before: list[Issuer]) -> None:
    for other in before:
        if issuer.url and issuer.url == other.url:
            raise _Fault("issuer", f"the same URL as issuer {other.alias!r}")
        if issuer.trust_domain and issuer.trust_domain == other.trust_domain:
            raise _Fault("trust_domain", f"the same trust domain as issuer {other.alias!r}")


def _issuer(folder: Path, alias: str, table: Mapping[str, Any]) -> Issuer:
    if not _ALIAS.fullmatch(alias) or alias in _RESERVED:
        raise _Fault(
            "", "not 1 to 40 lower-case letters, digits and hyphens beginning with a letter, or a reserved name"
        )
    for name in table.keys() - _SETTINGS:
        secret = "; the registry takes no secrets" if _SECRET.search(name) else ""
        raise _Fault(name, f"unknown setting{secret}")
    kind = KINDS.get(_text(table, "kind"))
    if kind is None:
        raise _Fault("kind", f"not one of {', '.join(KINDS)}")
    url = _url_of_issuer(table, kind)
    trust_domain = _trust_domain(table, kind)
    return Issuer(
        alias=alias,
        kind=kind.name,
        url=url,
        audience=_audience(table),
        keys=_key_source(folder, table, kind, url),
        algorithms=_algorithms(table, kind),
        types=_types(table, kind),
        longest_life_s=_seconds(table, "max_life_s", 3_600, LONGEST_LIFE_S),
        skew_s=_seconds(table, "skew_s", LONGEST_SKEW_S, LONGEST_SKEW_S),
        claims=_claims(table, kind),
        groups_claim=_of_oidc(table, kind, "groups_claim"),
        trust_domain=trust_domain,
        people=_people(table, kind),
        development=_flag(table, "development"),
        exchange_for=_exchange_for(table),
        further_audiences=_further_audiences(table),
    )


def _text(table: Mapping[str, Any], name: str, default: str = "") -> str:
    value = table.get(name, default)
    if not isinstance(value, str) or len(value) > 2_000 or not value.isprintable() or value != value.strip():
        raise _Fault(name, "not a text of printable characters")
    return value


def _texts(table: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = table[name]
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise _Fault(name, "not a list of texts, or an empty one")
    return tuple(value)


def _url_of_issuer(table: Mapping[str, Any], kind: Kind) -> str:
    url = _text(table, "issuer", kind.issuer)
    if not url:
        if kind.name == "spiffe":
            return ""
        raise _Fault("issuer", "missing")
    _require_https("issuer", url)
    if any(part in ("common", "organizations", "consumers") for part in urlsplit(url).path.split("/")):
        raise _Fault("issuer", "a tenant that stands for all tenants: use the exact one")
    return url


def _require_https(name: str, url: str) -> None:
    try:
        require_https(url)
    except ValueError as error:
        raise _Fault(name, str(error)) from None


def _trust_domain(table: Mapping[str, Any], kind: Kind) -> str:
    domain = _text(table, "trust_domain")
    if kind.name != "spiffe":
        if domain:
            raise _Fault("trust_domain", "only issuers of kind spiffe have one")
        return ""
    if not _TRUST_DOMAIN.fullmatch(domain):
        raise _Fault("trust_domain", "missing, or not a SPIFFE trust domain")
    return domain


def _audience(table: Mapping[str, Any]) -> str:
    audience = _text(table, "audience")
    if not audience:
        raise _Fault("audience", "missing: the name of this registry that tokens have to be issued for")
    if "*" in audience:
        raise _Fault("audience", "a wildcard")
    return audience


def _key_source(folder: Path, table: Mapping[str, Any], kind: Kind, url: str) -> KeySource:
    chosen = [name for name in ("jwks", "jwks_file", "discovery") if name in table]
    if not chosen and kind.name == "registry":
        return KeySource(jwks=f"{url.rstrip('/')}/.well-known/jwks.json", ca_file=_path(folder, table, "ca_file"))
    if len(chosen) > 1:
        raise _Fault(chosen[1], f"{chosen[0]} is there, too: only one of them says where the keys are")
    for name in ("jwks", "discovery"):
        if name in table:
            _require_https(name, _text(table, name))
    discovery = (
        ""
        if (chosen and chosen[0] != "discovery") or not (chosen or url)
        else _text(table, "discovery") or well_known(url)
    )
    return KeySource(
        jwks=_text(table, "jwks"),
        discovery=discovery,
        file=_path(folder, table, "jwks_file"),
        ca_file=_path(folder, table, "ca_file"),
        bearer_file=_path(folder, table, "bearer_file"),
    )


def _path(folder: Path, table: Mapping[str, Any], name: str) -> Path | None:
    if name not in table:
        return None
    path = folder / _text(table, name)
    # A token that is read later may come later; what keys are read from or checked with has to be there.
    if name != "bearer_file" and not path.is_file():
        raise _Fault(name, "the file is missing")
    return path


def _algorithms(table: Mapping[str, Any], kind: Kind) -> frozenset[str]:
    if "algorithms" not in table:
        return kind.algorithms
    chosen = frozenset(_texts(table, "algorithms"))
    if not chosen <= ALGORITHMS:
        raise _Fault("algorithms", f"only signatures with public keys are accepted: {', '.join(sorted(ALGORITHMS))}")
    return chosen


def _types(table: Mapping[str, Any], kind: Kind) -> frozenset[str]:
    if "typ" not in table:
        return kind.types
    chosen = frozenset(one.lower().removeprefix("application/") for one in _texts(table, "typ"))
    if chosen & _OTHER_PURPOSES:
        raise _Fault("typ", "a type of tokens that do not sign anybody in")
    return chosen


def _seconds(table: Mapping[str, Any], name: str, default: int, most: int) -> int:
    value = table.get(name, default)
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not 0 <= value <= most
        or (not value and name != "skew_s")
    ):
        raise _Fault(name, f"not a whole number of seconds up to {most}")
    return value


def _flag(table: Mapping[str, Any], name: str) -> bool:
    value = table.get(name, False)
    if not isinstance(value, bool):
        raise _Fault(name, "not true or false")
    return value


def _claims(table: Mapping[str, Any], kind: Kind) -> tuple[str, ...]:
    if "claims" not in table:
        return ()
    if kind.name != "oidc":
        raise _Fault("claims", "only issuers of kind oidc have it: the other kinds know their claims")
    chosen = _texts(table, "claims")
    if not _MUTABLE.isdisjoint(chosen):
        raise _Fault("claims", "a name or an address, which can pass to somebody else")
    return chosen


def _exchange_for(table: Mapping[str, Any]) -> tuple[str, ...]:
    if "exchange_for" not in table:
        return ()
    chosen = _texts(table, "exchange_for")
    if not set(chosen) <= {"govern", "operate"}:
        raise _Fault("exchange_for", "a list of other verbs than govern and operate")
    return chosen


def _further_audiences(table: Mapping[str, Any]) -> tuple[str, ...]:
    if "further_audiences" not in table:
        return ()
    chosen = _texts(table, "further_audiences")
    if not all(one and "*" not in one for one in chosen):
        raise _Fault("further_audiences", "a wildcard, or an empty text")
    return chosen


def _of_oidc(table: Mapping[str, Any], kind: Kind, name: str) -> str:
    if name in table and kind.name != "oidc":
        raise _Fault(name, "only issuers of kind oidc have it")
    return _text(table, name)


def _people(table: Mapping[str, Any], kind: Kind) -> PeopleSignIn:
    people = PeopleSignIn(
        client_id=_of_oidc(table, kind, "client_id"),
        scopes=_scopes(table, kind, "scopes"),
        login_client_id=_of_oidc(table, kind, "login_client_id"),
        login_scopes=_scopes(table, kind, "login_scopes"),
    )
    if people.client_id and "openid" not in people.scopes:
        raise _Fault("scopes", "without `openid`, which makes the issuer say who signed in")
    for client, scopes in (("client_id", "scopes"), ("login_client_id", "login_scopes")):
        if scopes in table and not table.get(client):
            raise _Fault(scopes, f"{client} is missing")
    return people


def _scopes(table: Mapping[str, Any], kind: Kind, name: str) -> tuple[str, ...]:
    if name not in table:
        return ("openid",)
    if kind.name != "oidc":
        raise _Fault(name, "only issuers of kind oidc have it")
    scopes = _texts(table, name)
    if not all(_SCOPE.fullmatch(one) for one in scopes):
        raise _Fault(name, "a scope with a space or another character that scopes do not have")
    return scopes


def _line_of(text: str, alias: str, setting: str) -> int:
    """The line of a setting in the table of an issuer; the table's first line, or 0, where it is written otherwise."""
    table = 0
    header = re.compile(rf"\s*\[\s*issuers\s*\.\s*[\"']?{re.escape(alias)}[\"']?\s*\]")
    wanted = re.compile(rf"\s*[\"']?{re.escape(setting)}[\"']?\s*[=.]")
    for number, line in enumerate(text.splitlines(), 1):
        if alias and header.match(line):
            table = number
        elif table and line.lstrip().startswith("["):
            break
        elif setting and (table or not alias) and wanted.match(line):
            return number
    return table


_SETTINGS = frozenset(
    (
        "kind", "issuer", "audience", "algorithms", "typ", "jwks", "jwks_file", "discovery", "ca_file", "bearer_file",
        "max_life_s", "skew_s", "claims", "groups_claim", "trust_domain", "development",
        "client_id", "scopes", "login_client_id", "login_scopes",
        "exchange_for", "further_audiences",
    )
)  # fmt: skip
