"""In which order versions are taken over."""

from operator import attrgetter

import pytest

from moorings_compat import Reference
from moorings_registry.app import build_application
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.migration import ImportedRegistry, ImportedVersion, SourceUnreadable, plan_import
from moorings_registry.migration.planning import in_order_of_references
from moorings_registry.names import Subject


def version(subject: str, number: int, *references: tuple[str, int]) -> ImportedVersion:
    listed = tuple(Reference(name, name, wanted) for name, wanted in references)
    return ImportedVersion(subject, number, 1, "AVRO", '"int"', listed)


CASES = [
    ("numbers ascend", [version("s", 10), version("s", 2)], ["s version 2", "s version 10"]),
    ("a reference goes first", [version("a", 1, ("b", 1)), version("b", 1)], ["b version 1", "a version 1"]),
    (
        "a plain name lies in the context of whoever refers to it",
        [version(":.t:a", 1, ("b", 1)), version("b", 1), version(":.t:b", 1)],
        [":.t:b version 1", "b version 1", ":.t:a version 1"],
    ),
    (
        "numbers give way to references",
        [version("a", 1, ("b", 2)), version("b", 1, ("a", 1)), version("b", 2)],
        ["b version 2", "a version 1", "b version 1"],
    ),
    ("what is not there is left to the check", [version("a", 1, ("gone", 1))], ["a version 1"]),
]


@pytest.mark.parametrize(("shows", "versions", "order"), CASES, ids=[one[0] for one in CASES])
def test_order(shows: str, versions: list[ImportedVersion], order: list[str]) -> None:
    found = [one.label for one in in_order_of_references(tuple(versions))]
    assert sorted(found) == sorted(order)
    placed = {one.label: one for one in versions}
    for label in found:
        for reference in placed[label].references:
            context = ":.t:" if label.startswith(":.t:") else ""
            target = f"{context}{reference.subject} version {reference.version}"
            assert target not in found or found.index(target) < found.index(label)
    if len(order) < 3:
        assert found == order


def test_a_long_chain_is_no_matter() -> None:
    chain = [version("s", number, *([("s", number + 1)] if number < 5_000 else [])) for number in range(1, 5_001)]
    assert in_order_of_references(tuple(chain)) == sorted(chain, key=attrgetter("number"), reverse=True)


def test_a_circle_is_named() -> None:
    with pytest.raises(SourceUnreadable, match=r"in a circle: .*a version 1"):
        in_order_of_references((version("a", 1, ("b", 1)), version("b", 1, ("a", 1))))


def test_versions_of_compatibility_groups_become_majors() -> None:
    def grouped(number: int, group: str) -> ImportedVersion:
        properties = {"properties": {"line": group}}
        return ImportedVersion("s", number, number, "AVRO", '"int"', metadata=properties)

    registry = build_application(MemoryLedger()).registry
    versions = (grouped(1, "a"), grouped(2, "b"), ImportedVersion("t", 1, 3, "AVRO", '"int"'))
    imported = ImportedRegistry(versions, {"s": {"compatibilityGroup": "line"}})
    plan = plan_import(registry.state, imported, registry.dependencies)
    held = plan.state.subjects[Subject("s")]
    assert [one.major for one in held.versions] == [1, 2]
