"""The pages that say where things are: every path that they name exists, and every module is named."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
DOCS = REPOSITORY / "docs"
MAP, ARCHITECTURE, MODULES = ((DOCS / name).read_text() for name in ("map.md", "architecture.md", "modules.md"))
PACKAGES = {
    name: REPOSITORY / folder / name
    for folder, name in (("compat", "moorings_compat"), ("clients", "moorings"), ("registry", "moorings_registry"))
}
_PATH = re.compile(r"`((?:\.\.?/)?[\w.]+(?:/[\w.-]+)*/?)`")
_TARGET = re.compile(r"\]\(([^)#]+\.md)")


def named_paths(page: str) -> set[str]:
    """The paths between backticks of a page: those with a slash, an ending of a file, or both."""
    found = set(_PATH.findall(page))
    return {one for one in found if "/" in one or one.endswith((".py", ".md", ".toml", ".json"))}


def modules_of(package: Path) -> Iterator[str]:
    """The names of the top-level modules, those of packages with a slash."""
    for path in sorted(package.iterdir()):
        if path.suffix == ".py" and path.name != "__init__.py":
            yield path.stem
        elif (path / "__init__.py").exists():
            yield f"{path.name}/"


def test_every_path_on_the_map_exists() -> None:
    lost = {path for path in named_paths(MAP) if not (REPOSITORY / path).exists()}
    assert lost == set()


def test_every_path_in_the_architecture_exists() -> None:
    roots = [REPOSITORY, *PACKAGES.values(), PACKAGES["moorings_registry"] / "http"]
    lost = {path for path in named_paths(ARCHITECTURE) if not any((root / path).exists() for root in roots)}
    assert lost == set()


@pytest.mark.parametrize("page", ["map.md", "architecture.md"])
def test_every_page_that_is_linked_to_exists(page: str) -> None:
    targets = _TARGET.findall((DOCS / page).read_text())
    assert targets
    assert [one for one in targets if not (DOCS / one).exists()] == []


@pytest.mark.parametrize("name", PACKAGES)
def test_the_architecture_names_every_top_level_module(name: str) -> None:
    parts = ARCHITECTURE.partition("## Parts")[2].partition("\n## ")[0]
    section = parts.partition(f"\n**{name}**")[2].partition("\n**")[0]
    rows = "\n".join(line for line in section.splitlines() if line.startswith("| `"))
    assert [module for module in modules_of(PACKAGES[name]) if f"`{module}`" not in rows] == []


def test_every_module_is_listed_once() -> None:
    listed = re.findall(r"^\| `([^`]+)` \| (.*) \|$", MODULES, re.MULTILINE)
    expected = {
        str(path.relative_to(REPOSITORY)) for package in PACKAGES.values() for path in package.rglob("*.py")
    } - {str((PACKAGES[name] / "__init__.py").relative_to(REPOSITORY)) for name in ("moorings", "moorings_registry")}
    assert sorted(path for path, _ in listed) == sorted(expected)
    assert [path for path, holds in listed if not holds] == []


@pytest.mark.parametrize(
    "kind",
    [
        "A rule of Avro",
        "A rule of JSON Schema",
        "A rule of Protobuf",
        "A format",
        "A draft of JSON Schema",
        "A ledger engine",
        "A fact",
        "A command",
        "An endpoint of the native API",
        "An endpoint of the Confluent API",
        "A Confluent config field",
        "A setting of the service",
        "An error",
        "A lifecycle state",
        "An admin page",
        "A framing",
        "A transport",
    ],
)
def test_a_recipe_names_what_to_touch_and_its_tests(kind: str) -> None:
    recipe = MAP.partition(f"\n### {kind}\n")[2].partition("\n### ")[0]
    paths = named_paths(recipe)
    assert any(path.startswith("tests/") for path in paths)
    assert sum(not path.startswith("tests/") for path in paths) >= 2
