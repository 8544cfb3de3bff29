"""Mappings as texts and as files: what is read, and what is said of everything else."""

from pathlib import Path

import pytest

from moorings.upcasting import MappingInvalid, Upcasts, find_mapping_files, read_mapping, read_mapping_file
from moorings_compat.mappings.mapping import Convert, Default, Drop, Move, Rename, Symbols
from tests.client.upcasting.contracts import AVRO_MAPPING, SUBJECT

ABOUT = (SUBJECT, 1, 2)


def step(text: str) -> str:
    return f"[[step]]\n{text}\n"


def test_every_kind_of_step_is_read() -> None:
    read = read_mapping(AVRO_MAPPING, about=ABOUT)
    assert (read.subject, read.before, read.after) == ABOUT
    assert [type(one) for one in read.steps] == [Rename, Convert, Convert, Rename, Move, Symbols, Drop, Default]
    assert read.steps[0] == Rename(("customer",), "customer_id")
    assert read.steps[4] == Move(("city",), ("address", "town"), 0)
    assert read_mapping(step('move = "/a/*/b"\nto = "/a/*/c/d"'), about=ABOUT).steps == (
        Move(("a", "*", "b"), ("a", "*", "c", "d"), 2),
    )
    assert read_mapping(step('default = "/a~1b"\nnull = true'), about=ABOUT).steps == (Default(("a/b",), None),)


def test_a_mapping_text_names_its_event_and_majors() -> None:
    read = read_mapping('event = "shop.OrderPlaced"\nfrom = 3\nto = 4\n')
    assert (read.subject, read.before, read.after, read.steps) == ("shop.OrderPlaced", 3, 4, ())


WRONG = [
    ("no toml", "step = [", "not valid TOML"),
    ("an unknown key", "steps = 1", "did you mean 'step'?"),
    ("invalid steps", "step = 1", "write each as [[step]]"),
    ("no verb", step('to = "/a"'), "none of rename, move, drop, default, convert: a step needs exactly one"),
    (
        "two verbs",
        step('drop = "/a"\nrename = "/b"\nto = "c"'),
        "2 of rename, move, drop, default, convert: a step needs exactly one",
    ),
    ("a key too many", step('drop = "/a"\nvalue = 1'), "unknown key 'value'"),
    ("no target", step('rename = "/a"'), "rename needs 'to'"),
    ("an invalid path", step('drop = "a"'), "not a path to a field"),
    ("a path that is a number", step("drop = 1"), "not a path to a field"),
    ("the whole event", step('drop = "/"'), "not a path to a field"),
    ("an empty step", step('drop = "/a//b"'), "between two slashes"),
    ("an endless path", step(f'drop = "{"/a" * 60}"'), "more than 50 steps"),
    ("a lone tilde", step('drop = "/a~b"'), "write ~ as ~0"),
    ("every item renamed", step('rename = "/a/*"\nto = "b"'), "* is every item"),
    ("every item dropped", step('drop = "/a/*"'), "* is every item"),
    ("a name that is a path", step('rename = "/a"\nto = "/b"'), "without a slash"),
    ("the same name", step('rename = "/a"\nto = "a"'), "the new name equals the old one"),
    ("a move out of its item", step('move = "/a/*/b"\nto = "/c"'), "within one item"),
    ("a move into every item", step('move = "/a"\nto = "/b/*/c"'), "within one item"),
    ("a move into itself", step('move = "/a"\nto = "/a/b"'), "into itself"),
    ("no value", step('default = "/a"'), "a value, or null = true"),
    ("a value and null", step('default = "/a"\nvalue = 1\nnull = true'), "a value, or null = true"),
    ("null that is false", step('default = "/a"\nvalue = 1\nnull = false'), "a value, or null = true"),
    ("an unknown conversion", step('convert = "/a"\nwith = "text_to_int"'), "did you mean text_to_integer"),
    ("no conversion", step('convert = "/a"'), "needs 'with'"),
    ("both conversions", step('convert = "/a"\nwith = "upper"\nsymbols = {A = "B"}'), "not both"),
    ("symbols of numbers", step('convert = "/a"\nsymbols = {A = 1}'), "a table of texts"),
    ("over two majors", "from = 1\nto = 3", "the names of file and folder say 2"),
]


@pytest.mark.parametrize(("text", "message"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_each_fault_of_a_mapping_file_names_its_step(text: str, message: str) -> None:
    with pytest.raises(MappingInvalid) as caught:
        read_mapping(text, source="x.toml", about=ABOUT)
    assert message in str(caught.value)
    assert str(caught.value).startswith("x.toml: ")
    if text.startswith("[[step]]"):
        assert caught.value.problems[0].place == "step 1"


def test_all_faults_of_a_mapping_file_are_reported_together() -> None:
    with pytest.raises(MappingInvalid) as caught:
        read_mapping(step('drop = "a"') + step('rename = "/a"') + "", about=ABOUT)
    assert [one.place for one in caught.value.problems] == ["step 1", "step 2"]


@pytest.mark.parametrize(
    "text",
    [
        'event = "a.B"\nfrom = 1\nto = 3',
        'event = "a.B"\nfrom = 2\nto = 1',
        "from = 1\nto = 2",
        "event = 1\nfrom = true\nto = 2",
    ],
)
def test_a_mapping_that_does_not_lead_to_the_next_major_is_refused(text: str) -> None:
    with pytest.raises(MappingInvalid):
        read_mapping(text)


def write(root: Path, name: str, text: str = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_mappings_are_found_in_a_folder_of_contracts(tmp_path: Path) -> None:
    first = write(tmp_path, "shop.orders/OrderPlaced.v1-to-v2.toml", step('drop = "/a"'))
    second = write(tmp_path, "shop.orders/OrderPlaced.v2-to-v3.toml")
    write(tmp_path, "shop.orders/domain.toml", 'owner = "x"')
    write(tmp_path, ".hidden/OrderPlaced.v7-to-v8.toml")
    assert find_mapping_files(tmp_path) == [first, second]
    upcasts = Upcasts.of(tmp_path)
    way = upcasts.way(SUBJECT, 1, 3)
    assert way is not None
    assert [one.label for one in way] == [f"{SUBJECT} v1 to v2", f"{SUBJECT} v2 to v3"]
    assert upcasts.way(f"{SUBJECT}-value", 1, 2) is not None
    assert upcasts.way(SUBJECT, 1, 4) is None
    assert upcasts.way("shop.orders.Other", 1, 2) is None
    assert upcasts == Upcasts.of([first, str(second)])
    assert hash(upcasts) == hash(Upcasts.of(upcasts))
    assert upcasts != Upcasts.of(first)


def test_two_mappings_of_the_same_majors_are_refused(tmp_path: Path) -> None:
    first = write(tmp_path, "shop.orders/OrderPlaced.v1-to-v2.toml")
    second = write(tmp_path, "other.toml", f'event = "{SUBJECT}"\nfrom = 1\nto = 2')
    with pytest.raises(MappingInvalid, match="already"):
        Upcasts.of([first, second])


def test_unreadable_mapping_files_are_errors(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff")
    (tmp_path / "big.toml").write_bytes(b"#" * (1024 * 1024 + 1))
    for name in ("a.toml", "big.toml", "none.toml"):
        with pytest.raises(MappingInvalid, match=name):
            read_mapping_file(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        Upcasts.of(tmp_path / "none.toml")
