"""What a name in a schema means in a folder of contracts: by `$id`, by path, by the type that a file defines."""

import json
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import pytest

from moorings.layout import Issue, Parsed, lint, read_folder
from tests.client.layout.test_lint import write

DOMAINS = {
    "shop.runs/domain.toml": 'owner = "runs"\n[policy]\nnames = "any"\n',
    "shop.types/domain.toml": 'owner = "types"\n[policy]\nnames = "any"\n',
}
FACET = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.org/spec/facets/1-0-0/Facet.json",
    "$defs": {
        "Named": {"$anchor": "named", "type": "object", "properties": {"name": {"type": "string"}}},
        "a name": {"type": "string", "minLength": 1},
        "Own": {"$id": "/spec/own.json", "type": "integer"},
        "Item": {"$dynamicAnchor": "item", "type": "boolean"},
    },
}
FACET_FILE = "shop.types/Facet.v1.schema.json"
RUN = "shop.runs/RunStarted.v1.schema.json"
AT = "https://example.org/spec/2-0-0/RunStarted.json"
MONEY = 'syntax = "proto3"; package shop.types; message Money { int64 cents = 1; }'
MONEY_FILE = "shop.types/Money.v1.proto"
PAID = "shop.runs/RunPaid.v1.proto"
AVRO_MONEY = '{"type": "record", "name": "Money", "namespace": "com.shop", "fields": [{"name": "a", "type": "long"}]}'
AVRO_PAID = json.dumps(
    {
        "type": "record",
        "name": "Run",
        "namespace": "shop.runs",
        "fields": [{"name": "m", "type": ["null", "com.shop.Money"]}],
    },
    indent=1,
)


def run_with(reference: str, keyword: str = "$ref", **more: str) -> str:
    """A JSON Schema with one reference, on its fifth line."""
    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps({**draft, **more, "properties": {"f": {keyword: reference}}}, indent=1)


def paid_with(path: str, kind: str = "") -> str:
    return (
        f'syntax = "proto3"; package shop.runs;\nimport {kind}"{path}";\nmessage RunPaid {{ shop.types.Money m = 1; }}'
    )


@dataclass(frozen=True)
class Means:
    shows: str
    files: dict[str, str]
    file: str
    subject: str
    name: str
    """What the reference is called when it is pushed."""


MEANS = [
    Means("an absolute $id", {RUN: run_with(FACET["$id"])}, RUN, "shop.types.Facet", str(FACET["$id"])),  # type: ignore[arg-type]
    Means(
        "an $id relative to the own one",
        {RUN: run_with("../facets/1-0-0/Facet.json#/$defs/Named", **{"$id": AT})},
        RUN,
        "shop.types.Facet",
        str(FACET["$id"]),
    ),
    Means(
        "an anchor of another document",
        {RUN: run_with(f"{FACET['$id']}#named")},
        RUN,
        "shop.types.Facet",
        str(FACET["$id"]),
    ),
    Means(
        "a pointer with an escape",
        {RUN: run_with(f"{FACET['$id']}#/$defs/a%20name")},
        RUN,
        "shop.types.Facet",
        str(FACET["$id"]),
    ),
    Means(
        "the $id of a part",
        {RUN: run_with("https://example.org/spec/own.json")},
        RUN,
        "shop.types.Facet",
        "https://example.org/spec/own.json",
    ),
    Means(
        "a dynamic reference",
        {RUN: run_with(f"{FACET['$id']}#item", "$dynamicRef")},
        RUN,
        "shop.types.Facet",
        str(FACET["$id"]),
    ),
    Means(
        "a path beside an own $id",
        {RUN: run_with("../shop.types/Facet.v1.schema.json#/$defs/Named", **{"$id": AT})},
        RUN,
        "shop.types.Facet",
        "https://example.org/spec/shop.types/Facet.v1.schema.json",
    ),
    Means(
        "a path with an escape",
        {RUN: run_with("../shop%2Etypes/./Facet.v1.schema.json")},
        RUN,
        "shop.types.Facet",
        "../shop%2Etypes/./Facet.v1.schema.json",
    ),
    Means(
        "a file of the same folder",
        {RUN: run_with("RunBase.v1.schema.json"), "shop.runs/RunBase.v1.schema.json": "{}"},
        RUN,
        "shop.runs.RunBase",
        "RunBase.v1.schema.json",
    ),
    Means(
        "an import from the folder of contracts", {PAID: paid_with(MONEY_FILE)}, PAID, "shop.types.Money", MONEY_FILE
    ),
    Means(
        "an import from the file's own folder",
        {
            "shop.types/RunPaid.v1.proto": paid_with("Money.v1.proto"),
        },
        "shop.types/RunPaid.v1.proto",
        "shop.types.Money",
        "Money.v1.proto",
    ),
    Means(
        "an import from the root of the repository",
        {PAID: paid_with(f"schemas/{MONEY_FILE}")},
        PAID,
        "shop.types.Money",
        f"schemas/{MONEY_FILE}",
    ),
    Means(
        "a public import",
        {
            PAID: paid_with("shop.types/All.v1.proto"),
            "shop.types/All.v1.proto": f'syntax = "proto3"; import public "{MONEY_FILE}";',
        },
        PAID,
        "shop.types.All",
        "shop.types/All.v1.proto",
    ),
    Means(
        "a file of enums",
        {
            PAID: paid_with("shop.types/Kind.v1.proto").replace("shop.types.Money", "shop.types.Kind"),
            "shop.types/Kind.v1.proto": 'syntax = "proto3"; package shop.types; enum Kind { KIND_UNKNOWN = 0; }',
        },
        PAID,
        "shop.types.Kind",
        "shop.types/Kind.v1.proto",
    ),
    Means(
        "a type that another file defines",
        {"shop.runs/Run.v1.avsc": AVRO_PAID, "shop.types/Cash.v1.avsc": AVRO_MONEY},
        "shop.runs/Run.v1.avsc",
        "shop.types.Cash",
        "com.shop.Money",
    ),
]


