"""Associations of several resources in one request: each succeeds or fails on its own, and the answer says which."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import Response

from moorings_compat import Problem
from moorings_registry.commands import Associate, ChangeAssociations, Dissociate, Resource
from moorings_registry.errors import AssociationInvalid, AssociationNotFound, Refusal, RequestInvalid
from moorings_registry.http.confluent.answers import Json, answer
from moorings_registry.http.confluent.associations import (
    CHANGE_REFUSALS,
    context_asked,
    done,
    read_resource,
    read_wish,
    resource_object,
)
from moorings_registry.http.confluent.bodies import flag_of, read_object, text_of
from moorings_registry.http.confluent.parameters import CONTEXT, DRY_RUN, INCLUDE_SCHEMAS
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.requests import current_caller, current_state, wrote
from moorings_registry.http.statuses import STATUSES
from moorings_registry.service import Caller
from moorings_registry.state import Association, State

MULTI_STATUS = 207
MOST = 1000
"""Resources in one request."""
CREATE, UPSERT, DELETE = "CREATE", "UPSERT", "DELETE"


def get_many() -> Response:
    """Show the associations of several resources, each named by its id, or by its name and namespace."""
    state, with_schemas = current_state(), INCLUDE_SCHEMAS.value

    def show(asked: Mapping[str, Any]) -> Json:
        found = _selected(state, read_resource(asked), _types(asked))
        if not found:
            raise AssociationNotFound(text_of(asked, "resourceId") or text_of(asked, "resourceName") or "")
        return resource_object(state, found, with_schemas=with_schemas)

    return answer({"results": [_result(show, asked) for asked in _requests()]}, MULTI_STATUS)


def change_many() -> Response:
    """Create, upsert and delete associations of several resources; what is asked of one resource happens as a whole."""
    changes = _Changes(context_asked())
    results = [_result(changes.change, asked) for asked in _requests()]
    return wrote(answer({"results": results}, MULTI_STATUS), changes.state)


class _Changes:
    """The changes of one request; in a dry run each is decided on what those before it would lead to."""

    def __init__(self, context: str) -> None:
        self.state = current_state()
        self._context = context
        self._caller = current_caller()
        self._done = 0

    def change(self, asked: Mapping[str, Any]) -> Json:
        """Do what is asked of one resource, and show the associations that it has then."""
        self._done += 1
        resource = self._known(read_resource(asked))
        command = ChangeAssociations(resource.id, self._steps(asked.get("associations"), resource))
        self.state = done(command, self._caller_of_one(), self.state)
        standing = _selected(self.state, resource, ())
        if standing:
            return resource_object(self.state, standing)
        named = {"resourceName": resource.name, "resourceNamespace": resource.namespace, "resourceId": resource.id}
        return {**{name: value for name, value in named.items() if value}, "associations": []}

    def _caller_of_one(self) -> Caller:
        """The caller with a key for this change alone: one key stands for one entry of the ledger."""
        key = self._caller.idempotency_key
        return replace(self._caller, idempotency_key=f"{key}\n{self._done}") if key else self._caller

    def _known(self, asked: Resource) -> Resource:
        """The resource with the id that it has, where it is named without."""
        if asked.id:
            return asked
        known = next(iter(_selected(self.state, asked, ())), None)
        return replace(asked, id=known.resource_id) if known else asked

    def _steps(self, sent: Any, resource: Resource) -> tuple[Associate | Dissociate, ...]:
        if not isinstance(sent, list) or not sent or not all(isinstance(one, Mapping) for one in sent):
            raise AssociationInvalid("associations takes a list of operations, at least one")
        return tuple(self._step(one, resource) for one in sent)

    def _step(self, sent: Mapping[str, Any], resource: Resource) -> Associate | Dissociate:
        operation = (text_of(sent, "opType") or "").upper()
        if operation == DELETE:
            kind = text_of(sent, "associationType")
            return Dissociate(
                resource.id, resource.type, (kind,) if kind else (), bool(flag_of(sent, "cascadeLifecycle"))
            )
        if operation not in (CREATE, UPSERT):
            raise AssociationInvalid(f"The opType is none of {CREATE}, {UPSERT} and {DELETE}")
        return Associate(resource, (read_wish(sent, self._context),), self._context, update=operation == UPSERT)


def _requests() -> Iterable[Mapping[str, Any]]:
    sent = read_object().get("requests")
    if not isinstance(sent, list) or not all(isinstance(one, Mapping) for one in sent):
        raise RequestInvalid("requests takes a list of objects, one a resource", [Problem("/requests", "not a list")])
    if len(sent) > MOST:
        raise RequestInvalid(f"One request takes at most {MOST} resources", [Problem("/requests", "too many")])
    return sent


def _result(do: Any, asked: Mapping[str, Any]) -> Json:
    try:
        return {"result": do(asked)}
    except Refusal as refusal:
        return {"error": {"error_code": STATUSES[type(refusal)].error_code, "message": str(refusal)}}


def _types(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """The types of association that are asked for; none for all."""
    several, single = asked.get("associationTypes"), text_of(asked, "associationType")
    if several is None:
        return (single,) if single else ()
    if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
        raise RequestInvalid("associationTypes takes a list of strings")
    return tuple(several)


def _selected(state: State, resource: Resource, types: tuple[str, ...]) -> list[Association]:
    listed = state.associations_of_resource(resource.id) if resource.id else state.resources.get(resource.name, ())
    return [
        one
        for one in listed
        if resource.type == one.resource_type
        and resource.namespace in ("", "-", one.resource_namespace)
        and (not types or one.association_type in types)
    ]


_NOTE = "Not in the published description of the API: a request names each resource by `resourceId`, or by \
`resourceName` and `resourceNamespace`, and may narrow `associationTypes`."

ROUTES = (
    Route("POST", "/associations:batchGet", get_many, (INCLUDE_SCHEMAS,), (RequestInvalid,), _NOTE),
    *(
        Route("POST", path, change_many, (CONTEXT, DRY_RUN), (RequestInvalid, AssociationNotFound, *CHANGE_REFUSALS))
        for path in ("/associations:batchMutate", "/associations:batch")
    ),
)
