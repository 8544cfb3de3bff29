"""Every test can fail: it asserts, expects an error, or calls a function that does.

A function counts as one that asserts when it is in the same file or is imported from another file of the tests, and
asserts itself or calls one that does. Functions of libraries that raise when something does not hold are listed.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parent
RAISING = {
    "assert_fits": "the client's: a class that does not fit its contract",
    "case.call_and_validate": "schemathesis: an answer that its description does not have",
    "expect": "playwright: what is not on the page",
    "pytest.fail": "always",
    "pytest.raises": "no error, or another one",
    "pytest.warns": "no warning, or another one",
    "validate": "openapi_spec_validator: a document that is not valid",
}
"""Functions from elsewhere that raise when what they are asked about does not hold."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(tree: ast.Module) -> Iterator[Function]:
    """Yield the functions of a file and the methods of its classes, without those inside other functions."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from (one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def _called(function: Function) -> Iterator[str]:
    """Yield the name of each function that is called, and of each method of a name: `pytest.raises`."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield ast.unparse(node.func)


def _asserts(function: Function) -> bool:
    """Say whether a function asserts something, or raises: in a test itself that is part of a stand-in."""
    kinds = ast.Assert if function.name.startswith("test_") else ast.Assert | ast.Raise
    return any(isinstance(node, kinds) for node in ast.walk(function))


class FileOfTests:
    """What is needed to know of a file: its functions, whom each one calls, and from where names are imported."""

    def __init__(self, path: Path) -> None:
        tree = ast.parse(path.read_text())
        functions = list(_functions(tree))
        self.tests = {one.name for one in functions if one.name.startswith("test_")}
        self.asserting = {one.name for one in functions if _asserts(one)}
        self.calls = {one.name: set(_called(one)) for one in functions}
        self.imported = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and node.module is not None
            for alias in node.names
        }


def unable_to_fail(files: dict[str, FileOfTests]) -> list[str]:
    """Name the tests of *files*, which are given by the names of their modules, that do not assert anything."""
    asserting = {(module, name) for module, file in files.items() for name in file.asserting}

    def asserts(module: str, name: str) -> bool:
        if name in RAISING:
            return True
        return (module, name) in asserting or files[module].imported.get(name) in asserting

    while more := {
        (module, name)
        for module, file in files.items()
        for name, called in file.calls.items()
        if (module, name) not in asserting and any(asserts(module, one) for one in called)
    }:
        asserting |= more
    return sorted(f"{m}.{t}" for m, file in files.items() for t in file.tests if (m, t) not in asserting)


def test_every_test_asserts_something() -> None:
    files = {
        ".".join(path.relative_to(TESTS.parent).with_suffix("").parts): FileOfTests(path)
        for path in TESTS.rglob("*.py")
    }
    assert len(files) > 100
    assert unable_to_fail(files) == []


def test_a_test_that_only_runs_code_is_found(tmp_path: Path) -> None:
    helpers, tests = tmp_path / "helpers.py", tmp_path / "test_a.py"
    helpers.write_text("def check(one):\n    assert one\n\ndef run(one):\n    return one\n")
    tests.write_text(
        "from tests.helpers import check as require, run\n"
        "def test_it_runs():\n    run(1)\n"
        "def test_it_holds():\n    _hold(1)\n"
        "def test_it_is_shown(page):\n    expect(page).to_be_hidden()\n"
        "def test_a_method_of_that_name(page):\n    page.check()\n"
        "def _hold(one):\n    require(one)\n"
    )
    files = {"tests.helpers": FileOfTests(helpers), "tests.test_a": FileOfTests(tests)}
    assert unable_to_fail(files) == ["tests.test_a.test_a_method_of_that_name", "tests.test_a.test_it_runs"]
