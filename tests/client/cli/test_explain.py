"""`moorings explain` knows every code that the product prints."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import moorings
from moorings.cli.catalogue import known_rules
from moorings.cli.commands import run
from moorings.cli.explained import known_codes, meanings_of
from moorings.typed.differences import Unfit
from moorings.violations import Broken
from moorings_compat import errors as schema_errors

CLIENT = Path(moorings.__file__).parent


NOT_CODES = {"CEL_FIELD", "FILE_NAME", "REPOSITORY_FILE"}
"""Other texts of that form in the modules that make issues."""
_CODE = re.compile(r"[A-Z]+(_[A-Z]+)+")


def printed_codes() -> Iterator[str]:
    """Find the codes of issues and errors in the source: in `layout`, and what classes call `code`."""
    for path in sorted(CLIENT.rglob("*.py")):
        tree = ast.parse(path.read_text())
        if path.is_relative_to(CLIENT / "layout"):
            yield from _codes_in(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == ["code"]:
                yield from _codes_in(node.value)


def _codes_in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
            yield from {node.value} - NOT_CODES


def test_every_code_in_the_source_is_explained() -> None:
    rules, _ = known_rules()
    own = {one.code for one in vars(schema_errors).values() if isinstance(getattr(one, "code", None), str)}
    codes = {*printed_codes(), *map(str, Broken), *map(str, Unfit), *own}
    assert len(codes) > 60
    assert sorted(code for code in codes if not meanings_of(code, rules)) == []


@pytest.mark.parametrize(
    "code",
    ["TYPE_WRONG", "NAME_REFUSED", "schema_incompatible", "AVRO_TYPE_MISMATCH", "CONSUMER_READS_FIELD", "RULE_BROKEN"],
)
def test_a_code_says_what_is_wrong_and_what_to_do(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", code]) == 0
    text = capsys.readouterr().out
    assert code.upper() in text
    assert "fix" in text
    assert run(["explain", code, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == code.upper()


def test_every_known_code_has_a_sentence_and_a_way_out() -> None:
    rules, _ = known_rules()
    for code in known_codes(rules):
        for one in meanings_of(code, rules):
            assert one.title, code
            assert dict(one.paragraphs).get("fix"), code


def test_an_unknown_code_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "TYPE_WRNG"]) == 2
    assert "did you mean TYPE_WRONG" in capsys.readouterr().err
