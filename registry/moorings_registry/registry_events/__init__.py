"""Events of the registry itself: what happened to it, for those who may know."""

from moorings_registry.registry_events.events import Describe, RegistryEvent, events_of
from moorings_registry.registry_events.kinds import EVENT_KINDS, kinds_asked_for
from moorings_registry.registry_events.readers import Reader, reader_of_access, reader_of_node
from moorings_registry.registry_events.recent import RecentEntries

__all__ = [
    "EVENT_KINDS",
    "Describe",
    "Reader",
    "RecentEntries",
    "RegistryEvent",
    "events_of",
    "kinds_asked_for",
    "reader_of_access",
    "reader_of_node",
]
