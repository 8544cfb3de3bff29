"""The client certificate that a trusted proxy verified, as the header has it that the proxy sends.

Three forms are in use, all of a whole certificate: RFC 9440 (``Client-Cert: :BASE64:``); PEM, percent-encoded (nginx,
and Traefik without the first and last line); and Envoy's list, whose last element is of the nearest proxy, with
``Cert``. Names alone (``URI=``, a subject) are not taken: they can be quoted by whoever chose them.
"""

import base64
import binascii
import re
from urllib.parse import unquote

from moorings_registry.errors import TokenFault, TokenRefused

LARGEST = 32 * 1024

_QUOTED_OR_BREAK = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[,"]')
_CERTIFICATE = re.compile(r'(?:\A|;)\s*Cert="([^"\\]*)"', re.IGNORECASE)
_ENVOY_PAIR = re.compile(r"\A\s*(?:By|Hash|Cert|Chain|Subject|URI|DNS)=", re.IGNORECASE)
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def forwarded_certificate(value: str) -> bytes:
    """The certificate in DER; empty where the proxy says that its caller showed none.

    Raises:
        TokenRefused: too long, or in none of the forms.
    """
    if not value.strip():
        return b""
    if len(value) > LARGEST:
        raise TokenRefused(TokenFault.SIZE)
    text = value.strip()
    if _ENVOY_PAIR.match(text):
        text = _of_envoy(text)
    if text.startswith(":") and text.endswith(":") and len(text) > 1:
        return _decoded(text[1:-1])
    text = unquote(text)
    if _BEGIN in text:
        before, _, rest = text.partition(_BEGIN)
        inner, _, after = rest.partition(_END)
        if before.strip() or after.strip():
            raise TokenRefused(TokenFault.CERTIFICATE)
        text = inner
    return _decoded("".join(text.split()))


def _of_envoy(text: str) -> str:
    begins = 0
    for found in _QUOTED_OR_BREAK.finditer(text):
        if found[0] == '"':  # one that nothing closes
            raise TokenRefused(TokenFault.CERTIFICATE)
        if found[0] == ",":
            begins = found.end()
    certificates = _CERTIFICATE.findall(text[begins:])
    if len(certificates) != 1:
        raise TokenRefused(TokenFault.CERTIFICATE)
    return str(certificates[0])


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise TokenRefused(TokenFault.CERTIFICATE) from None
