"""A registry to move away from, and the command that moves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from moorings_registry.cli.main import main
from tests.migration.sources import Source, fill

Import = Callable[..., Result]


@pytest.fixture
def empty_source() -> Iterator[Source]:
    source = Source()
    yield source
    source.stop()


@pytest.fixture
def source(empty_source: Source) -> Source:
    fill(empty_source)
    return empty_source


@pytest.fixture
def ledger_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'target.db'}"


@pytest.fixture
def run_import(ledger_url: str) -> Import:
    """`moorings-registry import` into a ledger of this test's own."""
    return lambda *arguments: CliRunner().invoke(
        main, ["import", "--create", "--ledger", ledger_url, *map(str, arguments)]
    )
