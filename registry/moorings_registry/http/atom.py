"""Events of the registry as an Atom feed (RFC 4287)."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from moorings_registry.registry_events import RegistryEvent

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_NEVER = "1970-01-01T00:00:00Z"
"""When a feed without entries last changed."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold (section 2.2)."""


def atom_feed(source: str, url: str, address: str, events: Sequence[RegistryEvent]) -> bytes:
    """Write *events*, newest first, as a feed.

    *source* names the registry, *url* is where it is found (empty where nobody knows; links are paths then), and
    *address* the path of the feed there.
    """
    feed = ET.Element("feed", {"xmlns": _NAMESPACE})
    _text(feed, "id", f"{source}{address}")
    _text(feed, "title", "Moorings: what happened to the registry")
    _text(feed, "updated", events[0].recorded_at if events else _NEVER)
    _text(ET.SubElement(feed, "author"), "name", "Moorings")
    ET.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": _clean(url + address)})
    for event in events:
        feed.append(_entry(source, url, event))
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _entry(source: str, url: str, event: RegistryEvent) -> ET.Element:
    entry = ET.Element("entry")
    _text(entry, "id", f"{source}/events/{event.id}")
    _text(entry, "title", f"{event.kind}: {event.subject}" if event.subject else event.kind)
    _text(entry, "updated", event.recorded_at)
    _text(entry, "published", event.recorded_at)
    ET.SubElement(entry, "category", {"term": event.kind})
    if event.link:
        ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": _clean(url + event.link)})
    _text(entry, "content", event.summary)
    return entry


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
