"""How facts about associations of schemas with resources change the state."""

from moorings_registry import facts
from moorings_registry.names import Subject
from moorings_registry.state.fold.draft import Appliers, Draft, reindex, set_or_drop
from moorings_registry.state.values import Association


def _resource_associated(draft: Draft, fact: facts.ResourceAssociated) -> None:
    at = draft.entry.recorded_at
    listed = draft.resources.get(fact.resource_name, ())
    key = (fact.resource_id, fact.resource_type, fact.association_type)
    before = next((one for one in listed if one.key == key), None)
    association = Association(
        subject=Subject.parse(fact.subject),
        guid=fact.guid,
        resource_name=fact.resource_name,
        resource_namespace=fact.resource_namespace,
        resource_id=fact.resource_id,
        resource_type=fact.resource_type,
        association_type=fact.association_type,
        lifecycle=fact.lifecycle,
        frozen=fact.frozen,
        created_at=before.created_at if before else at,
        changed_at=at,
    )
    _associate(draft, fact.resource_name, (*(one for one in listed if one.key != key), association))


def _resource_dissociated(draft: Draft, fact: facts.ResourceDissociated) -> None:
    key = (fact.resource_id, fact.resource_type, fact.association_type)
    listed = draft.resources.get(fact.resource_name, ())
    _associate(draft, fact.resource_name, tuple(one for one in listed if one.key != key))


def _associate(draft: Draft, name: str, after: tuple[Association, ...]) -> None:
    """Make *after* the associations of a name, and update the indexes by id and by subject."""
    before = draft.resources.get(name, ())
    set_or_drop(draft.resources, name, after)
    reindex(draft.named, name, {one.resource_id for one in before}, {one.resource_id for one in after})
    reindex(draft.leading, name, {one.subject for one in before}, {one.subject for one in after})


APPLY: Appliers = {
    facts.ResourceAssociated: _resource_associated,
    facts.ResourceDissociated: _resource_dissociated,
}
