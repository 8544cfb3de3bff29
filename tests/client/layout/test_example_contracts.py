"""The contracts of this repository: clean, whole, and without the registry's own facts in what is pushed."""

from pathlib import Path

from moorings.layout import lint, read_folder

SCHEMAS = Path(__file__).parents[3] / "schemas"


def test_the_example_contracts_have_no_issues() -> None:
    assert lint(SCHEMAS)[1] == []


def test_the_shop_is_owned_and_the_facts_of_the_registry_are_not() -> None:
    folder = read_folder(SCHEMAS)
    assert folder.own_domains == ("shop.orders", "shop.payments", "shop.types")
    assert folder.domain("moorings.registry") is not None


def test_every_event_of_the_shop_has_a_file_of_its_own() -> None:
    folder = read_folder(SCHEMAS)
    contracts = [one for one in folder.contracts if one.domain in folder.own_domains]
    assert len(contracts) >= 6
    assert [one.subject for one in contracts if folder.event(one.subject) is None] == []
