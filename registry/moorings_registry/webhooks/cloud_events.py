"""Events of the registry as CloudEvents 1.0 over HTTP, structured or binary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from moorings_registry.registry_events import RegistryEvent

STRUCTURED = "application/cloudevents+json; charset=utf-8"
TYPE_PREFIX = "moorings.registry."
VERSION = "v1"
"""Of the events: members may be added to their data, and none changes its meaning."""
TESTED = "WebhookTested"
"""The kind of an event that is sent on request, to see whether it arrives."""

_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')
"""What attributes keep as it is in headers (CloudEvents HTTP binding 1.0.2, section 3.1.3.2)."""


@dataclass(frozen=True, slots=True)
class HttpEvent:
    """The headers and the body of a request."""

    headers: Mapping[str, str]
    body: bytes


def attributes_of(event: RegistryEvent, source: str) -> dict[str, str]:
    """The attributes of a CloudEvent; `sequence` orders the events of one registry as text does."""
    told = {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": f"{TYPE_PREFIX}{event.kind}.{VERSION}",
        "subject": event.subject,
        "time": event.recorded_at,
        "datacontenttype": "application/json",
        "domain": event.domain,
        "correlationid": event.correlation_id,
        "sequence": f"{event.position:012d}.{event.index:04d}",
    }
    return {name: value for name, value in told.items() if value}


def data_of(event: RegistryEvent, url: str) -> dict[str, Any]:
    """The payload: a sentence, who did it, a link to a page of the registry at *url*, and what happened."""
    return {
        "summary": event.summary,
        "actor": event.actor,
        "position": event.position,
        "link": f"{url}{event.link}" if event.link else "",
        **event.data,
    }


def write(attributes: Mapping[str, str], data: Mapping[str, Any], mode: str) -> HttpEvent:
    """Write a CloudEvent in *mode*, ``structured`` or ``binary``."""
    if mode == "structured":
        body = orjson.dumps({**attributes, "data": data})
        return HttpEvent({"Content-Type": STRUCTURED}, body)
    headers = {f"ce-{name}": quote(value, safe=_SAFE) for name, value in attributes.items() if name != _CONTENT_TYPE}
    return HttpEvent({"Content-Type": attributes[_CONTENT_TYPE], **headers}, orjson.dumps(data))


_CONTENT_TYPE = "datacontenttype"
