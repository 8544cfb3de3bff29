"""Ways past a promise that somebody might try, one short sequence each, on every API that has the calls for it.

A door is the calls that have to be accepted and those that may be refused: shut is shut, at whichever of them. What
counts is that nothing that breaks the promise is left at the end, as the record of `model` has it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from moorings_compat import Format
from moorings_registry.engines import open_ledger
from tests.laws.promise import calls
from tests.laws.promise.calls import APIS, CONFLUENT, NATIVE, WHOLE, Call, Draft
from tests.laws.promise.families import (
    DESCRIBED,
    FAMILIES,
    NARROWER,
    OTHER,
    PLAIN,
    PRICED,
    REUSED,
    WEIGHED,
    WIDER,
    condition,
)
from tests.laws.promise.world import BY_TOPIC, ORDERS, World, in_a_month

DOMAIN = "shop.orders"
EUROPE = f":.eu:{ORDERS}"
NOT_NEGATIVE, POSITIVE, UNREADABLE = "message.total >= 0", "message.total > 0", "message.total >"
PRICE = [{"name": "shop.Price", "subject": "price", "version": 1}]


def draft(member: str, format: Format = Format.AVRO, expr: str = "", label: str = "") -> Draft:
    """A schema of the family, perhaps with a condition and with a label of its major."""
    references = PRICE if member == PRICED else ()
    rules = condition(expr) if expr else None
    return Draft(format, FAMILIES[format].members[member], references, rules, label)


def price(name: str) -> Draft:
    return Draft(Format.AVRO, FAMILIES[Format.AVRO].prices[name])


@dataclass(frozen=True)
class Door:
    """A sequence: *made* has to be accepted, *tried* may be refused."""

    shows: str
    made: tuple[Call, ...]
    tried: tuple[Call, ...]

    def __str__(self) -> str:
        return self.shows


RETIRES = calls.grant("retire", DOMAIN, in_a_month())
"""Lets versions of a major in use be deleted, which the registry refuses otherwise."""


def promised(api: str, first: Draft | None = None) -> tuple[Call, ...]:
    """A domain that asks for everything, and the first revision of an event in it."""
    return (calls.put_domain(DOMAIN), RETIRES, calls.register(api, ORDERS, first or draft(PLAIN)))


def registering(api: str, member: str = OTHER) -> Call:
    """Register what breaks the first revision, in its major."""
    return calls.register(api, ORDERS, draft(member), major=1)


def removing(api: str, subject: str = ORDERS, number: int | None = 1) -> tuple[Call, Call]:
    """Delete a version permanently, or without a number the whole subject."""
    if number is None:
        return calls.delete_subject(api, subject), calls.delete_subject(api, subject, permanent=True)
    return calls.delete_version(api, subject, number), calls.delete_version(api, subject, number, permanent=True)


def deleted(api: str) -> Iterator[Door]:
    """Soft deletes, undeletes and permanent deletes."""
    break_ = registering(api)
    yield Door("soft delete of a version", promised(api), (calls.delete_version(api, ORDERS, 1), break_))
    yield Door("soft delete of a subject", promised(api), (calls.delete_subject(api, ORDERS), break_))
    yield Door(
        "soft delete under a level that asks for the newest one alone",
        (
            calls.put_domain(DOMAIN, {"level": "BACKWARD"}),
            RETIRES,
            calls.register(api, ORDERS, draft(PLAIN)),
            calls.register(api, ORDERS, draft(WIDER)),
        ),
        (calls.delete_version(api, ORDERS, 2), registering(api, DESCRIBED)),
    )
    yield Door("permanent delete of a version", promised(api), (*removing(api), break_))
    yield Door("permanent delete of a subject", promised(api), (*removing(api, number=None), break_))
    unowned = (
        calls.register(api, ORDERS, draft(PLAIN)),
        calls.delete_version(api, ORDERS, 1),
        calls.register(api, ORDERS, draft(OTHER)),
        calls.put_domain(DOMAIN),
    )
    yield Door("undelete of what breaks a newer revision", unowned, (calls.restore(api, ORDERS, 1),))
    if api == CONFLUENT:
        yield Door("undelete of a subject", unowned, (calls.restore(api, ORDERS, None),))
    yield Door(
        "delete, a break of what is hidden alone, and undelete",
        (*promised(api, first=draft(DESCRIBED)), calls.register(api, ORDERS, draft(PLAIN))),
        (calls.delete_version(api, ORDERS, 1), registering(api, REUSED), calls.restore(api, ORDERS, 1)),
    )


def lived(api: str) -> Iterator[Door]:
    """Lives of majors."""
    break_ = registering(api)
    retired, active = (calls.set_life(ORDERS, 1, state) for state in ("retired", "active"))
    yield Door("a major that is retired", promised(api), (retired, break_))
    yield Door("a major that is retired and brought back", promised(api), (retired, active, break_))
    yield Door(
        "a major that is retired, deleted and brought back",
        promised(api),
        (retired, *removing(api, number=None), active, calls.register(api, ORDERS, draft(OTHER), major=1)),
    )
    yield Door("a major that is deprecated", promised(api), (calls.set_life(ORDERS, 1, "deprecated"), break_))
    draft_of_2 = calls.register(NATIVE, ORDERS, draft(OTHER), major="next", state="draft")
    again = (
        calls.register(NATIVE, ORDERS, draft(PLAIN), major=2),
        calls.register(CONFLUENT, ORDERS, draft(PLAIN, label="2")),
    )
    yield Door("a draft", (*promised(api), draft_of_2), again)
    activated = calls.set_life(ORDERS, 2, "active")
    yield Door("a draft that becomes active", (*promised(api), draft_of_2), (activated, *again))
    yield Door(
        "a draft that is deleted, which nothing keeps",
        (*promised(api), draft_of_2),
        (calls.delete_version(api, ORDERS, 2), *again),
    )


def deleted_by_other_means() -> Iterator[Door]:
    """Deletes that go by another name."""
    yield Door(
        "a change of mode that removes what is soft-deleted",
        promised(CONFLUENT),
        (
            calls.delete_subject(CONFLUENT, ORDERS),
            calls.set_mode(ORDERS, "IMPORT"),
            calls.clear_mode(ORDERS),
            registering(CONFLUENT),
        ),
    )
    yield Door(
        "the next major takes the text of a soft-deleted revision, which removes that from its own",
        (*promised(NATIVE, first=draft(DESCRIBED)), calls.register(NATIVE, ORDERS, draft(PLAIN))),
        (
            calls.delete_version(NATIVE, ORDERS, 1),
            calls.register(NATIVE, ORDERS, draft(DESCRIBED), major="next"),
            calls.register(NATIVE, ORDERS, draft(REUSED), major=1),
        ),
    )
    first = (calls.put_domain(DOMAIN), RETIRES, calls.associate(ORDERS, draft(PLAIN)))
    yield Door(
        "the end of an association that takes its subject along",
        first,
        (calls.dissociate(ORDERS), calls.associate(ORDERS, draft(OTHER))),
    )
    yield Door("associations that end and begin in one request", first, (calls.associate_again(ORDERS, draft(OTHER)),))


def ruled(api: str) -> Iterator[Door]:
    """Conditions."""
    narrow = calls.register(api, ORDERS, draft(PLAIN, expr=POSITIVE))
    yield Door("a condition added", promised(api), (narrow,))
    yield Door("a condition narrowed", promised(api, first=draft(PLAIN, expr=NOT_NEGATIVE)), (narrow,))
    yield Door(
        "a condition that nobody can compile",
        promised(api),
        (calls.register(api, ORDERS, draft(PLAIN, expr=UNREADABLE)),),
    )
    lax = condition(POSITIVE, onFailure="NONE")
    yield Door(
        "a condition that begins to refuse what it only logged",
        promised(api, first=Draft(Format.AVRO, FAMILIES[Format.AVRO].members[PLAIN], (), lax)),
        (narrow,),
    )
    override, default = (
        calls.set_config(ORDERS, {f"{one}RuleSet": condition(POSITIVE)}) for one in ("override", "default")
    )
    again = calls.register(api, ORDERS, draft(DESCRIBED))
    yield Door("a condition by overrideRuleSet of the subject", promised(api), (override, again))
    yield Door("a condition by defaultRuleSet of the subject", promised(api), (default, again))
    whole = calls.set_config(WHOLE, {"overrideRuleSet": condition(POSITIVE)})
    yield Door("a condition by overrideRuleSet of the registry", promised(api), (whole, again))


def ruled_alone() -> Iterator[Door]:
    """Conditions that come without a schema."""
    merged = calls.tag(ORDERS, 1, condition(POSITIVE))
    yield Door("a condition merged in with tags", promised(CONFLUENT), (merged,))
    alone = calls.register_rules(ORDERS, condition(POSITIVE))
    yield Door("a condition without a schema, for the newest text", promised(CONFLUENT), (alone,))


def imported() -> Iterator[Door]:
    """Modes that take schemas as they stood elsewhere."""
    break_ = calls.import_version(ORDERS, draft(OTHER), 9, 9)
    first = promised(CONFLUENT)
    for scope, name in ((ORDERS, "a subject"), (WHOLE, "the registry"), (":.__GLOBAL:", "all contexts")):
        yield Door(f"mode IMPORT of {name} by force", first, (calls.set_mode(scope, "IMPORT", force=True), break_))
    yield Door("mode FORWARD by force", first, (calls.set_mode(WHOLE, "FORWARD", force=True), break_))
    two = tuple(calls.import_version(ORDERS, draft(one), id, id) for id, one in enumerate((PLAIN, OTHER), 1))
    yield Door("mode IMPORT of an empty subject", (calls.put_domain(DOMAIN),), (calls.set_mode(ORDERS, "IMPORT"), *two))
    yield Door(
        "mode IMPORT from before the domain was registered",
        (calls.set_mode(ORDERS, "IMPORT"),),
        (calls.put_domain(DOMAIN), *two),
    )
    there = tuple(calls.import_version(EUROPE, draft(one), id, id) for id, one in enumerate((PLAIN, OTHER), 1))
    yield Door("mode IMPORT of a context", (calls.put_domain(DOMAIN),), (calls.set_mode(":.eu:", "IMPORT"), *there))


def lowered(api: str) -> Iterator[Door]:
    """Levels, and what else a policy weighs."""
    break_ = registering(api)
    yield Door("NONE for a subject", promised(api), (calls.set_level(api, ORDERS, "NONE"), break_))
    yield Door(
        "BACKWARD for a subject", promised(api), (calls.set_level(api, ORDERS, "BACKWARD"), registering(api, WIDER))
    )
    yield Door(
        "NONE for a subject from before the domain was registered",
        (calls.set_level(api, ORDERS, "NONE"),),
        (*promised(api), break_),
    )
    yield Door("NONE for the domain", promised(api), (calls.put_domain(DOMAIN, {"level": "NONE"}), break_))
    yield Door(
        "BACKWARD for the domain",
        promised(api),
        (calls.put_domain(DOMAIN, {"level": "BACKWARD"}), registering(api, WIDER)),
    )
    yield Door(
        "NONE for a new domain",
        (),
        (calls.put_domain(DOMAIN, {"level": "NONE"}), calls.register(api, ORDERS, draft(PLAIN)), break_),
    )
    above = (calls.put_domain("shop"), calls.register(api, ORDERS, draft(PLAIN)))
    yield Door("NONE for a new subdomain", above, (calls.put_domain(DOMAIN, {"level": "NONE"}), break_))
    yield Door(
        "BACKWARD for a new subdomain",
        above,
        (calls.put_domain(DOMAIN, {"level": "BACKWARD"}), registering(api, WIDER)),
    )
    yield Door(
        "BACKWARD for a subdomain without events",
        (calls.put_domain("shop"),),
        (
            calls.put_domain(DOMAIN, {"level": "BACKWARD"}),
            calls.register(api, ORDERS, draft(PLAIN)),
            registering(api, WIDER),
        ),
    )
    yield Door(
        "NONE for a new domain above one that says nothing",
        promised(api),
        (calls.put_domain("shop", {"level": "NONE"}), break_),
    )
    yield Door(
        "a new domain asks for more than the one below it",
        (calls.put_domain(DOMAIN, {"level": "BACKWARD"}), calls.register(api, ORDERS, draft(PLAIN))),
        (calls.put_domain("shop", {"level": "FULL_TRANSITIVE"}), registering(api, WIDER)),
    )


def weighed(api: str) -> Iterator[Door]:
    """What else a policy weighs."""
    for format, before, after in (
        (Format.JSON, {"formats": "asserted"}, {"formats": "annotations"}),
        (Format.PROTOBUF, {"protobuf_level": "json"}, {"protobuf_level": "wire"}),
    ):
        first = (calls.put_domain(DOMAIN, before), calls.register(api, ORDERS, draft(PLAIN, format)))
        break_ = calls.register(api, ORDERS, draft(WEIGHED, format))
        name = next(iter(after.values()))
        yield Door(f"{name} for a domain", first, (calls.put_domain(DOMAIN, after), break_))
    yield Door(
        "annotations for a new domain above one that says nothing",
        promised(api, first=draft(PLAIN, Format.JSON)),
        (
            calls.put_domain("shop", {"formats": "annotations"}),
            calls.register(api, ORDERS, draft(WEIGHED, Format.JSON)),
        ),
    )


def renamed() -> Iterator[Door]:
    """Names and majors that are not what they seem."""
    aliased = calls.set_config(ORDERS, {"alias": "legacy-value"})
    yield Door("an alias that leads out of the domain", promised(CONFLUENT), (aliased, registering(CONFLUENT)))
    yield Door(
        "an alias that leads out of the domain, and force",
        promised(CONFLUENT),
        (
            aliased,
            calls.register(CONFLUENT, ORDERS, draft(PLAIN)),
            calls.register(CONFLUENT, ORDERS, draft(OTHER), force=True),
        ),
    )
    beside = calls.put_domain("shop", {"names": "any", "type_names": "any"})
    yield Door(
        "an alias of an event that has revisions",
        (beside, calls.register(CONFLUENT, ORDERS, draft(PLAIN))),
        (calls.set_config(ORDERS, {"alias": "shop.OrderShipped"}), registering(CONFLUENT)),
    )
    yield Door(
        "such an alias that is older than the domain",
        (
            calls.register(CONFLUENT, ORDERS, draft(PLAIN)),
            calls.set_config(ORDERS, {"alias": "shop.OrderShipped"}),
            beside,
        ),
        (registering(CONFLUENT),),
    )
    labelled = promised(CONFLUENT, first=draft(PLAIN, label="1"))
    yield Door("a major that jumps", labelled, (calls.register(CONFLUENT, ORDERS, draft(OTHER, label="7")),))
    yield Door(
        "the next major under the label of the first",
        labelled,
        (calls.register(NATIVE, ORDERS, draft(OTHER, label="1"), major="next"),),
    )


def referred() -> Iterator[Door]:
    """References whose targets change."""
    number, word = (calls.register(CONFLUENT, "price", price(one)) for one in ("number", "word"))
    priced = calls.register(CONFLUENT, ORDERS, draft(PRICED))
    yield Door(
        "a permanent delete of both, and the reference leads to something else",
        (calls.put_domain(DOMAIN), RETIRES, number, priced),
        (*removing(CONFLUENT, number=None), *removing(CONFLUENT, "price", None), word, priced),
    )
    yield Door(
        "a referenced number imported again with another schema, after a worker has parsed the old one",
        (
            *promised(CONFLUENT),
            number,
            calls.register(CONFLUENT, "price", price("word"), force=True),
            calls.ask_whether(ORDERS, draft(PRICED)),
            *removing(CONFLUENT, "price"),
            calls.set_mode("price", "IMPORT", force=True),
            calls.import_version("price", price("word"), 3, 1),
            calls.clear_mode("price"),
        ),
        (priced,),
    )
    yield Door(
        "one reference that leads to different schemas in two contexts",
        (
            *promised(CONFLUENT),
            number,
            priced,
            calls.register(CONFLUENT, ":.eu:price", price("word")),
            calls.register(CONFLUENT, EUROPE, draft(PLAIN)),
        ),
        (calls.register(CONFLUENT, EUROPE, draft(PRICED)),),
    )


def written_together() -> Iterator[Door]:
    """Contracts of a domain in one write, whose parts are decided on what those before them lead to."""
    lower = {"level": "BACKWARD"}
    yield Door(
        "a break among contracts",
        promised(NATIVE),
        (calls.put_contracts(DOMAIN, {ORDERS: [calls.contract(1, draft(OTHER))]}),),
    )
    yield Door(
        "a lowered policy and what it would allow, in one write",
        promised(NATIVE),
        (calls.put_contracts(DOMAIN, {ORDERS: [calls.contract(1, draft(WIDER))]}, lower),),
    )
    yield Door(
        "a new domain at NONE with its first event, and a break",
        (),
        (
            calls.put_contracts(DOMAIN, {ORDERS: [calls.contract(1, draft(PLAIN))]}, {"level": "NONE"}),
            calls.put_contracts(DOMAIN, {ORDERS: [calls.contract(1, draft(OTHER))]}),
        ),
    )
    yield Door(
        "a domain and a break of what was there before",
        (calls.register(NATIVE, ORDERS, draft(PLAIN)),),
        (calls.put_contracts(DOMAIN, {ORDERS: [calls.contract(1, draft(OTHER))]}),),
    )
    yield Door(
        "a condition among contracts",
        promised(NATIVE),
        (calls.put_contracts(DOMAIN, {ORDERS: [calls.contract(1, draft(PLAIN, expr=POSITIVE))]}),),
    )
    yield Door(
        "a major that jumps among contracts",
        promised(NATIVE),
        (calls.put_contracts(DOMAIN, {ORDERS: [calls.contract(3, draft(OTHER))]}),),
    )
    yield Door(
        "a retired major that is opened and broken in one write",
        (*promised(NATIVE), calls.set_life(ORDERS, 1, "retired")),
        (calls.put_contracts(DOMAIN, {ORDERS: [calls.contract(1, draft(OTHER), "active")]}),),
    )
    yield Door(
        "a delete, and a break among contracts",
        promised(NATIVE),
        (*removing(NATIVE, number=None), calls.put_contracts(DOMAIN, {ORDERS: [calls.contract(1, draft(OTHER))]})),
    )


def by_topic(api: str) -> Iterator[Door]:
    """Names that lead to an event by its topic."""
    bound = calls.put_event(ORDERS, topics=("orders", ORDERS))
    first = (*promised(api), bound)
    for name in (BY_TOPIC, f"orders-{ORDERS}", f"{ORDERS}-value"):
        yield Door(f"a break under {name}", first, (calls.register(api, name, draft(OTHER), major=1),))
    yield Door(
        "a delete under the name of the topic, and a break",
        first,
        (*removing(api, BY_TOPIC, None), calls.register(api, BY_TOPIC, draft(OTHER))),
    )
    yield Door(
        "NONE for the name of the topic",
        first,
        (calls.set_level(api, BY_TOPIC, "NONE"), calls.register(api, BY_TOPIC, draft(OTHER))),
    )
    yield Door(
        "a break outside the domain, under a name that is bound afterwards",
        (*promised(api), calls.register(api, BY_TOPIC, draft(OTHER))),
        (bound, calls.register(api, BY_TOPIC, draft(OTHER))),
    )
    yield Door(
        "a topic that is unbound, broken and bound again",
        first,
        (calls.put_event(ORDERS), calls.register(api, BY_TOPIC, draft(OTHER)), bound),
    )
    yield Door(
        "an alias that leads to the topic",
        (*first, calls.set_config("legacy-value", {"alias": BY_TOPIC})),
        (calls.register(api, "legacy-value", draft(OTHER)),),
    )


def by_topic_on_one_api() -> Iterator[Door]:
    first = (*promised(CONFLUENT), calls.put_event(ORDERS, topics=("orders",)))
    yield Door(
        "force under the name of the topic", first, (calls.register(CONFLUENT, BY_TOPIC, draft(OTHER), force=True),)
    )
    yield Door(
        "an import under the name of the topic",
        first,
        (calls.set_mode(BY_TOPIC, "IMPORT", force=True), calls.import_version(BY_TOPIC, draft(OTHER), 9, 9)),
    )
    yield Door(
        "a mode of the name from before it was bound",
        (*promised(CONFLUENT), calls.set_mode(BY_TOPIC, "IMPORT", force=True)),
        (calls.put_event(ORDERS, topics=("orders",)), calls.import_version(BY_TOPIC, draft(OTHER), 9, 9)),
    )
    yield Door(
        "an association of the topic that brings a schema",
        first,
        (calls.associate(BY_TOPIC, draft(OTHER)),),
    )
    yield Door(
        "a condition merged in under the name of the topic", first, (calls.tag(BY_TOPIC, 1, condition(POSITIVE)),)
    )


def on_each(doors: Callable[[str], Iterator[Door]]) -> Iterator[Door]:
    """The doors of both APIs."""
    for api in APIS:
        for one in doors(api):
            yield Door(f"{one.shows} [{api}]", one.made, one.tried)


DOORS = (
    *on_each(deleted),
    *on_each(lived),
    *deleted_by_other_means(),
    *on_each(ruled),
    *ruled_alone(),
    *imported(),
    *on_each(lowered),
    *on_each(weighed),
    *renamed(),
    *referred(),
    *written_together(),
    *on_each(by_topic),
    *by_topic_on_one_api(),
)


def go_through(door: Door) -> World:
    """Make the calls of a door; what has to be accepted is."""
    world = World([open_ledger("memory:")])
    for call in door.made:
        reply = world.send(call)
        assert reply.status < 300, f"{call} was answered {reply.status}: {reply.body!r}"
    assert not world.breaches, "the door is open before anybody tries it"
    for call in door.tried:
        world.send(call)
    return world


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_the_doors_that_were_open(door: Door) -> None:
    world = go_through(door)
    assert [str(one) for one in world.breaches] == []


def closed_always(api: str) -> Iterator[Door]:
    """What never led anywhere, and is not to."""
    break_ = registering(api)
    none = {"compatibility": "NONE"}
    yield Door("NONE for the registry", promised(api), (calls.set_level(api, WHOLE, "NONE"), break_))
    yield Door("NONE behind all", promised(api), (calls.set_config(":.__GLOBAL:", none), break_))
    yield Door(
        "NONE for a context",
        (*promised(api), calls.register(api, EUROPE, draft(PLAIN))),
        (calls.set_config(":.eu:", none), calls.register(api, EUROPE, draft(OTHER), major=1)),
    )
    yield Door(
        "the name with its context", promised(api), (calls.register(api, f":.:{ORDERS}", draft(OTHER), major=1),)
    )
    yield Door(
        "another property for majors",
        promised(api),
        (calls.set_config(ORDERS, {"compatibilityGroup": "generation"}), break_),
    )
    yield Door(
        "a domain owned by others",
        promised(api),
        (calls.put_domain(DOMAIN, owner="others"), registering(api, NARROWER)),
    )
    yield Door("another format", promised(api), (calls.register(api, ORDERS, draft(PLAIN, Format.JSON), major=1),))


def closed_on_one_api() -> Iterator[Door]:
    forced = calls.register(CONFLUENT, ORDERS, draft(OTHER), force=True)
    normal = calls.register(CONFLUENT, ORDERS, draft(OTHER), normalize=True)
    yield Door("force", promised(CONFLUENT), (forced,))
    yield Door("normalize", promised(CONFLUENT), (calls.set_config(ORDERS, {"normalize": True}), normal))
    yield Door(
        "an alias that leads into the domain",
        (*promised(CONFLUENT), calls.set_config("legacy-value", {"alias": ORDERS})),
        (calls.register(CONFLUENT, "legacy-value", draft(OTHER), force=True),),
    )
    yield Door(
        "the newest version of a reference",
        (
            calls.put_domain(DOMAIN),
            calls.register(CONFLUENT, "price", price("number")),
            calls.register(CONFLUENT, ORDERS, draft(PRICED)),
            calls.register(CONFLUENT, "price", price("word"), force=True),
        ),
        (
            calls.register(
                CONFLUENT,
                ORDERS,
                Draft(Format.AVRO, FAMILIES[Format.AVRO].members[PRICED], [{**PRICE[0], "version": 2}]),
            ),
        ),
    )


@pytest.mark.parametrize("door", [*on_each(closed_always), *closed_on_one_api()], ids=str)
def test_the_doors_that_stay_shut(door: Door) -> None:
    world = go_through(door)
    assert [str(one) for one in world.breaches] == []


@pytest.mark.parametrize("api", APIS)
def test_what_keeps_the_promise_is_let_through(api: str) -> None:
    """The front door: without it, a registry that refuses everything would pass."""
    world = World([open_ledger("memory:")])
    accepted = (
        *promised(api),
        calls.register(api, ORDERS, draft(DESCRIBED), key="k"),
        calls.register(api, ORDERS, draft(DESCRIBED), key="k"),
        calls.register(api, f"{ORDERS}-value", draft(OTHER)),
        calls.register(NATIVE, ORDERS, draft(OTHER), major="next"),
        calls.register(NATIVE, ORDERS, draft(OTHER, expr=""), major=2),
        calls.put_domain(DOMAIN, {"level": "FULL_TRANSITIVE"}),
        calls.put_contracts(DOMAIN, {ORDERS: [calls.contract(1, draft(DESCRIBED)), calls.contract(2, draft(OTHER))]}),
    )
    for call in accepted:
        assert world.send(call).status < 300, call
    refused = world.send(registering(api, WIDER))
    assert refused.status == 409
    assert [(one.subject, one.major) for one in world.record.revisions.values() if one.subject == ORDERS] == [
        (ORDERS, 1),
        (ORDERS, 1),
        (ORDERS, 2),
    ]
    assert not world.breaches


@pytest.mark.parametrize("mode", ["READONLY", "READONLY_OVERRIDE"])
@pytest.mark.parametrize(
    "call",
    [calls.put_domain(DOMAIN, {"level": "FULL"}), calls.put_domain("shop"), calls.set_life(ORDERS, 1, "retired")],
    ids=["policy", "domain", "lifecycle"],
)
def test_a_registry_that_is_read_only_keeps_its_domains_and_majors(mode: str, call: Call) -> None:
    world = World([open_ledger("memory:")])
    for one in (*promised(NATIVE), calls.set_mode(WHOLE, mode)):
        assert world.send(one).status < 300
    assert world.send(call).status in (403, 409, 422)


def test_an_answer_is_not_given_again_for_another_schema() -> None:
    """A number means something else once its subject was removed, and a retry would write with the wrong id."""
    world = World([open_ledger("memory:")])
    first = calls.register(CONFLUENT, "legacy-value", draft(PLAIN), key="k")
    for call in (first, *removing(CONFLUENT, "legacy-value", None)):
        assert world.send(call).status < 300
    assert world.send(calls.register(CONFLUENT, "legacy-value", draft(OTHER))).status == 200
    world.send(first)
    assert [str(one) for one in world.breaches] == []
