"""Consumers: what applications declare to read, where they are deployed, and what their clients report."""

from collections import Counter
from difflib import get_close_matches
from typing import Any

from marshmallow import ValidationError
from prometheus_client import Counter as Metric

from moorings_compat import Problem
from moorings_registry.commands import PutConsumer, RecordDeployment, SetHolders, WithdrawConsumer, event_text
from moorings_registry.errors import (
    ApplicationOfOthers,
    BodyUnreadable,
    CompilerUnavailable,
    ConsumerInvalid,
    ConsumerNotFound,
    ConsumerOfAnotherTeam,
    OperationNotPermitted,
    RequestInvalid,
    StateChanged,
    SubjectInvalid,
    SubjectNotFound,
    TopicAmbiguous,
    UsageUnavailable,
)
from moorings_registry.etags import consumer_etag
from moorings_registry.event_rules import declaration_of
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.consumer_shapes import (
    APPLICATION,
    ConsumerBody,
    ConsumerShape,
    ConsumersQuery,
    ConsumersShape,
    DeploymentBody,
    DeploymentShape,
    DeploymentsQuery,
    DeploymentsShape,
    HoldersBody,
    HoldersShape,
    UsageBody,
    UsageCountedShape,
    UsageShape,
    WithdrawnShape,
    consumer_value,
    load_value,
)
from moorings_registry.http.native.drafts import held_subject, known_subjects, subject_meant
from moorings_registry.http.native.list_queries import PageQuery
from moorings_registry.http.requests import (
    consult,
    current_caller,
    current_registry,
    etag_header,
    expected_etags,
    position_header,
)
from moorings_registry.state import Consumer, Deployment, State
from moorings_registry.usage_counts import SampledLoad, Used

LARGEST_REPORT_BYTES = 512 * 1024
REPORTS = Metric("moorings_usage_batches", "Batches of usage, by what became of them.", ["outcome"])

consumers = NativeBlueprint("consumers", __name__, url_prefix="/v1", description="Applications that read events.")


@consumers.get("/consumers")
@consumers.operation("listConsumers")
@consumers.arguments(ConsumersQuery, location="query")
@consumers.response(200, ConsumersShape)
def list_consumers(query: dict[str, Any]) -> Answer:
    """List the applications that declare what they read, by name."""

    def find(state: State) -> Answer:
        found = [
            one
            for _, one in sorted(state.consumers.items())
            if query["team"] in ("", one.team)
            and (not query["event"] or any(str(read.event) == query["event"] for read in one.reads))
        ]
        page = found[query["offset"] : query["offset"] + query["limit"]]
        return {"consumers": [_value(state, one.application) for one in page], "total": len(found)}

    return consult(find)


@consumers.get("/consumers/<application>")
@consumers.operation("showConsumer", ConsumerNotFound)
@consumers.response(200, ConsumerShape)
def show_consumer(application: str) -> Answer:
    """Show what one application declares to read."""
    return consult(lambda state: (_value(state, application), etag_header(consumer_etag(state, application))))


@consumers.put("/consumers/<application>")
@consumers.operation(
    "putConsumer",
    *WRITING,
    ApplicationOfOthers,
    BodyUnreadable,
    CompilerUnavailable,
    ConsumerInvalid,
    ConsumerNotFound,
    ConsumerOfAnotherTeam,
    OperationNotPermitted,
    StateChanged,
)
@consumers.arguments(ConsumerBody)
@consumers.response(200, ConsumerShape)
def put_consumer(body: dict[str, Any], application: str) -> Answer:
    """Declare what an application reads, or renew that; the same again within a day changes nothing."""
    held = _require_readable(body["reads"])
    command = PutConsumer(
        _named(application),
        body["team"],
        body["contact"],
        body["environment"],
        body["version"],
        tuple(_read(one, held[one["event"]]) for one in body["reads"]),
        expected_etags(),
    )
    _, state = current_registry().execute(command, current_caller())
    if not command.reads and application not in state.consumers:
        return _declared_empty(command), position_header(state)
    return _value(state, application), {**position_header(state), **etag_header(consumer_etag(state, application))}


