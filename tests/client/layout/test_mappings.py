"""What lint finds in the mappings beside contracts."""

import json
from pathlib import Path

import pytest

from moorings.cli.commands import run
from moorings.layout import Weight, lint
from tests.client.layout.test_lint import CLEAN, PLACED, write

NEXT = PLACED.replace('"name": "m"', '"name": "total"')
MAPPING = '# majors\n\n[[migration.step]]\nrename = "/m"\nto = "total"\n'
FILES = {**CLEAN, "shop.orders/OrderPlaced.v2.avsc": NEXT, "shop.orders/OrderPlaced.v2.toml": MAPPING}


def test_a_mapping_that_leads_to_the_next_major_is_clean(tmp_path: Path) -> None:
    folder, issues = lint(write(tmp_path, FILES))
    assert issues == []
    assert [one.path.name for one in folder.majors if one.migration] == ["OrderPlaced.v2.toml"]


CASES = [
    ("no step at all", "[migration]\nstep = []\n", [("MAPPING_UNFIT", 1, "/total"), ("MAPPING_UNFIT", 1, "/m")]),
    ("a step that leads nowhere", MAPPING.replace('"/m"', '"/x"'), [("MAPPING_UNFIT", 3, "/x")]),
    ("an invalid step", MAPPING.replace('"/m"', '"m"'), [("MAPPING_INVALID", 3, "step 1")]),
    ("no TOML", "[[step", [("MAJOR_FILE_INVALID", 0, "")]),
]


@pytest.mark.parametrize(("text", "expected"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_faults_of_a_mapping_are_issues_at_their_line(
    tmp_path: Path, text: str, expected: list[tuple[str, int, str]]
) -> None:
    root = write(tmp_path, {**FILES, "shop.orders/OrderPlaced.v2.toml": text})
    _, issues = lint(root)
    assert [(one.code, one.line, one.place) for one in issues] == expected
    assert all(one.file.name == "OrderPlaced.v2.toml" for one in issues)
    assert run(["--schemas", str(root), "lint"]) == 1


def test_a_conversion_that_may_fail_is_a_note(tmp_path: Path) -> None:
    text = json.dumps({"type": "object", "properties": {"n": {"type": "string"}}})
    files = {
        "shop.orders/OrderShipped.v1.schema.json": text,
        "shop.orders/OrderShipped.v2.schema.json": text.replace("string", "integer"),
        "shop.orders/OrderShipped.v2.toml": '[[migration.step]]\nconvert = "/n"\nwith = "text_to_integer"\n',
    }
    root = write(tmp_path, {**CLEAN, **files})
    _, issues = lint(root)
    assert [(one.code, one.weight, one.line) for one in issues] == [("MAPPING_MAY_FAIL", Weight.NOTE, 1)]
    assert run(["--schemas", str(root), "lint"]) == 0


def test_a_mapping_without_its_contracts_is_a_warning(tmp_path: Path) -> None:
    _, issues = lint(write(tmp_path, {**CLEAN, "shop.orders/OrderPlaced.v2.toml": MAPPING}))
    assert ("MAPPING_UNCHECKED", Weight.WARNING) in [(one.code, one.weight) for one in issues]


def test_faults_of_a_contract_are_reported_once(tmp_path: Path) -> None:
    _, issues = lint(write(tmp_path, {**FILES, "shop.orders/OrderPlaced.v2.avsc": "{"}))
    assert {one.file.name for one in issues} == {"OrderPlaced.v2.avsc"}


EARLIER = {name: text for name, text in FILES.items() if not name.endswith("v2.toml")}
OWN_FILE = "shop.orders/OrderPlaced.v1-to-v2.toml"


def test_a_mapping_in_a_file_of_its_own_is_still_read_and_lint_says_where_it_belongs(tmp_path: Path) -> None:
    folder, issues = lint(write(tmp_path, {**EARLIER, OWN_FILE: MAPPING.replace("migration.step", "step")}))
    assert [one.name for one in folder.mappings] == ["OrderPlaced.v1-to-v2.toml"]
    assert [(one.code, one.weight) for one in issues] == [("MAPPING_FILE_OUTDATED", Weight.WARNING)]
    assert "OrderPlaced.v2.toml, each as [[migration.step]]" in issues[0].advice


def test_two_files_with_the_same_mapping_are_an_error(tmp_path: Path) -> None:
    _, issues = lint(write(tmp_path, {**FILES, OWN_FILE: MAPPING.replace("migration.step", "step")}))
    assert [(one.code, one.weight, one.file.name) for one in issues] == [
        ("MIGRATION_TWICE", Weight.ERROR, "OrderPlaced.v1-to-v2.toml")
    ]


MIGRATIONS = [
    ("a reason is enough", '[migration]\nreason = "The totals of v1 were wrong."\n', []),
    ("steps and a reason", f'[migration]\nreason = "x"\n{MAPPING}', ["MAJOR_FILE_INVALID"]),
    ("an unknown key beside the steps", f"[migration]\nfrm = 1\n{MAPPING}", ["MAPPING_INVALID"]),
]


@pytest.mark.parametrize(("text", "codes"), [one[1:] for one in MIGRATIONS], ids=[one[0] for one in MIGRATIONS])
def test_a_major_has_steps_or_a_reason(tmp_path: Path, text: str, codes: list[str]) -> None:
    _, issues = lint(write(tmp_path, {**FILES, "shop.orders/OrderPlaced.v2.toml": text}))
    assert [one.code for one in issues] == codes


def test_the_first_major_has_no_migration(tmp_path: Path) -> None:
    _, issues = lint(write(tmp_path, {**CLEAN, "shop.orders/OrderPlaced.v1.toml": MAPPING}))
    assert [(one.code, one.line) for one in issues] == [("MAJOR_FILE_INVALID", 3)]
