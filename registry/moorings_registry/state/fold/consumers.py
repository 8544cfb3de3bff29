"""How facts about consumers change the state."""

from collections.abc import Mapping
from typing import Any

from moorings_compat.fields import path_of
from moorings_compat.impact import OPAQUE, FieldUse, Reads, Use
from moorings_registry import facts
from moorings_registry.names import Subject
from moorings_registry.state.consumers import Consumer, ContractTest, DeclaredRead, Deployment, Holders
from moorings_registry.state.fold.draft import Appliers, Draft, reindex


def _consumer_declared(draft: Draft, fact: facts.ConsumerDeclared) -> None:
    entry = draft.entry
    before = draft.consumers.get(fact.application)
    consumer = Consumer(
        application=fact.application,
        team=fact.team,
        contact=fact.contact,
        environment=fact.environment,
        version=fact.version,
        reads=tuple(_declared_read(one) for one in fact.reads),
        declared_at=before.declared_at if before else entry.recorded_at,
        renewed_at=entry.recorded_at,
        declared_by=entry.actor,
    )
    draft.consumers[fact.application] = consumer
    reindex(draft.readers, fact.application, _events_of(before), _events_of(consumer))


def _consumer_withdrawn(draft: Draft, fact: facts.ConsumerWithdrawn) -> None:
    reindex(draft.readers, fact.application, _events_of(draft.consumers[fact.application]), set())
    del draft.consumers[fact.application]


def _declared_read(told: Mapping[str, Any]) -> DeclaredRead:
    fields = tuple(FieldUse(path_of(one["path"]), Use(one["use"])) for one in told["fields"])
    tests = tuple(ContractTest(one["name"], one["event"], one["assertion"]) for one in told["tests"])
    return DeclaredRead(Subject.parse(told["event"]), told["major"], Reads(fields) if fields else OPAQUE, tests)


def _events_of(consumer: Consumer | None) -> set[Subject]:
    return {one.event for one in consumer.reads} if consumer else set()


def _application_deployed(draft: Draft, fact: facts.ApplicationDeployed) -> None:
    entry = draft.entry
    deployment = Deployment(fact.application, fact.environment, fact.version, entry.recorded_at, entry.actor)
    draft.deployments[fact.application, fact.environment] = deployment


def _application_held(draft: Draft, fact: facts.ApplicationHeld) -> None:
    draft.holders[fact.application] = Holders(tuple(fact.principals), tuple(fact.domains))


APPLY: Appliers = {
    facts.ConsumerDeclared: _consumer_declared,
    facts.ConsumerWithdrawn: _consumer_withdrawn,
    facts.ApplicationDeployed: _application_deployed,
    facts.ApplicationHeld: _application_held,
}
