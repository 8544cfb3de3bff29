"""What lint finds in a folder of contracts, one spoiled thing at a time."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import pytest

from moorings.layout import Parsed, Weight, lint, read_folder
from moorings.layout.contract_file import corrected_name
from tests.client.layout.deep_folders import deep_folder

MONEY = json.dumps(
    {"type": "record", "name": "Money", "namespace": "shop.types", "fields": [{"name": "a", "type": "long"}]}
)
PLACED = json.dumps(
    {
        "type": "record",
        "name": "OrderPlaced",
        "namespace": "shop.orders",
        "fields": [{"name": "m", "type": "shop.types.Money"}],
    },
    indent=2,
)
ADDRESS = json.dumps({"type": "object", "properties": {"city": {"type": "string"}}})
SHIPPED = json.dumps({"type": "object", "properties": {"to": {"$ref": "moorings:shop.types.Address"}}})
CARD = 'syntax = "proto3"; package shop.types; message Card { string brand = 1; }'
PAID = """syntax = "proto3"; package shop.orders; import "shop.types/Card.v1.proto";
message OrderPaid { shop.types.Card card = 1; }"""
CLEAN = {
    "shop.types/domain.toml": 'owner = "team-platform"\n[policy]\nnames = "any"\n',
    "shop.types/Money.v1.avsc": MONEY,
    "shop.types/Address.v1.schema.json": ADDRESS,
    "shop.types/Card.v1.proto": CARD,
    "shop.orders/domain.toml": 'owner = "team-orders"\ncontacts = ["#orders"]\ndescription = "x"\n',
    "shop.orders/OrderPlaced.v1.avsc": PLACED,
    "shop.orders/OrderShipped.v1.schema.json": SHIPPED,
    "shop.orders/OrderPaid.v1.proto": PAID,
}


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def test_a_clean_folder_has_no_issues_and_every_contract_parsed(tmp_path: Path) -> None:
    folder, issues = lint(write(tmp_path, CLEAN))
    assert issues == []
    assert len(folder.contracts) == 6
    parsed = Parsed(folder)
    assert all(parsed.schema(contract) is not None for contract in folder.contracts)


def test_contracts_are_ordered_after_those_that_they_use(tmp_path: Path) -> None:
    order = [one.subject for one in Parsed(read_folder(write(tmp_path, CLEAN))).in_order()]
    assert order.index("shop.types.Money") < order.index("shop.orders.OrderPlaced")
    assert order.index("shop.types.Card") < order.index("shop.orders.OrderPaid")
    assert len(order) == len(set(order)) == 6


EXTERNAL = """owner = "x"
[policy]
names = "any"
[references."Trip.v1.schema.json"]
"urn:there" = { subject = "a.B", major = 1 }
"""


@dataclass(frozen=True)
class Case:
    shows: str
    files: dict[str, str]
    code: str
    weight: Weight = Weight.ERROR


CASES = [
    Case("a command for an event", {"shop.orders/PlaceOrder.v1.schema.json": ADDRESS}, "NAME_REFUSED"),
    Case("a folder without its file", {"shop.stock/StockCounted.v1.schema.json": ADDRESS}, "DOMAIN_FILE_MISSING"),
    Case("a folder that is not a domain", {"Shop/domain.toml": 'owner = "x"'}, "DOMAIN_NAME_INVALID"),
    Case("no owner", {"shop.types/domain.toml": '[policy]\nnames = "any"'}, "OWNER_MISSING"),
    Case("an owner of spaces", {"shop.orders/domain.toml": 'owner = " "'}, "OWNER_MISSING"),
    Case("no TOML", {"shop.orders/domain.toml": 'owner = "x'}, "DOMAIN_FILE_INVALID"),
    Case("an unknown key", {"shop.orders/domain.toml": 'owner = "x"\nonwer = "y"'}, "DOMAIN_FILE_INVALID"),
    Case(
        "an unknown level",
        {"shop.orders/domain.toml": 'owner = "x"\n[policy]\nlevel = "BACKWARDS"'},
        "DOMAIN_FILE_INVALID",
    ),
    Case(
        "contacts that are not a list",
        {"shop.orders/domain.toml": 'owner = "x"\ncontacts = "y"'},
        "DOMAIN_FILE_INVALID",
    ),
    Case("a policy that is not a table", {"shop.orders/domain.toml": 'owner = "x"\npolicy = 1'}, "DOMAIN_FILE_INVALID"),
    Case(
        "a reference without a major",
        {"shop.orders/domain.toml": 'owner = "x"\n[references."A.v1.avsc"]\nx = { subject = "y" }'},
        "DOMAIN_FILE_INVALID",
    ),
    Case("an invalid schema", {"shop.orders/OrderPlaced.v1.avsc": '{"type": "record"}'}, "SCHEMA_INVALID"),
    Case("an invalid type", {"shop.orders/OrderPlaced.v1.avsc": '{"type": "recrod"}'}, "REFERENCE_UNRESOLVED"),
    Case(
        "a schema that some registries take",
        {"shop.orders/OrderShipped.v1.schema.json": SHIPPED + " " * 2_000_000},
        "SCHEMA_LARGE",
        Weight.WARNING,
    ),
    Case(
        "a schema that no registry takes",
        {"shop.orders/OrderShipped.v1.schema.json": SHIPPED + " " * 5_000_000},
        "SCHEMA_LIMIT_EXCEEDED",
    ),
    Case("a text that is not JSON", {"shop.orders/OrderShipped.v1.schema.json": "{"}, "SCHEMA_INVALID"),
    Case(
        "a proto that does not compile",
        {"shop.orders/OrderPaid.v1.proto": 'syntax = "proto3"; message M { x y = 1; }'},
        "SCHEMA_INVALID",
    ),
    Case(
        "a type nobody has",
        {"shop.orders/OrderPlaced.v1.avsc": PLACED.replace("Money", "Cash")},
        "REFERENCE_UNRESOLVED",
    ),
    Case(
        "a subject nobody has",
        {"shop.orders/OrderShipped.v1.schema.json": SHIPPED.replace("Address", "Place")},
        "REFERENCE_UNRESOLVED",
    ),
    Case(
        "an address on the network",
        {
            "shop.orders/OrderShipped.v1.schema.json": SHIPPED.replace(
                "moorings:shop.types.Address", "https://example.com/a.json"
            )
        },
        "REFERENCE_UNRESOLVED",
    ),
    Case(
        "a path out of the folder",
        {
            "shop.orders/OrderShipped.v1.schema.json": SHIPPED.replace(
                "moorings:shop.types.Address", "../../../etc/passwd"
            )
        },
        "REFERENCE_UNRESOLVED",
    ),
    Case(
        "an import nobody has",
        {"shop.orders/OrderPaid.v1.proto": PAID.replace("Card.v1", "Card.v9")},
        "REFERENCE_UNRESOLVED",
    ),
    Case("two majors of what is used", {"shop.types/Money.v2.avsc": MONEY}, "REFERENCE_UNRESOLVED"),
    Case("two formats of one major", {"shop.types/Money.v1.schema.json": ADDRESS}, "CONTRACT_TWICE"),
    Case(
        "a .proto beside the Avro of one major", {"shop.types/Money.v1.proto": 'syntax = "proto3";'}, "CONTRACT_TWICE"
    ),
    Case(
        "one $id for two",
        {"shop.types/A.v1.schema.json": '{"$id": "urn:x"}', "shop.types/B.v1.schema.json": '{"$id": "urn:x"}'},
        "ID_TWICE",
    ),
    Case(
        "a type of another name",
        {"shop.orders/OrderPlaced.v1.avsc": PLACED.replace('"OrderPlaced"', '"Placed"')},
        "NAME_DIFFERS",
        Weight.WARNING,
    ),
    Case("a file of another kind", {"shop.orders/notes.yaml": "x"}, "FILE_UNKNOWN", Weight.WARNING),
    Case("a contract outside", {"OrderLost.v1.avsc": PLACED}, "FILE_MISPLACED"),
    Case("a contract outside, without a major", {"OrderLost.avsc": PLACED}, "FILE_MISPLACED"),
    Case("a contract in a folder of a domain", {"shop.orders/lost/OrderLost.v1.avsc": PLACED}, "FILE_MISPLACED"),
    Case("a folder of other things", {"shop.orders/notes/lost.yaml": "x"}, "FILE_UNKNOWN", Weight.WARNING),
    Case("a contract without a major", {"shop.orders/OrderLost.avsc": PLACED}, "FILE_NAME_INVALID"),
    Case("a contract with another ending", {"shop.orders/OrderLost.v1.json": ADDRESS}, "FILE_NAME_INVALID"),
    Case("a contract whose name has two lines", {"shop.orders/Order\nLost.avsc": PLACED}, "FILE_NAME_INVALID"),
    Case("settings that nothing reads", {"shop.orders/OrderPlaced.v0.toml": ""}, "FILE_NAME_INVALID"),
    Case(
        "a circle",
        {
            "shop.types/A.v1.schema.json": '{"properties": {"b": {"$ref": "moorings:shop.types.B"}}}',
            "shop.types/B.v1.schema.json": '{"properties": {"a": {"$ref": "moorings:shop.types.A"}}}',
        },
        "REFERENCE_CIRCLE",
    ),
    Case(
        "what only the registry has",
        {
            "shop.types/domain.toml": EXTERNAL,
            "shop.types/Trip.v1.schema.json": '{"$ref": "urn:there"}',
        },
        "REFERENCE_EXTERNAL",
        Weight.NOTE,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_lint_reports_the_code_of_each_fault(tmp_path: Path, case: Case) -> None:
    _, issues = lint(write(tmp_path, {**CLEAN, **case.files}))
    found = [issue for issue in issues if issue.code == case.code]
    assert found, issues
    assert {issue.weight for issue in found} == {case.weight}
    assert all(issue.message for issue in found)


@pytest.mark.parametrize(("file", "code"), [("OrderLost.v1.avsc", "FILE_MISPLACED"), ("notes.txt", "FILE_UNKNOWN")])
def test_folders_may_be_deeper_than_python_recurses(tmp_path: Path, file: str, code: str) -> None:
    with deep_folder(write(tmp_path, CLEAN) / "shop.orders") as deep:
        Path(file).write_text(PLACED)
        _, issues = lint(tmp_path)
        (issue,) = [one for one in issues if one.code == code]
        assert issue.file == (deep / file if code == "FILE_MISPLACED" else tmp_path / "shop.orders/d")


NAMES = [  # the name of a file, the one that it should have
    ("OrderLost.avsc", "OrderLost.v1.avsc"),
    ("OrderPlaced.avsc", "OrderPlaced.v2.avsc"),  # the folder has v1
    ("OrderLost.V3.AVSC", "OrderLost.v3.avsc"),
    ("OrderLost.v0.proto", "OrderLost.v1.proto"),
    ("order-lost_v2.schema.json", "OrderLost.v2.schema.json"),
    ("OrderLost.v1.json", "OrderLost.v1.schema.json"),
    ("Order-Lost.toml", "OrderLost.toml"),
    ("Order-Lost.v2.toml", "OrderLost.v2.toml"),
    ("2.avsc", "EVENT.vMAJOR.ENDING, such as OrderPlaced.v1.avsc"),
]


@pytest.mark.parametrize(("name", "proposed"), NAMES)
def test_lint_says_which_name_a_contract_should_have(tmp_path: Path, name: str, proposed: str) -> None:
    _, issues = lint(write(tmp_path, {**CLEAN, f"shop.orders/{name}": ""}))
    (issue,) = (one for one in issues if one.file.name == name)
    assert issue.weight is Weight.ERROR
    assert issue.advice.startswith(f"Rename it to {proposed}. ")


@pytest.mark.parametrize("path", ["_OrderLost.avsc", ".OrderLost.avsc", "lost/_OrderLost.v1.avsc", "lost/lost.toml"])
def test_what_is_not_a_contract_may_be_there(tmp_path: Path, path: str) -> None:
    _, issues = lint(write(tmp_path, {**CLEAN, f"shop.orders/{path}": ""}))
    assert [one for one in issues if one.weight is Weight.ERROR] == []


def test_a_contract_that_is_not_utf_8_is_an_issue(tmp_path: Path) -> None:
    write(tmp_path, CLEAN)
    (tmp_path / "shop.orders/OrderLost.v1.avsc").write_bytes(b"\xff\xfe")
    (tmp_path / "shop.types/domain.toml").write_bytes(b"\xff")
    codes = {issue.code for issue in lint(tmp_path)[1]}
    assert {"SCHEMA_INVALID", "DOMAIN_FILE_INVALID"} <= codes


def test_an_issue_has_the_line_of_its_fault(tmp_path: Path) -> None:
    broken = PLACED.replace('"shop.types.Money"', '{"type": "fixed", "name": "F", "size": "x"}')
    _, issues = lint(write(tmp_path, {**CLEAN, "shop.orders/OrderPlaced.v1.avsc": broken}))
    (issue,) = (one for one in issues if one.code == "SCHEMA_INVALID")
    assert issue.line == 1 + broken[: broken.index('"fixed"')].count("\n")


def test_a_relative_path_is_a_reference(tmp_path: Path) -> None:
    path = "../shop.types/Address.v1.schema.json#/properties/city"
    files = {**CLEAN, "shop.orders/OrderShipped.v1.schema.json": SHIPPED.replace("moorings:shop.types.Address", path)}
    folder, issues = lint(write(tmp_path, files))
    assert issues == []
    contract = folder.contract("shop.orders.OrderShipped", 1)
    assert contract is not None
    assert [use.subject for use in Parsed(folder).uses(contract)] == ["shop.types.Address"]


def test_a_major_may_be_named_in_the_reference(tmp_path: Path) -> None:
    files = {
        **CLEAN,
        "shop.types/Address.v2.schema.json": ADDRESS,
        "shop.orders/OrderShipped.v1.schema.json": SHIPPED.replace("Address", "Address.v2"),
    }
    folder, issues = lint(write(tmp_path, files))
    assert issues == []
    contract = folder.contract("shop.orders.OrderShipped", 1)
    assert contract is not None
    assert [use.major for use in Parsed(folder).uses(contract)] == [2]


def test_policies_are_inherited_by_subdomains(tmp_path: Path) -> None:
    files = {
        "shop/domain.toml": 'owner = "x"\n[policy]\nnames = "any"',
        "shop.a/domain.toml": 'owner = "x"',
        "shop.a/Thing.v1.schema.json": ADDRESS,
    }
    assert lint(write(tmp_path, files))[1] == []


IMPORTS: list[tuple[str, Callable[[str], str]]] = [
    ("in a comment", lambda text: "// " + 'import "nowhere.proto";\n' + text),
    ("in a block", lambda text: '/* import "nowhere.proto"; */' + text),
    ("of the well-known types", lambda text: text.replace("message", 'import "google/protobuf/any.proto"; message')),
]


@pytest.mark.parametrize(("shows", "change"), IMPORTS)
def test_imports_of_well_known_types_are_not_references(
    tmp_path: Path, shows: str, change: Callable[[str], str]
) -> None:
    files = {**CLEAN, "shop.types/Card.v1.proto": change(CARD)}
    assert [one for one in lint(write(tmp_path, files))[1] if one.weight is Weight.ERROR] == []


def test_a_pipe_is_not_called_a_contract_of_a_wrong_name(tmp_path: Path) -> None:
    """Nothing opens it, which would wait for somebody who writes."""
    root = write(tmp_path, CLEAN)
    os.mkfifo(root / "shop.orders/OrderLost.v1.avsc")
    (found,) = lint(root)[1]
    assert (found.code, found.weight) == ("FILE_UNKNOWN", Weight.WARNING)
    assert "pipe" in found.message


@pytest.mark.parametrize(
    ("name", "corrected"),
    [
        ("order-lost.avsc", "OrderLost.v1.avsc"),
        ("Bestellüng.avsc", "Bestellung.v1.avsc"),
        ("Bestellu\u0308ng.v2.avsc", "Bestellung.v2.avsc"),
        ("Größe.avsc", ""),
        ("注文.proto", ""),
    ],
)
def test_the_name_that_is_proposed_is_no_other_word(name: str, corrected: str) -> None:
    assert corrected_name(name) == corrected
