"""Sequences of calls: what is asked of a registry next, at random.

Hypothesis chooses what kind of call comes next, gives up some kinds for the length of a sequence, and throws the dice
that choose the rest: they are even where Hypothesis likes to repeat itself. A sequence that breaks the law is made
short by leaving calls out (`world.shortened`), which takes seconds, and ends the test there and then.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from moorings_compat import Format, JsonFields, ProtobufLevel
from tests.laws.promise import calls
from tests.laws.promise.calls import APIS, CONFLUENT, NATIVE, WHOLE, Call, Draft
from tests.laws.promise.families import (
    CONDITIONS,
    DESCRIBED,
    FAMILIES,
    MODES,
    PLAIN,
    PRICED,
    TITLED,
    Family,
    condition,
    parsed,
)
from tests.laws.promise.model import Revision
from tests.laws.promise.world import (
    BY_TOPIC,
    ORDERS,
    PRICES,
    SUBJECTS,
    World,
    in_a_month,
    offered,
    shortened,
    shown,
)

EUROPE = f":.eu:{ORDERS}"
LEVELS = ("NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE")
SCOPES = (*(ORDERS,) * 5, BY_TOPIC, "shop.OrderShipped", EUROPE, ":.eu:", WHOLE)
MODES_SET = ("IMPORT", "IMPORT", "FORWARD", "READONLY", "READONLY_OVERRIDE", "READWRITE", *("",) * 6)
"""Of a scope; the empty one takes it away."""
AGREEING = (PLAIN, DESCRIBED, TITLED)
"""Members that break none of each other."""
LABELS = (*("",) * 12, "1", "1", "2", "2", "x", "7")
MAJORS = (None, None, None, 1, 1, 1, 2, "next")
EXPRESSIONS = tuple(CONDITIONS)
TOPICS: tuple[tuple[str, ...], ...] = ((), ("orders",), ("orders",), (ORDERS,), ("orders", ORDERS))
"""What an event is bound to; the empty one unbinds it."""
KINDS = ("fact", "fact", "fact", "type", "command")
KEYS: tuple[tuple[str, ...], ...] = ((), (), ("/total",), ("/missing",))


class PromiseMachine(RuleBasedStateMachine):
    """Workers of one registry, asked for anything."""

    new_world: ClassVar[Callable[[], World]]
    tally: ClassVar[dict[str, int]]

    def __init__(self) -> None:
        super().__init__()
        self.dice = Random()
        self.world = type(self).new_world()
        self.family: Family = FAMILIES[Format.AVRO]
        self.several = False
        self.keys = 0

    @initialize(seed=st.integers(0, 2**64 - 1))
    def begin(self, seed: int) -> None:
        self.dice = dice = Random(seed)
        self.family = FAMILIES[dice.choice((Format.AVRO, Format.AVRO, *Format))]
        self.several = dice.random() < 0.3
        if dice.random() < 0.8:
            self._ask(calls.put_domain("shop.orders", _policy(dice)))
            if offered().waivers and dice.random() < 0.8:  # without it, nothing of a major in use is deleted
                self._ask(calls.grant("retire", "shop.orders", in_a_month()))
        for member in dice.sample(AGREEING, dice.randint(0, 2)):
            self._ask(calls.register(NATIVE, ORDERS, self._draft(member)))

    # Registering

    @rule()
    def register_order(self) -> None:
        dice = self.dice
        draft = self._draft(self._member(ORDERS))
        key = self._key() if dice.random() < 0.5 else ""
        self._ask(calls.register(dice.choice(APIS), ORDERS, draft, major=dice.choice((None, 1)), key=key))

    @rule()
    def register(self) -> None:
        dice = self.dice
        subject = _subject(dice)
        rules = _rules(dice) if dice.random() < 0.3 else None
        draft = self._draft(self._member(subject), rules, dice.choice(LABELS))
        normalize, force = dice.random() < 0.5, dice.random() < 0.2
        call = calls.register(
            dice.choice(APIS), subject, draft, major=dice.choice(MAJORS), normalize=normalize, force=force
        )
        self._ask(call)

    @rule()
    def register_what_agrees(self) -> None:
        draft = self._draft(self.dice.choice(AGREEING))
        self._ask(calls.register(self.dice.choice(APIS), ORDERS, draft, major=1))

    @rule()
    def register_with_rules(self) -> None:
        dice = self.dice
        draft = self._draft(dice.choice((PLAIN, DESCRIBED)), _rules(dice))
        self._ask(calls.register(dice.choice(APIS), ORDERS, draft))

    @rule()
    def register_priced(self) -> None:
        """Refer to a price, which is a number here and a word in the other context."""
        subject, context = self.dice.choice(((ORDERS, ""), (EUROPE, ":.eu:")))
        price = f"{context}price"
        if not self._listed(subject):
            self._ask(calls.register(CONFLUENT, subject, self._draft(PLAIN)))
        if not self._listed(price):
            self._ask(calls.register(CONFLUENT, price, self._price(word=bool(context))))
        self._ask(calls.register(CONFLUENT, subject, self._draft(PRICED, number=self._number(price))))

    @rule()
    def change_price(self) -> None:
        """Outside the domains anybody may: with force, or by an import over what was deleted permanently."""
        dice = self.dice
        price = dice.choice(PRICES)
        self._ask(calls.register(CONFLUENT, price, self._price(word=dice.random() < 0.5), force=True))
        if dice.random() < 0.5:
            return
        number = self._number(price)
        self._ask(calls.ask_whether(ORDERS, self._draft(PRICED, number=number)))
        self._remove_version(price, number)
        draft = self._price(word=dice.random() < 0.5)
        self._import(price, calls.import_version(price, draft, dice.randint(1, 99), number), force=True)

    @precondition(lambda self: self.world.kept)
    @rule()
    def repeat(self) -> None:
        self._ask(self.dice.choice(self.world.kept))

    # Deleting

    @rule()
    def delete_version(self) -> None:
        dice = self.dice
        subject = self._held()
        number = self._number(subject)
        if dice.random() < 0.5:
            self._ask(calls.delete_version(dice.choice(APIS), subject, number))
        else:
            self._remove_version(subject, number)

    @rule()
    def delete_subject(self) -> None:
        dice = self.dice
        subject, api = self._held(), dice.choice(APIS)
        self._ask(calls.delete_subject(api, subject))
        if dice.random() < 0.6:
            self._ask(calls.delete_subject(api, subject, permanent=True))

    @rule()
    def restore(self) -> None:
        dice = self.dice
        subject, api = self._held(deleted=True), dice.choice(APIS)
        whole = api == CONFLUENT and dice.random() < 0.5
        number = None if whole else self._number(subject, deleted=True)
        self._ask(calls.restore(api, subject, number))

    # Importing

    @rule()
    def set_mode(self) -> None:
        dice = self.dice
        scope, mode = dice.choice(SCOPES), dice.choice(MODES_SET)
        force = dice.random() < 0.5
        self._ask(calls.set_mode(scope, mode, force=force) if mode else calls.clear_mode(scope))

    @rule()
    def import_version(self) -> None:
        dice = self.dice
        scope = dice.choice(SCOPES)
        subject = f"{scope}{ORDERS}" if scope in (WHOLE, ":.eu:") else scope
        draft, number = self._draft(self._member(subject)), dice.choice((None, 1, 2, 3, 4))
        call = calls.import_version(subject, draft, dice.randint(1, 99), number)
        self._import(scope, call, force=dice.random() < 0.6)

    # Governing

    @rule()
    def put_domain(self) -> None:
        dice = self.dice
        domain, owner = dice.choice(("shop.orders", "shop.orders", "shop")), dice.choice(("team", "others"))
        self._ask(calls.put_domain(domain, _policy(dice), owner))

    @rule()
    def put_contracts(self) -> None:
        """Several parts of one write: what one of them leads to, the next is decided on."""
        dice = self.dice
        with_domain = dice.random() < 0.6
        events: dict[str, list[dict[str, Any]]] = {}
        for subject in dice.sample((ORDERS, ORDERS, f"{ORDERS}-key"), dice.randint(0, 2)):
            majors = dice.sample((1, 1, 2), dice.randint(1, 2))
            events[subject] = [self._contract(subject, one) for one in dict.fromkeys(majors)]
        bound = {one: dice.choice(TOPICS) for one in events if one == ORDERS and dice.random() < 0.4}
        asked = {"with_domain": with_domain, "topics": bound}
        policy, key = _policy(dice), self._key() if dice.random() < 0.3 else ""
        if dice.random() < 0.3:
            self._ask(calls.put_contracts("shop.orders", events, policy, **asked, dry_run=True))
        self._ask(calls.put_contracts("shop.orders", events, policy, **asked, key=key))

    @rule()
    def declare(self) -> None:
        dice = self.dice
        subject, kind = dice.choice((*(ORDERS,) * 3, "shop.OrderShipped", EUROPE)), dice.choice(KINDS)
        self._ask(calls.put_event(subject, kind, dice.choice(TOPICS), key=dice.choice(KEYS)))

    @rule()
    def register_by_topic(self) -> None:
        """What Kafka's clients do by default, and by the names of records."""
        dice = self.dice
        name = dice.choice((BY_TOPIC, BY_TOPIC, f"orders-{ORDERS}", f"{ORDERS}-value", "orders-key"))
        draft, force = self._draft(self._member(ORDERS)), dice.random() < 0.2
        if dice.random() < 0.5:
            self._ask(calls.put_event(ORDERS, topics=("orders",)))
        self._ask(calls.register(dice.choice(APIS), name, draft, force=force))

    @rule()
    def set_level(self) -> None:
        dice = self.dice
        scope = dice.choice(SCOPES)
        api = CONFLUENT if scope.endswith(":") else dice.choice(APIS)
        self._ask(calls.set_level(api, scope, dice.choice((*LEVELS, "NONE", None))))

    @rule()
    def set_config(self) -> None:
        dice = self.dice
        scope = dice.choice(SCOPES)
        self._ask(calls.set_config(scope, _settings(dice, with_alias=scope not in (WHOLE, ":.eu:"))))

    @rule()
    def ask_for_something_rare(self) -> None:
        dice = self.dice
        subject, condition_ = self._held(), condition(dice.choice(EXPRESSIONS))
        draft, number = self._draft(self._member(subject)), self._number(subject)
        rare = (
            calls.tag(subject, number, condition_),
            calls.register_rules(subject, condition_),
            calls.associate(subject, draft),
            calls.associate(subject, draft, update=True),
            calls.associate(subject, None),
            calls.associate_again(subject, draft),
            calls.associate_again(subject, draft),
            calls.dissociate(subject),
            calls.clear_config(subject),
            calls.delete_context(".eu"),
            calls.set_life(subject, 1, "retired"),
            calls.set_life(subject, 1, "active"),
            calls.set_life(subject, 1, "deprecated"),
            calls.set_life(subject, 1, "draft"),
            calls.put_migration(subject, 2),
            calls.put_consumer(subject, 1, dice.choice(((), ("/total",), ("/note",)))),
            calls.register(NATIVE, subject, draft, major="next", state="draft"),
        )
        self._ask(dice.choice(rare))

    @precondition(lambda _: offered().waivers)
    @rule()
    def grant(self) -> None:
        dice = self.dice
        kind, domain = (
            dice.choice(("level", "import", "purge", "retire", "finding")),
            dice.choice(("shop.orders", "shop")),
        )
        subject, major = dice.choice((("", 0), ("", 0), (ORDERS, 0), (ORDERS, 1)))
        self._ask(calls.grant(kind, domain, in_a_month(), subject=subject, major=major))

    @precondition(lambda self: self.world.record.waivers)
    @rule()
    def withdraw(self) -> None:
        dice = self.dice
        self._ask(calls.withdraw(dice.choice(self.world.record.waivers).id))

    # What they are made of

    def teardown(self) -> None:
        record, sent = self.world.record, self.world.sent
        self.tally["sequences"] += 1
        self.tally["calls"] += len(sent)
        self.tally["revisions"] += len(record.revisions)
        self.tally["pairs"] += record.compared
        self.tally["refused"] += self.world.refused
        if sent and not self.world.breaches:
            self.world.look(sent[-1][0])
            self._require_the_law()

    def _ask(self, call: Call) -> None:
        try:
            self.world.send(call, self._worker())
        except AssertionError as error:
            pytest.fail(f"{error}\n{shown(self.world.sent)}", pytrace=False)
        self._require_the_law()

    def _worker(self) -> int:
        return self.dice.randint(0, 1) if self.several else 0

    def _require_the_law(self) -> None:
        if self.world.breaches:
            sent, breaches = shortened(self.world.sent, type(self).new_world)
            number = f"sequence {self.tally['sequences'] + 1}, {len(self.world.sent)} calls, made short:"
            pytest.fail("\n".join((*map(str, breaches), number, shown(sent))), pytrace=False)

    def _import(self, scope: str, call: Call, *, force: bool) -> None:
        self._ask(calls.set_mode(scope, "IMPORT", force=force))
        self._ask(call)
        self._ask(calls.clear_mode(scope))

    def _remove_version(self, subject: str, number: int) -> None:
        api = self.dice.choice(APIS)
        self._ask(calls.delete_version(api, subject, number))
        self._ask(calls.delete_version(api, subject, number, permanent=True))

    def _draft(self, member: str, rules: dict[str, Any] | None = None, label: str = "", *, number: int = 1) -> Draft:
        references = [{"name": self.family.price_name, "subject": "price", "version": number}]
        return Draft(
            self.family.format, self.family.members[member], references if member == PRICED else [], rules, label
        )

    def _contract(self, subject: str, major: int) -> dict[str, Any]:
        dice = self.dice
        rules = _rules(dice) if dice.random() < 0.2 else None
        member = dice.choice(AGREEING) if dice.random() < 0.4 else self._member(subject)
        draft = self._draft(member, rules) if dice.random() < 0.8 else None
        return calls.contract(major, draft, dice.choice(("", "", "", "draft", "active", "deprecated", "retired")))

    def _price(self, *, word: bool) -> Draft:
        return Draft(self.family.format, self.family.prices["word" if word else "number"])

    def _key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def _listed(self, subject: str = "") -> list[Revision]:
        """The revisions that a subject lists, or all subjects, soft-deleted or not."""
        return [one for one in self.world.record.revisions.values() if not one.purged and subject in ("", one.subject)]

    def _member(self, subject: str) -> str:
        """A schema that the subject does not show now."""
        held = {parsed(one.source).canonical for one in self._listed(subject) if not one.deleted}
        others = [name for name in self.family.members if parsed(self.family.source(name)).canonical not in held]
        return self.dice.choice(others or list(self.family.members))

    def _held(self, *, deleted: bool = False) -> str:
        """A subject that holds something, or with *deleted* something soft-deleted."""
        held = sorted({one.subject for one in self._listed() if one.deleted or not deleted})
        return ORDERS if ORDERS in held and self.dice.random() < 0.5 else self.dice.choice(held or [ORDERS])

    def _number(self, subject: str, *, deleted: bool = False) -> int:
        """The number of a version that the subject holds, or with *deleted* of a soft-deleted one."""
        listed = self._listed(subject)
        wanted = [one for one in listed if one.deleted] if deleted else listed
        return self.dice.choice([one.key[1] for one in wanted or listed] or [1])


