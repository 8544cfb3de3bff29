"""Laws of the registry: any sequence of commands comes to what a simple model says, on one service or on several."""

import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from moorings_compat import Format
from moorings_registry.bases import BaseFolder
from moorings_registry.callers import Caller
from moorings_registry.commands import (
    Command,
    DeleteSubject,
    DeleteVersion,
    Draft,
    GrantWaiver,
    PutDomain,
    RegisterSchema,
    RestoreVersion,
    SetConfig,
    SetMajorLifecycle,
)
from moorings_registry.engines import open_ledger
from moorings_registry.errors import Refusal
from moorings_registry.ledger import verify
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.names import Scope, Subject
from moorings_registry.principals import LOCAL_PRINCIPAL
from moorings_registry.service import Registry
from moorings_registry.state import MajorState, State, WaiverKind, apply
from tests.laws.registry_model import Content, Model, Result
from tests.registry.asking import require_facts_as_described

NODES = 3
IN_MEMORY = Path("/dev/shm")
"""Where there is one: these laws are about what is decided, and disks sync slowly."""
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SUBJECTS = ("shop.orders.OrderPlaced", "shop.PlaceOrder", "legacy-value", ":.t:shop.orders.OrderPlaced")
LEVELS = ("NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE")

subjects = st.sampled_from((*SUBJECTS, SUBJECTS[0], SUBJECTS[0], SUBJECTS[0]))
"""One of them more often than the others, so that its history grows."""
levels = st.sampled_from((*LEVELS, None))
numbers = st.integers(1, 4)
contents = st.builds(
    Content,
    st.dictionaries(st.sampled_from("ab"), st.booleans(), max_size=2).map(lambda fields: frozenset(fields.items())),
    st.sampled_from((None, None, "x")),
)
policies = st.none() | st.fixed_dictionaries(
    {}, optional={"level": st.sampled_from(LEVELS), "names": st.sampled_from(("any", "past_tense"))}
)
reasons = st.sampled_from(("", "no event was written", "no event was written"))
keys = st.sampled_from((None, None, "k1", "k2", "k3"))
nodes = st.integers(0, NODES - 1)


def draft(content: Content) -> Draft:
    """The schema that *content* models."""
    fields = [
        {"name": name, "type": "int", **({"default": 0} if has_default else {})}
        for name, has_default in sorted(content.fields)
    ]
    record = {"type": "record", "name": "Order", "fields": fields}
    text = json.dumps({"type": "array", "items": record})  # a type without a name fits every event
    return Draft(Format.AVRO, text, metadata={"properties": {"tag": content.tag}} if content.tag else None)