@consumers.delete("/consumers/<application>")
@consumers.operation(
    "withdrawConsumer", *WRITING, ApplicationOfOthers, ConsumerNotFound, OperationNotPermitted, StateChanged
)
@consumers.response(200, WithdrawnShape)
def withdraw_consumer(application: str) -> Answer:
    """Declare that an application reads nothing any more."""
    command = WithdrawConsumer(application, expected_etags())
    _, state = current_registry().execute(command, current_caller())
    return {"application": application}, position_header(state)


@consumers.put("/consumers/<application>/holders")
@consumers.operation(
    "putHolders", *WRITING, ApplicationOfOthers, BodyUnreadable, ConsumerNotFound, OperationNotPermitted
)
@consumers.arguments(HoldersBody)
@consumers.response(200, HoldersShape)
def put_holders(body: dict[str, Any], application: str) -> Answer:
    """Say who may declare, deploy and withdraw an application: the whole list, also to hand it over."""
    command = SetHolders(_named(application), tuple(body["principals"]), tuple(body["domains"]))
    _, state = current_registry().execute(command, current_caller())
    answered = {name: sorted(set(body[name])) for name in ("principals", "domains")}
    return {"application": application, **answered}, position_header(state)


@consumers.get("/deployments")
@consumers.operation("listDeployments")
@consumers.arguments(DeploymentsQuery, location="query")
@consumers.response(200, DeploymentsShape)
def list_deployments(query: dict[str, Any]) -> Answer:
    """List which versions of applications run where, by application and environment."""

    def find(state: State) -> Answer:
        found = [
            one
            for _, one in sorted(state.deployments.items())
            if query["application"] in ("", one.application) and query["environment"] in ("", one.environment)
        ]
        return {"deployments": found[query["offset"] : query["offset"] + query["limit"]], "total": len(found)}

    return consult(find)


@consumers.put("/deployments/<environment>/<application>")
@consumers.operation("putDeployment", *WRITING, ApplicationOfOthers, BodyUnreadable, OperationNotPermitted)
@consumers.arguments(DeploymentBody)
@consumers.response(200, DeploymentShape)
def put_deployment(body: dict[str, Any], environment: str, application: str) -> Answer:
    """Record which version of an application runs in an environment."""
    command = RecordDeployment(_named(application), _named(environment), body["version"])
    _, state = current_registry().execute(command, current_caller())
    shown = state.deployments.get((application, environment))
    if shown is None:  # hidden, as its application declares nothing that the caller sees
        registry, caller = current_registry(), current_caller()
        shown = Deployment(
            application, environment, body["version"], registry.dependencies.now(), caller.principal.name
        )
    return shown, position_header(state)


@consumers.post("/usage")
@consumers.operation("reportUsage", BodyUnreadable, UsageUnavailable, largest_body_bytes=LARGEST_REPORT_BYTES)
@consumers.arguments(UsageBody)
@consumers.response(200, UsageCountedShape)
def report_usage(body: dict[str, Any]) -> Answer:
    """Count what an application used. A batch that comes again under its `Idempotency-Key` within a day counts once.

    Subjects that the registry does not have are left out. Names and revisions are counted, never values.
    """
    registry, caller = current_registry(), current_caller()
    held = known_subjects({one["subject"] for one in body["used"]})
    counts: Counter[Used] = Counter()
    sampled: list[SampledLoad] = []
    left_out = 0
    for one in body["used"]:
        subject = held[one["subject"]]
        if subject is None:
            left_out += 1
        else:
            counts[Used(subject, one["direction"], one["major"], one["revision"])] += one["count"]
            sampled.append(SampledLoad(subject, one["direction"], tuple(one["seconds"]), tuple(one["sizes"])))
    again = bool(counts) and not registry.usage.add(
        caller.key,
        body["application"],
        body["client"],
        counts,
        registry.now(),
        reported_by=caller.principal.name if caller.principal.issuer else "",
    )
    registry.usage.add_load(caller.key, sampled, registry.now())
    REPORTS.labels("again" if again else "counted").inc()
    return {"counted": 0 if again else len(counts), "left_out": left_out, "again": again}


