"""Deleting in two steps, and taking the first one back."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

import pytest

from moorings_compat import Reference
from moorings_registry.commands import NEXT, Command, DeleteSubject, DeleteVersion, RestoreVersion, SetConfig, SetMode
from moorings_registry.errors import (
    OperationNotPermitted,
    ReferenceExists,
    Refusal,
    SubjectAlreadyDeleted,
    SubjectNotDeletedFirst,
    SubjectNotFound,
    VersionAlreadyDeleted,
    VersionInvalid,
    VersionNotDeletedFirst,
    VersionNotFound,
)
from moorings_registry.names import Scope, Subject
from tests.registry.asking import PLACED, Asked, avro, record, using

MONEY = Subject.parse("shop.Money")
PRICED = Subject.parse("shop.Priced")
GONE = Subject.parse("shop.NeverSeen")


@pytest.fixture
def shop(asked: Asked) -> Asked:
    """Three versions of one event, and a type that another schema refers to."""
    for text, major in ((record("a"), None), (record("a", b=0), None), (record("z"), NEXT)):
        asked.register(text, PLACED, major)
    asked.register(record("amount", name="Money"), MONEY)
    asked.register(avro(using("Money"), Reference("Money", str(MONEY), 1)), PRICED)
    return asked


@dataclass(frozen=True)
class Case:
    shows: str
    before: list[Command]
    command: Command
    versions: list[int]
    fact: str


CASES = [
    Case("a subject is hidden", [], DeleteSubject(PLACED), [1, 2, 3], "VersionsSoftDeleted"),
    Case("without those hidden", [DeleteVersion(PLACED, 2)], DeleteSubject(PLACED), [1, 3], "VersionsSoftDeleted"),
    Case(
        "and is deleted permanently",
        [DeleteSubject(PLACED)],
        DeleteSubject(PLACED, True),
        [1, 2, 3],
        "VersionsPermanentlyDeleted",
    ),
    Case("a version is hidden", [], DeleteVersion(PLACED, 2), [2], "VersionsSoftDeleted"),
    Case("by its label", [], DeleteVersion(PLACED, "1.1"), [2], "VersionsSoftDeleted"),
    Case("the latest of all", [], DeleteVersion(PLACED, "latest"), [3], "VersionsSoftDeleted"),
    Case(
        "that is not hidden yet",
        [DeleteVersion(PLACED, 3)],
        DeleteVersion(PLACED, "latest"),
        [2],
        "VersionsSoftDeleted",
    ),
    Case("of a major", [], DeleteVersion(PLACED, "v1"), [2], "VersionsSoftDeleted"),
    Case(
        "a version goes", [DeleteVersion(PLACED, 2)], DeleteVersion(PLACED, 2, True), [2], "VersionsPermanentlyDeleted"
    ),
    Case("and comes back", [DeleteVersion(PLACED, 2)], RestoreVersion(PLACED, 2), [2], "VersionsRestored"),
    Case("by its label", [DeleteVersion(PLACED, 2)], RestoreVersion(PLACED, "1.1"), [2], "VersionsRestored"),
    Case("one that is there stays", [], RestoreVersion(PLACED, 2), [2], "SchemaRegistered"),
    Case("what refers to it goes first", [DeleteSubject(PRICED)], DeleteSubject(MONEY), [1], "VersionsSoftDeleted"),
]


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_a_deletion_leaves_the_versions_that_it_should(case: Case, shop: Asked) -> None:
    for command in case.before:
        shop.do(command)
    assert list(shop.do(case.command).versions) == case.versions
    assert shop.facts[-1] == case.fact


REFUSED = [  # what it shows, what was done before, the command, the refusal
    ("an unknown subject", [], DeleteSubject(GONE), SubjectNotFound),
    ("a version of it", [], DeleteVersion(GONE, 1), SubjectNotFound),
    ("bringing one back", [], RestoreVersion(GONE, 1), SubjectNotFound),
    ("a subject twice", [DeleteSubject(PLACED)], DeleteSubject(PLACED), SubjectAlreadyDeleted),
    ("permanently, without a soft delete before", [], DeleteSubject(PLACED, True), SubjectNotDeletedFirst),
    ("with one version left", [DeleteVersion(PLACED, 1)], DeleteSubject(PLACED, True), SubjectNotDeletedFirst),
    ("an unknown version", [], DeleteVersion(PLACED, 9), VersionNotFound),
    ("no version at all", [], DeleteVersion(PLACED, "last"), VersionInvalid),
    ("the latest of none", [DeleteSubject(PLACED)], DeleteVersion(PLACED, "latest"), VersionNotFound),
    ("a version twice", [DeleteVersion(PLACED, 2)], DeleteVersion(PLACED, 2), VersionAlreadyDeleted),
    ("twice by its label", [DeleteVersion(PLACED, 2)], DeleteVersion(PLACED, "1.1"), VersionAlreadyDeleted),
    ("a version permanently, without a soft delete before", [], DeleteVersion(PLACED, 2, True), VersionNotDeletedFirst),
    ("what is referred to", [], DeleteSubject(MONEY), ReferenceExists),
    ("a version that is", [], DeleteVersion(MONEY, 1), ReferenceExists),
    (
        "permanently what a hidden one refers to",
        [DeleteSubject(PRICED), DeleteSubject(MONEY)],
        DeleteSubject(MONEY, True),
        ReferenceExists,
    ),
    ("a read-only subject", [SetMode(Scope.of(PLACED), "READONLY")], DeleteSubject(PLACED), OperationNotPermitted),
    ("a version of it", [SetMode(Scope.of(PLACED), "READONLY")], DeleteVersion(PLACED, 1), OperationNotPermitted),
    ("bringing back in it", [SetMode(Scope.of(PLACED), "READONLY")], RestoreVersion(PLACED, 1), OperationNotPermitted),
]


@pytest.mark.parametrize(("shows", "before", "command", "refusal"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_deletion_that_is_not_possible_is_refused(
    shows: str, before: list[Command], command: Command, refusal: type[Refusal], shop: Asked
) -> None:
    for one in before:
        shop.do(one)
    position = shop.registry.state.position
    with pytest.raises(refusal):
        shop.do(command)
    assert shop.registry.state.position == position


def test_what_is_gone_for_good_is_in_no_answer_and_in_the_ledger(shop: Asked) -> None:
    state = shop.registry.state
    version = state.subjects[PLACED].versions[0]
    for permanent in (False, True):
        shop.do(DeleteSubject(PLACED, permanent))
    state = shop.registry.state
    assert state.subject(PLACED) is None
    assert state.guid_of_id(version.id) is None
    assert not state.is_live(version.guid)
    assert "SchemaRegistered" in shop.facts
    again = shop.register(record("a"), PLACED)
    assert (again.number, again.id) == (1, version.id)  # the numbers begin again, the id is that of the content


def test_a_hidden_version_still_has_its_id(shop: Asked) -> None:
    shop.do(DeleteVersion(PLACED, 2))
    assert shop.registry.state.guid_of_id(2) is not None


def _settings(asked: Asked) -> tuple[bool, bool]:
    state = asked.registry.state
    return str(PLACED) in state.configs, str(PLACED) in state.modes


@pytest.mark.parametrize(
    ("remove", "left"),
    [
        (lambda shop: shop.do(DeleteSubject(PLACED)), (True, True)),
        (lambda shop: [shop.do(DeleteSubject(PLACED, permanent)) for permanent in (False, True)], (False, False)),
    ],
)
def test_settings_go_with_the_last_version(
    remove: Callable[[Asked], object], left: tuple[bool, bool], shop: Asked
) -> None:
    shop.do(SetConfig(Scope.of(PLACED), {"compatibility": "NONE"}))
    shop.do(SetMode(Scope.of(PLACED), "READWRITE"))
    remove(shop)
    assert _settings(shop) == left
