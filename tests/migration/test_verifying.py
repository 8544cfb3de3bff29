"""What counts as a difference between two registries."""

from dataclasses import replace

import pytest

from moorings_compat import Reference
from moorings_registry.migration import ImportedRegistry, ImportedVersion, differences

VERSION = ImportedVersion(
    "s", 2, 7, "AVRO", '{"type": "string"}', (Reference("a", "a", 1), Reference("b", "b", 2)),
    {"properties": {"owner": "x"}}, None, "guid-1",
)  # fmt: skip
PROTO = replace(VERSION, format="PROTOBUF", text='syntax = "proto3";\nmessage M {}\n')

SAME = [
    ("JSON is compared as JSON", VERSION, replace(VERSION, text='{"type":"string"}')),
    ("the order of references says nothing", VERSION, replace(VERSION, references=VERSION.references[::-1])),
    ("a registry need not tell a guid", replace(VERSION, guid=""), VERSION),
    ("whitespace says nothing in Protobuf", PROTO, replace(PROTO, text='syntax = "proto3"; message M {}')),
    ("empty metadata count as absent", replace(VERSION, metadata={"tags": {}}), replace(VERSION, metadata=None)),
]
OTHER = [
    (replace(VERSION, number=3), "s version 2 is missing here"),
    (replace(VERSION, id=8), "s version 2: the id is 8 here, 7 there"),
    (replace(VERSION, guid="guid-2"), "s version 2: the guid is guid-2 here, guid-1 there"),
    (replace(VERSION, deleted=True), "s version 2: soft-deleted here, active there"),
    (replace(VERSION, text='"string"'), "s version 2: the schema is another one"),
    (replace(VERSION, format="JSON"), "s version 2: the schema is another one"),
    (replace(VERSION, references=()), "s version 2: the references are others"),
    (replace(VERSION, metadata=None), "s version 2: the metadata are others"),
    (replace(VERSION, rule_set={"enableAt": "ALL"}), "s version 2: the rule set is another one"),
]


@pytest.mark.parametrize(("shows", "there", "here"), SAME, ids=[one[0] for one in SAME])
def test_what_is_the_same(shows: str, there: ImportedVersion, here: ImportedVersion) -> None:
    assert list(differences(ImportedRegistry((there,)), ImportedRegistry((here,)))) == []


@pytest.mark.parametrize(("here", "said"), OTHER, ids=[one[1] for one in OTHER])
def test_what_differs(here: ImportedVersion, said: str) -> None:
    assert list(differences(ImportedRegistry((VERSION,)), ImportedRegistry((here,)))) == [said]


def test_more_is_no_difference() -> None:
    here = ImportedRegistry((VERSION,), {"s": {"compatibility": "FULL"}}, {"s": "READONLY"})
    assert list(differences(ImportedRegistry(), here)) == []


def test_settings_and_modes() -> None:
    there = ImportedRegistry((), {"": {"compatibility": "full", "unknown": 1}, "s": {"alias": "t"}}, {"s": "READONLY"})
    assert list(differences(there, ImportedRegistry((), {"": {"compatibility": "FULL"}}))) == [
        "s: the setting alias is not what it is there",
        "s: the mode is not set here, READONLY there",
    ]