@consumers.get("/events/<path:subject>/usage")
@consumers.operation("showUsage", SubjectInvalid, SubjectNotFound, UsageUnavailable)
@consumers.arguments(PageQuery, location="query")
@consumers.response(200, UsageShape)
def show_usage(query: dict[str, Any], subject: str) -> Answer:
    """Show which applications used an event in the last 30 days, and when each did last, the one seen last first."""

    def find(state: State) -> Answer:
        held = held_subject(state, subject, deleted=True)
        registry = current_registry()
        rows, load = (
            registry.usage.of(held.subject, registry.now()),
            registry.usage.load_of(held.subject, registry.now()),
        )
        declared = declaration_of(state, held.subject)
        page = slice(query["offset"], query["offset"] + query["limit"])
        last = registry.usage.last.of(held.subject, registry.now())
        return {
            "subject": held.subject,
            "load": load_value(load, declared.expectations if declared else None),
            "usage": rows[page],
            "last_used": last[page],
            "total_last_used": len(last),
            "total": len(rows),
        }

    return consult(find)


def _require_readable(reads: list[dict[str, Any]]) -> dict[str, str]:
    """The event that each name means, a topic's too; refuse those that are not there, or that the caller may not see.

    Raises:
        ConsumerInvalid: says which, and which one each probably means.
    """
    held = known_subjects({one["event"] for one in reads})
    unknown = {index: one["event"] for index, one in enumerate(reads) if held[one["event"]] is None}
    if not unknown:
        return {name: str(event) for name, event in held.items()}
    ambiguous = consult(lambda state: {event: _ambiguity(state, event) for event in unknown.values()})
    names = consult(lambda state: [str(one) for one in state.active_names()])
    problems = []
    for index, event in unknown.items():
        close = get_close_matches(event, names, n=1, cutoff=0.6)
        hint = f"; did you mean {close[0]}?" if close else ""
        why = ambiguous[event] or f"the registry has no event of this name{hint}"
        problems.append(Problem(f"/reads/{index}/event", why))
    raise ConsumerInvalid("The declaration names events that the registry does not have", problems)


def _ambiguity(state: State, name: str) -> str:
    """Why a name leads to no event although its topic carries some; empty for other names."""
    try:
        subject_meant(state, name)
    except TopicAmbiguous as error:
        return str(error)
    except SubjectInvalid:
        return ""
    return ""


def _read(sent: dict[str, Any], event: str) -> dict[str, Any]:
    return {
        "event": event,
        "major": sent["major"],
        "fields": [{"path": one["path"], "use": one["use"]} for one in sent["fields_"]],
        "tests": [{**one, "event": event_text(one["event"])} for one in sent["tests"]],
    }


def _named(name: str) -> str:
    """The name of an application or environment, as a path gives it.

    Raises:
        RequestInvalid
    """
    try:
        APPLICATION(name)
    except ValidationError as error:
        raise RequestInvalid("The name in the path is invalid", [Problem("", str(error.messages[0]))]) from None
    return name


def _declared_empty(command: PutConsumer) -> dict[str, Any]:
    """What was declared, for its author: what reads nothing is shown to those alone who see everything."""
    now = current_registry().dependencies.now()
    named = (command.application, command.team, command.contact, command.environment, command.version)
    return consumer_value(Consumer(*named, (), now, now, current_caller().principal.name), None, now, "")


def _value(state: State, application: str) -> dict[str, Any]:
    known = state.consumers.get(application)
    if known is None:
        raise ConsumerNotFound(application)
    held = state.holders.get(application)
    return consumer_value(known, held, current_registry().dependencies.now(), consumer_etag(state, application))
