"""A certificate authority of a day, whose key never leaves memory, and the certificates that it issues."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(hours=24)
CERTIFICATE_LIFE = timedelta(hours=1)
_BACKDATED = timedelta(minutes=1)
"""Clocks of other containers may be a little behind."""


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate and its key, both in PEM."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class _Root:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """Issues certificates of a trust domain; a new root takes over at half the life of the one before it."""

    def __init__(self, trust_domain: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.trust_domain = trust_domain
        self._clock = clock
        self._roots: tuple[_Root, ...] = ()
        self.renew()

    def renew(self) -> bool:
        """Make a new root if it is time; whether the bundle changed."""
        now = self._clock()
        newest = self._roots[-1].certificate if self._roots else None
        if newest is not None and now < newest.not_valid_after_utc - AUTHORITY_LIFE / 2:
            return False
        alive = tuple(one for one in self._roots if one.certificate.not_valid_after_utc > now)
        self._roots = (*alive, self._new_root(now))
        return True

    @property
    def bundle(self) -> bytes:
        """The roots that certificates in use may be from, in PEM."""
        return b"".join(one.certificate.public_bytes(serialization.Encoding.PEM) for one in self._roots)

    def issue(self, service: str, hosts: tuple[str, ...] = ()) -> IssuedCertificate:
        """Issue a certificate for *service*, as a client and as a server with these names and addresses."""
        now, root = self._clock(), self._roots[-1]
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [
            x509.UniformResourceIdentifier(f"spiffe://{self.trust_domain}/{service}"),
            *(_general_name(host) for host in hosts),
        ]
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        certificate = (
            _builder(service, key.public_key(), root.certificate.subject, now, CERTIFICATE_LIFE)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False)
            .sign(root.key, hashes.SHA256())
        )
        return IssuedCertificate(certificate.public_bytes(serialization.Encoding.PEM), _private_pem(key))

    def _new_root(self, now: datetime) -> _Root:
        key = ec.generate_private_key(ec.SECP256R1())
        name = f"Moorings development {now:%Y-%m-%d %H:%M:%S}"
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            _builder(name, key.public_key(), subject, now, AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_SIGNING, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256())
        )
        return _Root(certificate, key)


def _builder(
    name: str, key: ec.EllipticCurvePublicKey, issuer: x509.Name, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + life)
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


_SIGNING = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
