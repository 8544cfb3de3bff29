"""The file that says how the registry signs in to Kafka: properties of librdkafka, one ``name=value`` a line.

    # /etc/moorings/kafka.properties
    security.protocol=SSL
    ssl.ca.location=/etc/moorings/kafka/ca.pem
    ssl.certificate.location=/etc/moorings/kafka/client.pem
    ssl.key.location=/etc/moorings/kafka/client.key

What decides whether an entry is kept belongs to the registry, and is refused here.
"""

import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from moorings_registry.ledger.errors import LedgerMisconfigured

_PREFIXES = ("sasl.oauthbearer.", "sasl.kerberos.", "ssl.")
_NAMES = frozenset(
    {
        "broker.address.family",
        "client.dns.lookup",
        "client.id",
        "client.rack",
        "connections.max.idle.ms",
        "https.ca.location",
        "reconnect.backoff.max.ms",
        "sasl.mechanism",
        "sasl.mechanisms",
        "sasl.password",
        "sasl.username",
        "security.protocol",
        "socket.keepalive.enable",
    }
)
_NAME = re.compile(r"[a-z0-9._]+", re.ASCII)
_SECRETS = frozenset(
    {
        "sasl.oauthbearer.assertion.private.key.passphrase",
        "sasl.oauthbearer.assertion.private.key.pem",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
        "sasl.password",
        "ssl.key.password",
        "ssl.key.pem",
        "ssl.keystore.password",
    }
)
_UNSAFE = {
    "enable.ssl.certificate.verification": ("false", "0", "f"),
    "ssl.endpoint.identification.algorithm": ("none",),
    "security.protocol": ("sasl_plaintext",),
}
_WHY_UNSAFE = "Leave it out: the registry shows credentials to a broker whose certificate fits, and over TLS"
_OF_JAVA = ("sasl.jaas.config", "ssl.truststore.", "ssl.keystore.type", "sasl.login.", "ssl.protocol")


def read_properties(path: Path) -> dict[str, str]:
    """Read the file *path*.

    Raises:
        LedgerMisconfigured: names the line, or the property, and never a value that may be secret.
    """
    try:
        text = path.read_text("utf-8")
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerMisconfigured(
            f"the file {path} cannot be read ({type(error).__name__})", "Correct config in the ledger URL"
        ) from None
    if mode & stat.S_IWOTH:
        raise LedgerMisconfigured(f"every user may write to {path}, which says who is trusted", f"Run chmod o-w {path}")
    found = dict(_pairs(text, path))
    for name, value in found.items():
        _require_allowed(name, value, path)
    _require_secrets_kept(found, path, is_readable=bool(mode & stat.S_IROTH))
    return found


def _require_secrets_kept(found: Mapping[str, str], path: Path, *, is_readable: bool) -> None:
    secret = next((name for name in found if name in _SECRETS), None)
    if secret and is_readable:
        raise LedgerMisconfigured(f"every user may read {path}, which has {secret}", f"Run chmod o-rw {path}")
    url = found.get("sasl.oauthbearer.token.endpoint.url", "")
    if "sasl.oauthbearer.client.secret" in found and not url.lower().startswith("https:"):
        raise LedgerMisconfigured(
            f"{path} has a secret for a token endpoint without TLS",
            "Let sasl.oauthbearer.token.endpoint.url begin with https:",
        )


def _pairs(text: str, path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.partition("=")
        if not equals or not _NAME.fullmatch(name.strip()):  # what is written in another way may hold a secret
            raise LedgerMisconfigured(f"line {number} of {path} is not name=value", "Write one property a line")
        yield name.strip(), value.strip()


def _require_allowed(name: str, value: str, path: Path) -> None:
    if name.startswith(_OF_JAVA):
        raise LedgerMisconfigured(
            f"{path} has {name}, a property of Java's clients",
            "Write librdkafka's: sasl.username, sasl.password, ssl.ca.location, ssl.certificate.location, ...",
        )
    if value.lower() in _UNSAFE.get(name, ()):
        raise LedgerMisconfigured(f"{path} sets {name} to {value}", _WHY_UNSAFE)
    if name not in _NAMES and not name.startswith(_PREFIXES):
        raise LedgerMisconfigured(
            f"{path} has {name}, which is not about reaching Kafka or signing in",
            "Remove it: what decides whether an entry is kept is set by the registry, and the brokers by its URL",
        )
