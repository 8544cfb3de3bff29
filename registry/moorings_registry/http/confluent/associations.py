"""Associations: which subject describes a topic's keys or values. Serializers ask before they fall back."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import g

from moorings_registry.callers import Caller
from moorings_registry.commands import Associate, Command, Dissociate, Resource, Wish, decide, simulate
from moorings_registry.errors import (
    AssociatedSubjectKept,
    AssociationFrozen,
    AssociationInvalid,
    AssociationNotFound,
    MajorUnknown,
    MetadataInvalid,
    OperationNotPermitted,
    ReferenceExists,
    ResourceAssociatedOtherwise,
    RuleSetInvalid,
    SchemaIncompatible,
    SchemaInvalid,
    SchemaLimitExceeded,
    SubjectAssociated,
    SubjectInvalid,
    SubjectNotFound,
    SubjectStronglyAssociated,
    TooManyAssociations,
    WaiverNeeded,
)
from moorings_registry.http.confluent.answer import ASK_AGAIN, Answer
from moorings_registry.http.confluent.answer_shapes import AssociationShape, ResourceShape
from moorings_registry.http.confluent.body_shapes import AssociateBody, draft_of
from moorings_registry.http.confluent.definitions import Content
from moorings_registry.http.confluent.query_shapes import (
    AssociateQuery,
    AssociationsQuery,
    DissociateQuery,
    page,
)
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import current_context, subject_named
from moorings_registry.http.requests import current_caller, current_registry, current_state, keep
from moorings_registry.http.response_cache import StateDependency
from moorings_registry.names import Subject, context_name
from moorings_registry.state import Association, State
from moorings_registry.topics import named_by_topic

ANY_NAMESPACE = "-"


def list_of_name(namespace: str, name: str, query: Mapping[str, Any]) -> Answer:
    """List the associations of a resource, by the namespace that it is in (`-` for any) and its name."""
    state = current_state()
    listed = state.resources.get(name)
    keep(StateDependency("resources", name, listed))
    found = [one for one in listed or () if namespace in (ANY_NAMESPACE, one.resource_namespace)]
    return _list(found, query)


def list_of_resource(resource: str, query: Mapping[str, Any]) -> Answer:
    """List the associations of a resource, by its id."""
    return _list(current_state().associations_of_resource(resource), query)


def list_of_subject(subject: str, query: Mapping[str, Any]) -> Answer:
    """List the associations with a subject."""
    return _list(
        current_state().associations_of_subject(named_by_topic(current_state(), subject_named(subject))), query
    )


def _list(found: Iterable[Association], query: Mapping[str, Any]) -> Answer:
    kind, types, lifecycle = query["resource_type"], query["association_type"], query["lifecycle"].upper()
    listed = [
        one
        for one in found
        if kind in ("", one.resource_type)
        and (not types or one.association_type in types)
        and lifecycle in ("", one.lifecycle)
        and (g.context is None or one.subject.context == g.context)
    ]
    ordered = sorted(listed, key=lambda one: (one.resource_name, one.resource_namespace, one.key))
    return Answer(page(ordered, query), ASK_AGAIN)


def create(query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Associate a resource with subjects, which may be registered in the same request."""
    return _associate(resource_of(body), query, body, update=False)


