"""Assessing another registry: what its histories look like here, and that nothing is changed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from moorings_registry.cli.main import main
from tests.migration.sources import CURRENCY, MONEY, POINT, Source, fill, record, refer

REQUIRED = (
    '{"type":"record","name":"OrderPlaced","namespace":"shop.orders","fields":['
    '{"name":"id","type":"string"},{"name":"customer","type":"string"}]}'
)
FIRST = '{"type":"record","name":"OrderPlaced","namespace":"shop.orders","fields":[{"name":"id","type":"string"}]}'
THIRD = FIRST.replace('"fields":[', '"fields":[{"name":"note","type":"string","default":""},')
HOSTILE = "<script>alert(1)</script>\u202e-value"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["import", "--assess", *map(str, arguments)])


def told(*arguments: object) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code in (0, 1), result.output
    return {"code": result.exit_code, **json.loads(result.stdout)}


@pytest.fixture(scope="module")
def world() -> Iterator[Source]:
    """A registry with a history that its level should have refused, and some more."""
    source = Source()
    fill(source)
    source.ask("PUT", "/config/orders-value", {"compatibility": "NONE"})
    source.register("orders-value", FIRST)
    source.register("orders-value", REQUIRED)
    source.register("orders-value", THIRD)
    source.ask("PUT", "/config/orders-value", {"compatibility": "BACKWARD"})
    source.ask("PUT", "/config/swapped-value", {"compatibility": "NONE"})
    for field, type in (("amount", "long"), ("zone", "string")):
        fields = f'{{"name":"id","type":"string"}},{{"name":"{field}","type":"{type}"}}'
        source.register("swapped-value", f'{{"type":"record","name":"OrderSwapped","fields":[{fields}]}}')
    source.ask("PUT", "/config/swapped-value", {"compatibility": "BACKWARD"})
    source.register("payments-value", THIRD, metadata={"properties": {"owner": "team-payments"}})
    source.register("shop.orders.PlaceOrder", record("PlaceOrder", "id"))
    source.register(HOSTILE, record("Hostile", "id"))
    source.register("orders-key", '"string"')
    source.register("payments-key", '"string"')
    source.ask("PUT", "/v1/domains/shop.billing", {"owner": "team-billing"})
    source.register("shop.billing.InvoiceSent", record("InvoiceSent", "id"))
    yield source
    source.stop()


@pytest.fixture(scope="module")
def assessed(world: Source) -> dict[str, Any]:
    before = world.application.registry.state.position
    found = told("--from", world.url)
    assert world.application.registry.state.position == before
    return found


def subject(assessed: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(one) for one in assessed["subjects"] if one["subject"] == name)


def test_a_break_is_shown_by_a_payload_under_both_levels(assessed: dict[str, Any]) -> None:
    assert (assessed["code"], assessed["complete"], assessed["not_read"]) == (0, True, [])
    orders = subject(assessed, "orders-value")
    assert (orders["level"], orders["versions"]) == ("BACKWARD", [1, 2, 3])
    swapped = subject(assessed, "swapped-value")["revisions_that_fail"][0]["changes"]
    assert ["added" in one["change"] for one in swapped] == [True, False], "first what BACKWARD refuses"
    second = orders["revisions_that_fail"][0]
    assert (second["version"], second["verdict"]) == (2, "breaking")
    assert second["under_the_configured_level"]["breaks"] == [1]
    assert second["in_an_owned_domain"]["level"] == "FULL_TRANSITIVE"
    shown = second["changes"][0]["payloads"][0]
    assert (shown["written_by"], shown["read_by"]) == (1, 2)
    assert json.loads(shown["payload"]).keys() == {"id"}
    assert "customer" in second["changes"][0]["change"]


def test_majors_begin_where_a_domain_would_refuse(assessed: dict[str, Any]) -> None:
    majors = subject(assessed, "orders-value")["suggested_majors"]
    assert [(one["versions"], one["because"], one["against"]) for one in majors] == [
        ([1], "first", []),
        ([2], "breaks", [1]),
        ([3], "breaks", [2]),
    ]
    assert [one["versions"] for one in subject(assessed, "evolved")["suggested_majors"]] == [[1, 2, 4]]


def test_a_break_that_the_configured_level_does_not_see_is_of_the_domain_alone(assessed: dict[str, Any]) -> None:
    third = subject(assessed, "orders-value")["revisions_that_fail"][1]
    assert third["version"] == 3
    assert third["under_the_configured_level"]["breaks"] == []
    assert third["in_an_owned_domain"]["promises"] == ["consumers_safe"]


def test_owners_are_read_from_metadata_and_domains_from_names(assessed: dict[str, Any]) -> None:
    owned = assessed["ownership"]
    assert "payments-value" not in owned["unowned"]
    assert "shop.billing.InvoiceSent" not in owned["unowned"]
    assert owned["owned"] == 3
    domains = {one["name"]: one["subjects"] for one in owned["domains"]}
    assert domains["shop.orders"] == ["orders-value", "shop.orders.PlaceOrder"]


def test_names_are_judged_by_their_types_and_types_that_others_use_are_not(assessed: dict[str, Any]) -> None:
    names = {one["subject"]: one for one in assessed["names"]}
    assert names["shop.orders.PlaceOrder"]["certain"]
    assert names["shop.orders.PlaceOrder"]["suggestion"] == "OrderPlaced"
    assert not {"orders-value", "payments-value", "z-currency", "money"} & names.keys()


def test_what_nobody_may_need_is_listed(assessed: dict[str, Any]) -> None:
    unused = assessed["unused"]
    assert unused["deleted"] == ["abandoned"]
    assert unused["duplicates"] == [["orders-value", "payments-value"]]
    assert "a-placed" in unused["unreferenced"]
    assert not {"money", "z-point", "orders-value"} & set(unused["unreferenced"])


def test_what_an_import_does_is_said_before_it(assessed: dict[str, Any], world: Source, tmp_path: Path) -> None:
    taken = assessed["taken_over"]
    assert taken["contexts"] == [".", ":.tenant:"[1:-1]]
    ledger = f"sqlite:///{tmp_path / 'target.db'}"
    result = CliRunner().invoke(main, ["import", "--create", "--ledger", ledger, "--from", world.url])
    assert f"versions added: {taken['versions']}," in result.output
    assert (taken["refused"], taken["unreadable"]) == ([], [])


def test_the_summary_fits_a_screen_and_obeys_no_control_character(world: Source) -> None:
    result = run("--from", world.url)
    assert result.exit_code == 0, result.output
    assert "2 of them break even the level that is configured there" in result.output
    assert "orders-value: version 2 breaks 1 (BACKWARD, FULL_TRANSITIVE)" in result.output
    assert "written by 1, read by 2: " in result.output
    assert "\u202e" not in result.output
    assert len(result.stdout.splitlines()) < 60


def test_the_page_holds_all_it_needs_and_escapes_names(world: Source, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    result = run("--from", world.url, "--html", path)
    assert result.exit_code == 0, result.output
    page = path.read_text()
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "src=" not in page
    assert 'href="/' not in page
    assert "orders-value" in page
    assert "Breaks its level" in page


@pytest.mark.parametrize(
    "arguments",
    [("--json",), ("--html", "x.html")],
)
def test_options_of_an_assessment_need_one(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["import", "--from", "http://localhost:1", *arguments])
    assert result.exit_code == 2
    assert "belong to --assess" in result.output


def test_a_page_that_cannot_be_written_is_said_before_anything_is_read(tmp_path: Path) -> None:
    result = run("--from", "http://localhost:1", "--html", tmp_path / "missing" / "page.html")
    assert result.exit_code == 2
    assert "cannot be written" in result.output


def test_a_registry_that_does_not_answer_at_all_is_an_error_of_its_own() -> None:
    assert run("--from", "ftp://somewhere").exit_code == 3


def dump(path: Path, *records: object) -> Path:
    path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in records))
    return path


def schema(subject: str, version: int, id: int, text: str, **more: Any) -> dict[str, Any]:
    key = {"keytype": "SCHEMA", "subject": subject, "version": version}
    return {"key": key, "value": {"subject": subject, "version": version, "id": id, "schema": text, **more}}


def test_a_dump_is_assessed_with_what_does_not_fit(tmp_path: Path) -> None:
    found = told(
        "--from-topic-dump",
        dump(
            tmp_path / "dump.jsonl",
            schema("currency", 1, 1, CURRENCY),
            schema("money", 1, 2, MONEY, references=[refer("shop.Currency", "currency")]),
            schema("lost", 1, 3, MONEY, references=[refer("shop.Currency", "nowhere")]),
            schema("one", 1, 4, MONEY, references=[refer("shop.Currency", "other")]),
            schema("other", 1, 5, MONEY, references=[refer("shop.Currency", "one")]),
            schema("broken", 1, 6, '{"type":"record","name":"B"}'),
            schema("thrift", 1, 7, "struct X {}", schemaType="THRIFT"),
            schema("point", 1, 8, POINT, schemaType="PROTOBUF"),
            schema("point", 2, 9, POINT.replace("int32 x", "string x"), schemaType="PROTOBUF"),
            '{"key": {"keytype": "SCHEMA"',
        ),
    )
    assert found["code"] == 1
    assert found["not_read"] == ["line 10: not JSON (unexpected end of data)"]
    taken = found["taken_over"]
    assert taken["unresolved"] == [
        "lost version 1 refers to nowhere version 1, which is not there",
        "one version 1 and other version 1 refer to one another in a circle",
    ]
    assert [one.partition(":")[0] for one in taken["unreadable"]] == ["broken version 1"]
    assert [one.partition(":")[0] for one in taken["refused"]] == ["thrift version 1"]
    assert subject(found, "point")["revisions_that_fail"][0]["verdict"] == "breaking"
    assert subject(found, "broken")["not_valid_here"] == [1]


def test_groups_of_the_other_registry_are_majors_and_a_long_major_is_compared_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moorings_registry.migration.assessing.histories.MOST_COMPARED", 3)
    grouped = {"compatibilityLevel": "FULL", "compatibilityGroup": "line"}
    found = told(
        "--from-topic-dump",
        dump(
            tmp_path / "dump.jsonl",
            {"key": {"keytype": "CONFIG", "subject": "grouped"}, "value": grouped},
            schema("grouped", 1, 1, FIRST, metadata={"properties": {"line": "a"}}),
            schema("grouped", 2, 2, REQUIRED, metadata={"properties": {"line": "b"}}),
            schema("grouped", 3, 3, FIRST, metadata={"properties": {"line": "a", "more": "1"}}),
            *(
                schema("long", number, 10 + number, record("Long", *map(str, "abcdef"[:number])))
                for number in range(1, 7)
            ),
        ),
    )
    grouped_majors = subject(found, "grouped")["suggested_majors"]
    assert [(one["versions"], one["because"]) for one in grouped_majors] == [([1, 3], "first"), ([2], "group")]
    assert subject(found, "grouped")["revisions_that_fail"] == []
    long = subject(found, "long")
    assert (len(long["suggested_majors"]), long["compared_in_part"]) == (1, True)