class RegistryMachine(RuleBasedStateMachine):
    """One registry on a ledger in memory, three that share a file, and the model; all are asked the same."""

    @initialize(policy=st.none() | st.just({}) | policies, waived=st.booleans())
    def start(self, policy: dict[str, str] | None, waived: bool) -> None:
        """Begin with a registered domain, or without any."""
        self.folder = Path(tempfile.mkdtemp(prefix="moorings-laws-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None))
        self.model = Model()
        self.alone = _service("memory:")
        self.several = [_service(f"sqlite:///{self.folder}/l.db") for _ in range(NODES)]
        self.guids: dict[tuple[str, int], str] = {}
        self.numbers: dict[str, int] = {}
        if policy is not None:
            self.put_domain("shop", "a", policy, None, 0)
        if policy is not None and waived:
            self.grant("shop", 0)

    @rule(
        subject=subjects, content=contents, major=st.sampled_from((None, None, "next", 1, 2, 3)), key=keys, node=nodes
    )
    def register(self, subject: str, content: Content, major: int | str | None, key: str | None, node: int) -> None:
        command = RegisterSchema(Subject.parse(subject), draft(content), major)
        self._ask(command, lambda: self.model.register(subject, content, major), key, node)

    @rule(subject=subjects, number=numbers, permanent=st.booleans(), reason=reasons, key=keys, node=nodes)
    def delete_version(
        self, subject: str, number: int, permanent: bool, reason: str, key: str | None, node: int
    ) -> None:
        command = DeleteVersion(Subject.parse(subject), number, permanent, reason)
        self._ask(command, lambda: self.model.delete_version(subject, number, permanent, reason), key, node)

    @rule(subject=subjects, permanent=st.booleans(), reason=reasons, node=nodes)
    def delete_subject(self, subject: str, permanent: bool, reason: str, node: int) -> None:
        command = DeleteSubject(Subject.parse(subject), permanent, reason)
        self._ask(command, lambda: self.model.delete_subject(subject, permanent, reason), None, node)

    @rule(subject=subjects, number=numbers, key=keys, node=nodes)
    def restore(self, subject: str, number: int, key: str | None, node: int) -> None:
        command = RestoreVersion(Subject.parse(subject), number)
        self._ask(command, lambda: self.model.restore(subject, number), key, node)

    @rule(
        domain=st.sampled_from(("shop", "shop.orders")),
        owner=st.sampled_from("ab"),
        policy=policies,
        key=keys,
        node=nodes,
    )
    def put_domain(self, domain: str, owner: str, policy: dict[str, str] | None, key: str | None, node: int) -> None:
        command = PutDomain(domain, owner, policy=policy)
        self._ask(command, lambda: self.model.put_domain(domain, owner, policy), key, node)

    @rule(domain=st.sampled_from(("shop", "shop.orders")), node=nodes)
    def grant(self, domain: str, node: int) -> None:
        """Let versions of majors in use be deleted, and majors be retired and brought back."""
        command = GrantWaiver(WaiverKind.RETIRE, domain, "a law", "ann", "bob", NOW + timedelta(days=30))
        self._ask(command, lambda: self.model.grant(domain), None, node)

    @rule(scope=subjects | st.just(""), level=levels, key=keys, node=nodes)
    def set_level(self, scope: str, level: str | None, key: str | None, node: int) -> None:
        command = SetConfig(Scope.of_key(scope), {"compatibility": level})
        self._ask(command, lambda: self.model.set_level(scope, level), key, node)

    @rule(subject=subjects, major=numbers, retired=st.booleans(), node=nodes)
    def set_life(self, subject: str, major: int, retired: bool, node: int) -> None:
        command = SetMajorLifecycle(Subject.parse(subject), major, MajorState.RETIRED if retired else MajorState.ACTIVE)
        self._ask(command, lambda: self.model.set_retired(subject, major, retired), None, node)

    def _ask(self, command: Command, modelled: Callable[[], Result], key: str | None, node: int) -> None:
        request = repr(command)
        caller = Caller(LOCAL_PRINCIPAL, "c", key or "", request if key else "")
        expected = self.model.ask(modelled, request, key)
        assert _answer(self.alone, command, caller) == expected
        assert _answer(self.several[node], command, caller) == expected

    @invariant()
    def what_is_held_is_what_the_model_holds(self) -> None:
        state = self.alone.state
        shown = {
            str(subject): [(one.number, one.major, one.revision, one.deleted) for one in held.versions]
            for subject, held in state.subjects.items()
        }
        assert shown == {
            name: [(one.number, one.major, one.revision, one.deleted) for one in held.versions]
            for name, held in self.model.subjects.items()
        }
        assert state.position == self.model.entries

    @invariant()
    def ids_and_numbers_are_never_given_twice(self) -> None:
        state = self.alone.state
        for (context, id), guid in state.ids.items():
            assert self.guids.setdefault((context, id), guid) == guid
            assert state.id_of[context, guid] == id
        numbers = {str(subject): held.last_number for subject, held in state.subjects.items()}
        assert all(numbers[name] >= number for name, number in self.numbers.items() if name in numbers)
        self.numbers = numbers
        for name, held in self.model.subjects.items():
            context = name.rpartition(":")[0]
            ids = {one.number: one.id for one in state.subjects[Subject.parse(name)].versions}
            assert ids == {one.number: self.model.ids[context, one.content] for one in held.versions}

    @invariant()
    def one_content_has_one_guid_everywhere(self) -> None:
        state = self.alone.state
        guids: dict[Content, set[str]] = {}
        for name, held in self.model.subjects.items():
            for one in held.versions:
                version = state.version_at((Subject.parse(name), one.number))
                assert version is not None
                guids.setdefault(one.content, set()).add(version.guid)
        assert all(len(found) == 1 for found in guids.values())
        assert len(set().union(*guids.values())) == len(guids)

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        states = [one.catch_up() for one in (self.alone, *self.several)]
        assert all(state == states[0] for state in states)  # to the digest: the very same entries
        for service in (self.alone, self.several[0]):
            assert apply(State(), service.ledger.read(0)) == states[0]
            assert verify(service.ledger.read(0)).digest == states[0].digest
        self._begin_from_bases(states[0])
        require_facts_as_described(self.alone.ledger)
        for service in self.several:
            service.ledger.close()
        shutil.rmtree(self.folder)

    def _begin_from_bases(self, whole: State) -> None:
        """Fold on a base as on what was folded: one at half of the history, and another one made of that at its end."""
        half = MemoryLedger()
        for entry in list(self.alone.ledger.read(0))[: whole.position // 2]:
            half.append(entry, after=half.head())
        for ledger in (half, self.alone.ledger):
            folder = BaseFolder(self.folder / "bases", ledger, "f" * 64, small_bytes=0)
            folder.bring_up_to_date()
            base = folder.newest_state() or State()
            assert base.position == ledger.head().position
            assert apply(base, self.alone.ledger.read(base.position)) == whole


def _service(url: str) -> Registry:
    return Registry(open_ledger(url), clock=lambda: NOW)


def _answer(service: Registry, command: Command, caller: Caller) -> Result:
    try:
        outcome, _ = service.execute(command, caller)
    except Refusal as refusal:
        return ("refused", refusal.code)
    return ("ok", outcome.versions, outcome.created)


TestRegistry = RegistryMachine.TestCase
TestRegistry.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