def update(query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Associate a resource with subjects, or change the lifecycle of associations that it has."""
    return _associate(resource_of(body), query, body, update=True)


def update_resource(resource: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Associate the resource of that id with subjects, or change the lifecycle of associations that it has."""
    return _associate(replace(resource_of(body), id=resource), query, body, update=True)


def _associate(resource: Resource, query: Mapping[str, Any], body: Mapping[str, Any], *, update: bool) -> Answer:
    context = context_of(query)
    wishes = tuple(wish_of(one, context) for one in body["associations"] or ())
    command = Associate(resource, wishes, context, update)
    state = execute_or_simulate(command, current_caller(), dry_run=query["dry_run"])
    types = [wish.association_type for wish in wishes]
    associated = [one for one in state.associations_of_resource(resource.id) if one.association_type in types]
    if not associated:  # ended between the write and this answer to it
        raise AssociationNotFound(resource.id)
    return Answer(resource_content(state, associated), written=state)


def delete(resource: str, query: Mapping[str, Any]) -> Answer:
    """End associations of a resource; with `cascadeLifecycle`, its own subjects are soft-deleted with them."""
    types = tuple(query["association_type"])
    command = Dissociate(resource, query["resource_type"], types, query["cascade_lifecycle"])
    return Answer(written=execute_or_simulate(command, current_caller(), dry_run=query["dry_run"]))


def context_of(query: Mapping[str, Any]) -> str:
    """The context of subjects that are named without one."""
    return context_name(query["context"]) if query["context"] else current_context()


def resource_of(body: Mapping[str, Any]) -> Resource:
    """The resource that a read body names."""
    return Resource(
        id=body["resource_id"] or "",
        name=body["resource_name"] or "",
        namespace=body["resource_namespace"] or "",
        type=body["resource_type"] or "topic",
    )


def wish_of(body: Mapping[str, Any], context: str) -> Wish:
    """One association that a read body asks for."""
    subject, schema = body["subject"], body["schema"]
    return Wish(
        subject=Subject.parse(subject, context=context) if subject else None,
        association_type=body["association_type"] or "value",
        lifecycle=body["lifecycle"],
        frozen=body["frozen"],
        draft=draft_of(schema, normalize=bool(body["normalize"])) if schema is not None else None,
    )


def execute_or_simulate(command: Command, caller: Caller, *, dry_run: bool, state: State | None = None) -> State:
    """Execute *command*, or in a dry run only decide it, on *state* where one is given; the state that shows it."""
    if not dry_run:
        return current_registry().execute(command, caller)[1]
    state = current_state() if state is None else state
    current_registry().require_permitted(command, caller.principal)
    decision = decide(state, command, current_registry().dependencies)
    if decision.refusal is not None:
        raise decision.refusal(state.position)
    return simulate(state, decision.facts)


def resource_content(state: State, associations: list[Association], *, with_schemas: bool = True) -> Content:
    """A resource with those of its *associations* that are listed, of which there is at least one."""
    first = associations[0]
    return {
        "resource_name": first.resource_name,
        "resource_namespace": first.resource_namespace,
        "resource_id": first.resource_id,
        "resource_type": first.resource_type,
        "associations": [
            _subject_content(state, one, with_schema=with_schemas)
            for one in sorted(associations, key=lambda one: one.key)
        ],
    }


def _subject_content(state: State, association: Association, *, with_schema: bool) -> Content:
    held = state.subject(association.subject) if with_schema else None
    latest = held.latest if held else None
    return {
        "subject": association.subject,
        "association_type": association.association_type,
        "lifecycle": association.lifecycle,
        "frozen": association.frozen,
        **({"schema": state.definitions[latest.guid]} if latest else {}),
    }


CHANGE_ERRORS = (
    AssociationInvalid,
    TooManyAssociations,
    ResourceAssociatedOtherwise,
    SubjectAssociated,
    SubjectStronglyAssociated,
    AssociationFrozen,
    ReferenceExists,
    SubjectInvalid,
    SubjectNotFound,
    SchemaInvalid,
    SchemaLimitExceeded,
    SchemaIncompatible,
    MetadataInvalid,
    RuleSetInvalid,
    OperationNotPermitted,
    MajorUnknown,
    WaiverNeeded,
)

ROUTES = (
    Route(
        "GET",
        "/associations/resources/<namespace>/<name>",
        "listAssociationsByName",
        list_of_name,
        AssociationShape(many=True),
        AssociationsQuery(),
    ),
    Route(
        "GET",
        "/associations/resources/<resource>",
        "listAssociationsOfResource",
        list_of_resource,
        AssociationShape(many=True),
        AssociationsQuery(),
    ),
    Route(
        "GET",
        "/associations/subjects/<subject>",
        "listAssociationsOfSubject",
        list_of_subject,
        AssociationShape(many=True),
        AssociationsQuery(),
        errors=(SubjectInvalid,),
    ),
    Route(
        "POST",
        "/associations",
        "createAssociations",
        create,
        ResourceShape(),
        AssociateQuery(),
        AssociateBody(),
        errors=CHANGE_ERRORS,
    ),
    Route(
        "PUT",
        "/associations",
        "upsertAssociations",
        update,
        ResourceShape(),
        AssociateQuery(),
        AssociateBody(),
        errors=CHANGE_ERRORS,
    ),
    Route(
        "PUT",
        "/associations/resources/<resource>",
        "upsertAssociationsOfResource",
        update_resource,
        ResourceShape(),
        AssociateQuery(),
        AssociateBody(),
        errors=CHANGE_ERRORS,
    ),
    Route(
        "DELETE",
        "/associations/resources/<resource>",
        "deleteAssociations",
        delete,
        query=DissociateQuery(),
        status=204,
        errors=(AssociationNotFound, AssociationFrozen, AssociatedSubjectKept, ReferenceExists, OperationNotPermitted),
    ),
)
