"""Resources of a cluster and the subjects that belong to them."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ResourceAssociated:
    """A resource, such as a topic, is described by a subject, on these terms from now on."""

    subject: str
    guid: str
    """Names the association, not a schema."""
    resource_name: str
    resource_namespace: str
    """The Kafka cluster's id."""
    resource_id: str
    resource_type: str
    association_type: str
    """``key`` or ``value``."""
    lifecycle: str
    """``STRONG``: the subject belongs to the resource alone; ``WEAK``: it is independent."""
    frozen: bool
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ResourceDissociated:
    """An association of a resource ended."""

    resource_name: str
    resource_id: str
    resource_type: str
    association_type: str
    v: ClassVar[int] = 1


AssociationFact = ResourceAssociated | ResourceDissociated
