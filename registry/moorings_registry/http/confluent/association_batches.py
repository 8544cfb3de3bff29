"""Associations of several resources in one request: each succeeds or fails on its own, and the answer says which."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from moorings_registry.callers import Caller
from moorings_registry.commands import Associate, ChangeAssociations, Dissociate, Resource
from moorings_registry.errors import AssociationNotFound, NotAllowed, Refusal, RequestInvalid, SignInNeeded
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import BatchShape
from moorings_registry.http.confluent.associations import (
    ANY_NAMESPACE,
    CHANGE_ERRORS,
    context_of,
    execute_or_simulate,
    resource_content,
    resource_of,
    wish_of,
)
from moorings_registry.http.confluent.body_shapes import (
    DELETE,
    UPSERT,
    BatchChangeBody,
    BatchGetBody,
    ResourceChangeBody,
    ResourceQueryBody,
)
from moorings_registry.http.confluent.definitions import Content
from moorings_registry.http.confluent.query_shapes import AssociateQuery, BatchGetQuery
from moorings_registry.http.confluent.request_reading import load_object
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.requests import current_caller, current_registry, current_state
from moorings_registry.http.statuses import STATUSES
from moorings_registry.state import Association, State

_MULTI_STATUS = 207
_QUERY_SHAPE, _CHANGE_SHAPE = ResourceQueryBody(), ResourceChangeBody()


def get_many(query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Show the associations of several resources, each named by its id, or by its name and namespace."""
    state = current_state()

    def show(sent: Mapping[str, Any]) -> Content:
        request = load_object(_QUERY_SHAPE, sent)
        resource = resource_of(request)
        found = _selected(state, resource, _types(request))
        if not found:
            raise AssociationNotFound(resource.id or resource.name)
        return resource_content(state, found, with_schemas=query["include_schemas"])

    return Answer({"results": [_result(show, one) for one in body["requests"]]})


def change_many(query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Create, upsert and delete associations of several resources; for each resource, all or nothing."""
    changes = _Changes(context_of(query), dry_run=query["dry_run"])
    changes.require_permitted(body["requests"])
    results = [_result(changes.change, one) for one in body["requests"]]
    return Answer({"results": results}, written=changes.state)


class _Changes:
    """The changes of one request; in a dry run each is decided on what those before it would lead to."""

    def __init__(self, context: str, *, dry_run: bool) -> None:
        self.state = current_state()
        self._context = context
        self._dry_run = dry_run
        self._caller = current_caller()
        self._number = 0

    def require_permitted(self, requests: Iterable[Mapping[str, Any]]) -> None:
        """Pass, or refuse the whole request where the caller lacks a permission for a part of it.

        Raises:
            NotAllowed, SignInNeeded
        """
        for sent in requests:
            try:
                current_registry().require_permitted(self._command(sent)[1], self._caller.principal)
            except (NotAllowed, SignInNeeded):
                raise
            except Refusal:
                continue  # it fails by itself, and its own result says so

    def change(self, sent: Mapping[str, Any]) -> Content:
        """Change the associations of one resource, and show those that it has then."""
        self._number += 1
        resource, command = self._command(sent)
        self.state = execute_or_simulate(command, self._caller_of_one(), dry_run=self._dry_run, state=self.state)
        associations = _selected(self.state, resource, ())
        if associations:
            return resource_content(self.state, associations)
        named = {
            "resource_name": resource.name,
            "resource_namespace": resource.namespace,
            "resource_id": resource.id,
        }
        return {**{name: value for name, value in named.items() if value}, "associations": []}

    def _command(self, sent: Mapping[str, Any]) -> tuple[Resource, ChangeAssociations]:
        request = load_object(_CHANGE_SHAPE, sent)
        resource = self._with_known_id(resource_of(request))
        steps = tuple(self._step(one, resource) for one in request["associations"])
        return resource, ChangeAssociations(resource.id, steps)

    def _caller_of_one(self) -> Caller:
        """The caller with a key for this change alone: one key belongs to one entry of the ledger."""
        key = self._caller.idempotency_key
        return replace(self._caller, idempotency_key=f"{key}\n{self._number}") if key else self._caller

    def _with_known_id(self, named: Resource) -> Resource:
        """The resource with the id that it has, where it is named without."""
        if named.id:
            return named
        known = next(iter(_selected(self.state, named, ())), None)
        return replace(named, id=known.resource_id) if known else named

    def _step(self, asked: Mapping[str, Any], resource: Resource) -> Associate | Dissociate:
        if asked["op_type"] == DELETE:
            kind = asked["association_type"]
            types = (kind,) if kind else ()
            return Dissociate(resource.id, resource.type, types, bool(asked["cascade_lifecycle"]))
        wishes = (wish_of(asked, self._context),)
        return Associate(resource, wishes, self._context, update=asked["op_type"] == UPSERT)


def _result(answer: Callable[[Mapping[str, Any]], Content], sent: Mapping[str, Any]) -> Content:
    try:
        return {"result": answer(sent)}
    except Refusal as refusal:
        return {"error": {"error_code": STATUSES[type(refusal)].error_code, "message": str(refusal)}}


def _types(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The types of association that a request is about; none for all."""
    if request["association_types"] is not None:
        return tuple(request["association_types"])
    return (request["association_type"],) if request["association_type"] else ()


def _selected(state: State, resource: Resource, types: tuple[str, ...]) -> list[Association]:
    listed = state.associations_of_resource(resource.id) if resource.id else state.resources.get(resource.name, ())
    return [
        one
        for one in listed
        if resource.type == one.resource_type
        and resource.namespace in ("", ANY_NAMESPACE, one.resource_namespace)
        and (not types or one.association_type in types)
    ]


_NOTE = "Not in the published description of the API: a request names each resource by `resourceId`, or by \
`resourceName` and `resourceNamespace`, and may narrow `associationTypes`."

ROUTES = (
    Route(
        "POST",
        "/associations:batchGet",
        "getAssociationsInBatch",
        get_many,
        BatchShape(),
        BatchGetQuery(),
        BatchGetBody(),
        status=_MULTI_STATUS,
        errors=(RequestInvalid,),
        note=_NOTE,
    ),
    *(
        Route(
            "POST",
            path,
            operation,
            change_many,
            BatchShape(),
            AssociateQuery(),
            BatchChangeBody(),
            status=_MULTI_STATUS,
            errors=(RequestInvalid, AssociationNotFound, *CHANGE_ERRORS),
        )
        for path, operation in (
            ("/associations:batchMutate", "changeAssociationsInBatch"),
            ("/associations:batch", "changeAssociationsInBatchByOldPath"),
        )
    ),
)