@pytest.mark.parametrize("case", MEANS, ids=attrgetter("shows"))
def test_a_name_means_a_contract_of_the_folder(tmp_path: Path, case: Means) -> None:
    (tmp_path / "moorings.toml").write_text('owns = ["shop.runs", "shop.types"]\nimport_roots = ["."]\n')
    files = {**DOMAINS, FACET_FILE: json.dumps(FACET), MONEY_FILE: MONEY, **case.files}
    folder, issues = lint(write(tmp_path / "schemas", files))
    assert [one for one in issues if one.weight == "error"] == []
    (contract,) = (one for one in folder.contracts if f"{one.domain}/{one.path.name}" == case.file)
    parsed = Parsed(folder)
    assert [(use.subject, use.name) for use in parsed.uses(contract)] == [(case.subject, case.name)]
    assert parsed.schema(contract) is not None


@dataclass(frozen=True)
class Fault:
    shows: str
    files: dict[str, str]
    says: tuple[str, ...]
    line: int


FAULTS = [
    Fault(
        "a slip in an $id",
        {RUN: run_with(str(FACET["$id"]).replace("Facet.", "Fact."))},
        (
            "Fact.json' is used",
            "no contract of the folder has the $id",
            f"did you mean '{FACET['$id']}'",
            "nothing is fetched",
        ),
        5,
    ),
    Fault(
        "a slip in a path",
        {RUN: run_with("../shop.types/Facets.v1.schema.json#/$defs/Named")},
        ("Facets.v1.schema.json#/$defs/Named' is used", "looked for shop.types/Facets", f"did you mean '{FACET_FILE}'"),
        5,
    ),
    Fault("a path out of the folder", {RUN: run_with("../../moorings.toml")}, ("leads out of the folder",), 5),
    Fault("a path from the root of the disk", {RUN: run_with("/etc/hosts")}, ("leads out of the folder",), 5),
    Fault("an address of a file", {RUN: run_with("file:///etc/hosts")}, ("nothing is fetched",), 5),
    Fault("an escape out of the folder", {RUN: run_with("%2e%2e/%2E%2E/moorings.toml")}, ("leads out",), 5),
    Fault(
        "a file that is not a contract",
        {RUN: run_with("common.json#/definitions/x"), "shop.runs/common.json": "{}"},
        ("not that of a contract", "Name.v1.schema.json"),
        5,
    ),
    Fault("the file itself", {RUN: run_with("RunStarted.v1.schema.json#/$defs/a")}, ("write '#/$defs/a'",), 5),
    Fault(
        "an $id of two files",
        {RUN: run_with(str(FACET["$id"])), "shop.types/Facet.v2.schema.json": json.dumps(FACET)},
        ("ambiguous, the folder has majors 1, 2",),
        5,
    ),
    Fault(
        "an import from nowhere",
        {PAID: paid_with("shop.types/Mony.v1.proto")},
        ("looked for shop.types/Mony.v1.proto and shop.runs/shop.types/Mony", f"did you mean '{MONEY_FILE}'"),
        2,
    ),
    Fault("an import of what is above", {PAID: paid_with("../moorings.proto")}, ("leads out", "file not found"), 2),
    Fault(
        "one file under two paths",
        {
            "shop.types/Bag.v1.proto": 'syntax = "proto3"; package shop.types;\nimport "Money.v1.proto";\n'
            'import "shop.types/Sum.v1.proto";\nmessage Bag { Sum s = 1; Money m = 2; }',
            "shop.types/Sum.v1.proto": f'syntax = "proto3"; package shop.types; import "{MONEY_FILE}";\n'
            "message Sum { Money m = 1; }",
        },
        (f"is imported as 'Money.v1.proto' here, and as '{MONEY_FILE}' by what it uses",),
        2,
    ),
    Fault(
        "a type that nobody defines",
        {"shop.runs/Run.v1.avsc": AVRO_PAID.replace("Money", "Mony"), "shop.types/Cash.v1.avsc": AVRO_MONEY},
        ("'com.shop.Mony' is used", "did you mean 'com.shop.Money'"),
        10,
    ),
    Fault(
        "a mistyped type of Avro in a namespace",
        {"shop.runs/Run.v1.avsc": AVRO_PAID.replace("com.shop.Money", "strng")},
        ("strng' is used", "did you mean 'string'?"),
        10,
    ),
    Fault(
        "a circle between files",
        {
            RUN: run_with("https://example.org/other.json", **{"$id": AT}),
            "shop.types/Other.v1.schema.json": run_with(AT, **{"$id": "https://example.org/other.json"}),
        },
        ("references form a circle: shop.runs.RunStarted v1 → shop.types.Other v1 → shop.runs.RunStarted v1",),
        1,
    ),
]