def _subject(dice: Random) -> str:
    return ORDERS if dice.random() < 0.6 else dice.choice(SUBJECTS)


def _rules(dice: Random) -> dict[str, Any]:
    more = dice.choice(({}, {}, {}, {}, {"disabled": True}, {"onFailure": "NONE"}))
    rules = condition(dice.choice(EXPRESSIONS), dice.choice(MODES), **more)
    return {**rules, "enableAt": dice.choice(("ALL", "SERVER"))} if dice.random() < 0.1 else rules


def _policy(dice: Random) -> dict[str, Any] | None:
    if dice.random() < 0.3:
        return None
    said = {
        "level": dice.choice(LEVELS),
        "formats": dice.choice(("asserted", "annotations")),
        "protobuf_level": dice.choice((str(ProtobufLevel.WIRE), str(ProtobufLevel.JSON))),
        "json_fields": dice.choice(tuple(map(str, JsonFields))),
        "kinds": dice.choice((["fact"], ["fact", "type"], ["fact", "type", "command"])),
        "complete": dice.random() < 0.5,
        "names": dice.choice(("past_tense", "any")),
    }
    chosen = {name: value for name, value in said.items() if dice.random() < 0.5}
    return {**chosen, "type_names": dice.choice(("any", "any", "event"))}  # one family serves several events


def _settings(dice: Random, *, with_alias: bool) -> dict[str, Any]:
    """What `PUT /config` may set besides a level; null clears."""
    rules, flags = (None, _rules(dice)), (None, True, False)
    metadata: Sequence[Any] = (None, {"properties": {"team": "a"}}, {"properties": {"major": "1"}})
    each: dict[str, Sequence[Any]] = {
        "compatibilityGroup": (None, "major", "generation"),
        "normalize": flags,
        "validateFields": flags,
        "validateRules": flags,
        "validateNewSchemas": flags,
        "defaultRuleSet": rules,
        "overrideRuleSet": rules,
        "defaultMetadata": metadata,
        "overrideMetadata": metadata,
        **({"alias": (None, "legacy-value", "shop.OrderShipped", "legacy-value")} if with_alias else {}),
    }
    name = dice.choice((*each, "alias")) if with_alias else dice.choice(tuple(each))
    return {name: dice.choice(each[name])}
