"""Correlation ids: taken from the request where they are usable, made otherwise, and sent back."""

import re
import uuid
from collections.abc import Mapping

HEADERS = ("X-Correlation-ID", "X-Request-ID")
_USABLE = re.compile(r"[A-Za-z0-9_.:/+=-]{1,128}")


def correlation_id(headers: Mapping[str, str]) -> str:
    """The id that the caller sent in either header, if it is safe to log and to store; else a new one."""
    for name in ("x-correlation-id", "x-request-id"):
        sent = headers.get(name)
        if sent and _USABLE.fullmatch(sent):
            return sent
    return uuid.uuid4().hex
