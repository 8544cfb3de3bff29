"""Names for content: the digest that is the same in every registry."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from moorings_compat.canonical_json import canonical_bytes
from moorings_compat.schema import Format, Reference


def content_guid(
    format: Format,
    identity: str,
    references: Iterable[Reference],
    metadata: Mapping[str, Any] | None,
    rule_set: Mapping[str, Any] | None,
    dialect: str = "",
) -> uuid.UUID:
    """Digest one definition into a guid: text, format, references, metadata and rules, nothing else.

    A *dialect* counts too where a policy chose one (`Schema.dialect`): the text then has another meaning.

    SHA-256 over canonical JSON, its first 128 bits as a version 8 UUID (RFC 9562, section 5.8). *identity* is
    `Schema.identity`. Absent and empty metadata or rules are the same.
    """
    content = {
        "format": str(format),
        "text": identity,
        "references": sorted([one.name, one.subject, one.version] for one in references),
        "metadata": metadata or None,
        "ruleSet": rule_set or None,
        **({"dialect": dialect} if dialect else {}),
    }
    digest = bytearray(hashlib.sha256(canonical_bytes(content)).digest()[:16])
    digest[6] = 0x80 | (digest[6] & 0x0F)
    digest[8] = 0x80 | (digest[8] & 0x3F)
    return uuid.UUID(bytes=bytes(digest))
