"""What lint finds in the mappings beside contracts."""

import json
from pathlib import Path

import pytest

from moorings.cli.commands import run
from moorings.layout import Weight, lint
from tests.client.layout.test_lint import CLEAN, PLACED, write

NEXT = PLACED.replace('"name": "m"', '"name": "total"')
MAPPING = '# majors\n\n[[step]]\nrename = "/m"\nto = "total"\n'
FILES = {**CLEAN, "shop.orders/OrderPlaced.v2.avsc": NEXT, "shop.orders/OrderPlaced.v1-to-v2.toml": MAPPING}


def test_a_mapping_that_leads_to_the_next_major_is_clean(tmp_path: Path) -> None:
    folder, issues = lint(write(tmp_path, FILES))
    assert issues == []
    assert [one.name for one in folder.mappings] == ["OrderPlaced.v1-to-v2.toml"]


CASES = [
    ("no step at all", "", [("MAPPING_UNFIT", 1, "/total"), ("MAPPING_UNFIT", 1, "/m")]),
    ("a step that leads nowhere", MAPPING.replace('"/m"', '"/x"'), [("MAPPING_UNFIT", 3, "/x")]),
    ("an invalid step", MAPPING.replace('"/m"', '"m"'), [("MAPPING_INVALID", 3, "step 1")]),
    ("no TOML", "[[step", [("MAPPING_INVALID", 0, "")]),
]


@pytest.mark.parametrize(("text", "expected"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_faults_of_a_mapping_are_issues_at_their_line(
    tmp_path: Path, text: str, expected: list[tuple[str, int, str]]
) -> None:
    root = write(tmp_path, {**FILES, "shop.orders/OrderPlaced.v1-to-v2.toml": text})
    _, issues = lint(root)
    assert [(one.code, one.line, one.place) for one in issues] == expected
    assert all(one.file.name == "OrderPlaced.v1-to-v2.toml" for one in issues)
    assert run(["--schemas", str(root), "lint"]) == 1


def test_a_conversion_that_may_fail_is_a_note(tmp_path: Path) -> None:
    text = json.dumps({"type": "object", "properties": {"n": {"type": "string"}}})
    files = {
        "shop.orders/OrderShipped.v1.schema.json": text,
        "shop.orders/OrderShipped.v2.schema.json": text.replace("string", "integer"),
        "shop.orders/OrderShipped.v1-to-v2.toml": '[[step]]\nconvert = "/n"\nwith = "text_to_integer"\n',
    }
    root = write(tmp_path, {**CLEAN, **files})
    _, issues = lint(root)
    assert [(one.code, one.weight, one.line) for one in issues] == [("MAPPING_MAY_FAIL", Weight.NOTE, 1)]
    assert run(["--schemas", str(root), "lint"]) == 0


def test_a_mapping_without_its_contracts_is_a_warning(tmp_path: Path) -> None:
    _, issues = lint(write(tmp_path, {**CLEAN, "shop.orders/OrderPlaced.v1-to-v2.toml": MAPPING}))
    assert [(one.code, one.weight) for one in issues] == [("MAPPING_UNCHECKED", Weight.WARNING)]


def test_faults_of_a_contract_are_reported_once(tmp_path: Path) -> None:
    _, issues = lint(write(tmp_path, {**FILES, "shop.orders/OrderPlaced.v2.avsc": "{"}))
    assert {one.file.name for one in issues} == {"OrderPlaced.v2.avsc"}
