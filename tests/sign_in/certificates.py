"""Certificates of clients, each with the flaw that a test asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PEM = serialization.Encoding.PEM
ORDERS = "spiffe://example.org/ns/shop/sa/orders"
CLIENT = (ExtendedKeyUsageOID.CLIENT_AUTH,)
SERVER = (ExtendedKeyUsageOID.SERVER_AUTH,)


@dataclass(frozen=True, slots=True)
class TestAuthority:
    __test__ = False

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, name: str = "authority") -> "TestAuthority":
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        built = _builder(subject, subject, key, days=1).add_extension(x509.BasicConstraints(True, None), critical=True)
        return cls(key, built.sign(key, hashes.SHA256()))

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    def issue(
        self,
        folder: Path,
        name: str,
        *,
        ids: Sequence[str] = (ORDERS,),
        usage: Sequence[x509.ObjectIdentifier] = CLIENT,
        days: float = 1,
        hosts: Sequence[str] = (),
    ) -> "Pair":
        """Write a certificate and its key into *folder*."""
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(one) for one in ids]
        names += [x509.DNSName(one) for one in hosts]
        built = _builder(_name(name), self.certificate.subject, key, days=days)
        built = built.add_extension(x509.ExtendedKeyUsage(list(usage)), critical=False)
        if names:
            built = built.add_extension(x509.SubjectAlternativeName(names), critical=False)
        pair = Pair(folder / f"{name}.crt", folder / f"{name}.key")
        pair.certificate.write_bytes(built.sign(self.key, hashes.SHA256()).public_bytes(PEM))
        no_encryption = serialization.NoEncryption()
        pair.key.write_bytes(key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, no_encryption))
        return pair


@dataclass(frozen=True, slots=True)
class Pair:
    """Files of a certificate and its key, in PEM."""

    certificate: Path
    key: Path

    @property
    def der(self) -> bytes:
        return x509.load_pem_x509_certificate(self.certificate.read_bytes()).public_bytes(serialization.Encoding.DER)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: float
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
    )
