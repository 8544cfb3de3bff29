"""Associations: which subject describes a topic's keys or values. Serializers ask before they fall back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Response, g

from moorings_compat import Problem
from moorings_registry.commands import Associate, Command, Dissociate, Resource, Wish, decide, simulate
from moorings_registry.errors import (
    AssociatedSubjectKept,
    AssociationFrozen,
    AssociationInvalid,
    AssociationNotFound,
    MetadataInvalid,
    OperationNotPermitted,
    ReferenceExists,
    RequestInvalid,
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
)
from moorings_registry.http.confluent.answers import ASK_AGAIN, Json, answer, empty_answer
from moorings_registry.http.confluent.bodies import flag_of, read_draft, read_object, text_of
from moorings_registry.http.confluent.parameters import (
    ASSOCIATION_TYPE,
    CASCADE,
    CONTEXT,
    DRY_RUN,
    LIFECYCLE,
    LIMIT,
    OFFSET,
    RESOURCE_TYPE,
    page,
)
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import current_context, subject_named
from moorings_registry.http.requests import current_caller, current_registry, current_state, keep, wrote
from moorings_registry.http.response_cache import StateDependency
from moorings_registry.names import Subject, context_name
from moorings_registry.service import Caller
from moorings_registry.state import Association, State

ANY_NAMESPACE = "-"


def list_of_name(namespace: str, name: str) -> Response:
    """List the associations of a resource, by the namespace it lies in (`-` for any) and its name."""
    state = current_state()
    listed = state.resources.get(name)
    keep(StateDependency("resources", name, listed))
    found = [one for one in listed or () if namespace in (ANY_NAMESPACE, one.resource_namespace)]
    return _list(found)


def list_of_resource(resource: str) -> Response:
    """List the associations of a resource, by its id."""
    return _list(current_state().associations_of_resource(resource))


def list_of_subject(subject: str) -> Response:
    """List the associations that lead to a subject."""
    return _list(current_state().associations_of_subject(subject_named(subject)))


def create() -> Response:
    """Associate a resource with subjects, which may be registered in the same request."""
    return _associate(read_object(), None, update=False)


def update() -> Response:
    """Associate a resource with subjects, or change the lifecycle of what stands."""
    return _associate(read_object(), None, update=True)


def update_resource(resource: str) -> Response:
    """Associate the resource of that id with subjects, or change the lifecycle of what stands."""
    return _associate(read_object(), resource, update=True)


def delete(resource: str) -> Response:
    """End associations of a resource; with `cascadeLifecycle`, its own subjects are soft-deleted with them."""
    command = Dissociate(resource, RESOURCE_TYPE.value, tuple(ASSOCIATION_TYPE.value), CASCADE.value)
    return wrote(empty_answer(), done(command, current_caller()))


def _associate(body: Mapping[str, Any], resource: str | None, *, update: bool) -> Response:
    context = context_asked()
    asked = read_resource(body, resource)
    command = Associate(asked, _wishes(body.get("associations"), context), context, update)
    state = done(command, current_caller())
    types = [wish.association_type for wish in command.wishes]
    standing = [one for one in state.associations_of_resource(asked.id) if one.association_type in types]
    if not standing:  # ended between the write and this answer to it
        raise AssociationNotFound(asked.id)
    return wrote(answer(resource_object(state, standing)), state)


def context_asked() -> str:
    """Where subjects lie that are named without a context."""
    return context_name(CONTEXT.value) if CONTEXT.value else current_context()


def read_resource(body: Mapping[str, Any], id: str | None = None) -> Resource:
    """The resource that a body names, or that *id* names before it."""
    return Resource(
        id=id or text_of(body, "resourceId") or "",
        name=text_of(body, "resourceName") or "",
        namespace=text_of(body, "resourceNamespace") or "",
        type=text_of(body, "resourceType") or "topic",
    )


def done(command: Command, caller: Caller, state: State | None = None) -> State:
    """Do what is asked, or in a dry run only decide it, on *state* where one is given; the state that shows it."""
    if not DRY_RUN.value:
        return current_registry().execute(command, caller)[1]
    state = current_state() if state is None else state
    decision = decide(state, command, current_registry().dependencies)
    if decision.refusal is not None:
        raise decision.refusal(state.position)
    return simulate(state, decision.facts)


def _wishes(sent: Any, context: str) -> tuple[Wish, ...]:
    if sent is None:
        return ()
    if not isinstance(sent, list) or not all(isinstance(one, Mapping) for one in sent):
        raise RequestInvalid("associations takes a list of objects", [Problem("/associations", "not a list")])
    return tuple(read_wish(one, context) for one in sent)


def read_wish(sent: Mapping[str, Any], context: str) -> Wish:
    """One association that a body asks for."""
    subject, schema = text_of(sent, "subject"), sent.get("schema")
    if schema is not None and not isinstance(schema, Mapping):
        raise RequestInvalid("The schema of an association is an object", [Problem("/associations", "no schema")])
    return Wish(
        subject=Subject.parse(subject, context=context) if subject else None,
        association_type=text_of(sent, "associationType") or "value",
        lifecycle=text_of(sent, "lifecycle"),
        frozen=flag_of(sent, "frozen"),
        draft=read_draft(schema, normalize=bool(flag_of(sent, "normalize"))) if schema is not None else None,
    )


def _list(found: Iterable[Association]) -> Response:
    kinds, types, lifecycle = RESOURCE_TYPE.value, ASSOCIATION_TYPE.value, LIFECYCLE.value.upper()
    listed = [
        one
        for one in found
        if kinds in ("", one.resource_type)
        and (not types or one.association_type in types)
        and lifecycle in ("", one.lifecycle)
        and (g.context is None or one.subject.context == g.context)
    ]
    ordered = sorted(listed, key=lambda one: (one.resource_name, one.resource_namespace, one.key))
    return answer([association_object(one) for one in page(ordered)], cache=ASK_AGAIN)


def association_object(association: Association) -> Json:
    """An association in full."""
    return {
        "subject": str(association.subject),
        "guid": association.guid,
        "resourceName": association.resource_name,
        "resourceNamespace": association.resource_namespace,
        "resourceId": association.resource_id,
        "resourceType": association.resource_type,
        "associationType": association.association_type,
        "lifecycle": association.lifecycle,
        "frozen": association.frozen,
        "createTs": _moment_ms(association.created_at),
        "updateTs": _moment_ms(association.changed_at),
    }


def resource_object(state: State, standing: list[Association], *, with_schemas: bool = True) -> Json:
    """A resource with those of its associations that are listed, of which there is at least one."""
    first = standing[0]
    return {
        "resourceName": first.resource_name,
        "resourceNamespace": first.resource_namespace,
        "resourceId": first.resource_id,
        "resourceType": first.resource_type,
        "associations": [
            _info_object(state, one, with_schema=with_schemas) for one in sorted(standing, key=lambda one: one.key)
        ],
    }


def _info_object(state: State, association: Association, *, with_schema: bool) -> Json:
    held = state.subject(association.subject) if with_schema else None
    latest = held.latest if held else None
    definition = state.definitions[latest.guid] if latest else None
    return {
        "subject": str(association.subject),
        "associationType": association.association_type,
        "lifecycle": association.lifecycle,
        "frozen": association.frozen,
        **({"schema": {"schema": definition.text, "schemaType": str(definition.format)}} if definition else {}),
    }


def _moment_ms(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)


_SELECT = (RESOURCE_TYPE, ASSOCIATION_TYPE, LIFECYCLE, OFFSET, LIMIT)
CHANGE_REFUSALS = (
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
)

ROUTES = (
    Route("GET", "/associations/resources/<namespace>/<name>", list_of_name, _SELECT),
    Route("GET", "/associations/resources/<resource>", list_of_resource, _SELECT),
    Route("GET", "/associations/subjects/<subject>", list_of_subject, _SELECT, (SubjectInvalid,)),
    Route("POST", "/associations", create, (CONTEXT, DRY_RUN), CHANGE_REFUSALS),
    Route("PUT", "/associations", update, (CONTEXT, DRY_RUN), CHANGE_REFUSALS),
    Route("PUT", "/associations/resources/<resource>", update_resource, (CONTEXT, DRY_RUN), CHANGE_REFUSALS),
    Route(
        "DELETE",
        "/associations/resources/<resource>",
        delete,
        (RESOURCE_TYPE, ASSOCIATION_TYPE, CASCADE, DRY_RUN),
        (AssociationNotFound, AssociationFrozen, AssociatedSubjectKept, ReferenceExists, OperationNotPermitted),
    ),
)