@pytest.mark.parametrize("case", FAULTS, ids=attrgetter("shows"))
def test_a_name_that_means_nothing_says_where_it_is_and_what_was_looked_for(tmp_path: Path, case: Fault) -> None:
    (tmp_path / "moorings.toml").write_text('owns = ["shop.runs", "shop.types"]\n')
    files = {**DOMAINS, FACET_FILE: json.dumps(FACET), MONEY_FILE: MONEY, **case.files}
    _, issues = lint(write(tmp_path / "schemas", files))
    found = [one for one in issues if one.code in ("REFERENCE_UNRESOLVED", "REFERENCE_CIRCLE")]
    assert any(said in one.message for one in found for said in case.says), found
    if case.shows != "an import of what is above":
        assert any(all(said in one.message for said in case.says) and one.line == case.line for one in found), found


def test_links_out_of_the_folder_are_not_read(tmp_path: Path) -> None:
    outside = write(
        tmp_path / "outside", {"domain.toml": 'owner = "x"', "Secret.v1.schema.json": '{"title": "secret"}'}
    )
    root = write(tmp_path / "schemas", {**DOMAINS, RUN: run_with("Secret.v1.schema.json")})
    (root / "shop.runs/Secret.v1.schema.json").symlink_to(outside / "Secret.v1.schema.json")
    (root / "shop.secrets").symlink_to(outside)
    (root / "shop.types/Inside.v1.schema.json").symlink_to(root / RUN)
    folder, issues = lint(root)
    assert "secret" not in "".join(one.text for one in folder.contracts)
    outside_issues = [one for one in issues if one.code == "FILE_OUTSIDE"]
    assert {_name(one) for one in outside_issues} == {"shop.secrets", "Secret.v1.schema.json"}
    assert "shop.types.Inside" in [one.subject for one in folder.contracts]


def _name(issue: Issue) -> str:
    return issue.file.name


def test_a_root_for_imports_stays_in_the_repository(tmp_path: Path) -> None:
    (tmp_path / "moorings.toml").write_text('owns = []\nimport_roots = ["../elsewhere"]\n')
    (issue,) = read_folder(write(tmp_path / "schemas", DOMAINS)).issues
    assert "leads out of the repository" in issue.message
