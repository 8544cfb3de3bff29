"""The metric of the certificate that is served with."""

from pathlib import Path

from cryptography import x509
from prometheus_client import Gauge

EXPIRES = Gauge(
    "moorings_tls_certificate_expires_seconds",
    "When the certificate that is served with ends, in seconds since 1970; 0 without TLS.",
    multiprocess_mode="mostrecent",
)


def note_certificate(path: Path) -> None:
    """Note the one in a PEM file that is served with from now on."""
    EXPIRES.set(x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc.timestamp())
