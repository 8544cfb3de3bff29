"""The reference page of the client lists what the code has: options, notices, rules and errors."""

import inspect
import re
from pathlib import Path

import pytest

import moorings
from moorings import errors, notices
from moorings.violations import Broken

PAGE = (Path(__file__).parents[2] / "docs" / "client-reference.md").read_text("utf-8")


def listed(heading: str) -> set[str]:
    """Return the names in the first column of a section's tables."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name.partition("(")[0] for row in rows for name in re.findall(r"`([^`]+)`", row)}


def subclasses(root: type, module: object) -> set[str]:
    found = [one for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, root) and one is not root]
    return {one.__name__ for one in found}


def test_the_page_lists_every_option_of_connect() -> None:
    assert listed("Options") == {*moorings.Options.__annotations__, "http"}


def test_the_page_lists_every_notice() -> None:
    assert listed("Notices") == subclasses(notices.Notice, notices)


def test_the_page_lists_every_rule_that_an_event_can_break() -> None:
    assert listed("Violations") == {str(one) for one in Broken}


def test_the_page_lists_every_error_that_the_package_exports() -> None:
    assert listed("Errors") == subclasses(errors.MooringsError, errors) & {*moorings.__all__}


@pytest.mark.parametrize("connect", [moorings.connect, moorings.connect_async])
def test_an_unknown_option_is_a_type_error(connect: object) -> None:
    assert callable(connect)
    with pytest.raises(TypeError, match="unexpected keyword argument 'timeout'"):
        connect("http://localhost", timeout=1)
