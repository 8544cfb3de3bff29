"""The workload that a client certificate is for: the one SPIFFE ID among its names (X509-SVID §2)."""

from datetime import UTC, datetime

from cryptography import x509

from moorings_registry.errors import TokenFault, TokenRefused
from moorings_registry.issuers import Trust
from moorings_registry.issuers.kinds import spiffe_workload
from moorings_registry.principals import Principal


def certificate_principal(der: bytes, trust: Trust) -> tuple[Principal, float]:
    """The principal of a certificate that TLS has verified already, and when it expires, in seconds of the epoch.

    Raises:
        TokenRefused: no SPIFFE ID, several names, not valid now, or of a trust domain that is not configured.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        raise TokenRefused(TokenFault.CERTIFICATE) from None
    ids = names.get_values_for_type(x509.UniformResourceIdentifier)
    now = datetime.now(UTC)
    if len(ids) != 1 or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise TokenRefused(TokenFault.CERTIFICATE)
    issuer = trust.trust_domain(ids[0].removeprefix("spiffe://").partition("/")[0])
    if issuer is None:
        raise TokenRefused(TokenFault.CERTIFICATE)
    workload = spiffe_workload(issuer, ids[0])
    provenance = {"certificate": format(certificate.serial_number, "x")}
    principal = Principal(
        f"{issuer.alias}:{workload.subject}", issuer.alias, workload.claims, "certificate", provenance, issuer.scope
    )
    return principal, certificate.not_valid_after_utc.timestamp()
