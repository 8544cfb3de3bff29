"""Files outside the layout refer to those in their own folder and below, and to nothing else."""

import json
from pathlib import Path

import pytest

from moorings.cli.commands import run
from moorings.layout.schema_files import read_schema
from moorings_compat import ReferenceCircle, ReferenceMissing, SchemaError
from moorings_compat.json_schema import bundled
from tests.client.layout.deep_folders import deep_folder
from tests.client.layout.test_lint import write

RUN_EVENT = {"$id": "https://example.org/1/Event.json", "properties": {"f": {"$ref": "facets/Facet.json#/$defs/F"}}}
FACET = {"$id": "https://example.org/1/facets/Facet.json", "$defs": {"F": {"type": "string"}}}
OTHER = {"properties": {"f": {"$ref": "../common.json#/definitions/id"}}, "$ref": "./own%20name.json"}
FILES = {
    "spec/Event.json": json.dumps(RUN_EVENT),
    "spec/facets/renamed.json": json.dumps(FACET),
    "spec/other/Other.json": json.dumps(OTHER),
    "spec/other/own name.json": '{"maxProperties": 3}',
    "spec/common.json": '{"definitions": {"id": {"type": "integer"}}}',
    "proto/shop/Money.proto": 'syntax = "proto3"; package shop; message Money { int64 cents = 1; }',
    "proto/shop/Paid.proto": 'syntax = "proto3"; import public "Money.proto"; message Paid { shop.Money m = 1; }',
    "proto/All.proto": 'syntax = "proto3"; import "shop/Money.proto"; message All { shop.Money m = 1; }',
    "avro/Paid.avsc": '{"type": "record", "name": "Paid", "fields": [{"name": "m", "type": "com.Money"}]}',
    "avro/types/any.avsc": '{"type": "record", "name": "com.Money", "fields": [{"name": "c", "type": "com.Coin"}]}',
    "avro/types/coin.avsc": '{"type": "enum", "name": "com.Coin", "symbols": ["A"]}',
}


@pytest.mark.parametrize("file", ["spec/Event.json", "proto/shop/Paid.proto", "proto/All.proto", "avro/Paid.avsc"])
def test_a_file_refers_to_those_around_it(tmp_path: Path, file: str) -> None:
    assert read_schema(write(tmp_path, FILES) / file).references


def test_a_root_lets_files_refer_to_folders_beside_them(tmp_path: Path) -> None:
    root = write(tmp_path, FILES) / "spec"
    with pytest.raises(ReferenceMissing, match=r"common\.json#/definitions/id' cannot be found.*leads out of.*--root"):
        read_schema(root / "other/Other.json")
    read = read_schema(root / "other/Other.json", root=root)
    assert sorted(one.reference.subject for one in read.references) == ["common.json", "other/own name.json"]
    assert "maxProperties" in json.dumps(bundled(read))


def test_folders_may_be_deeper_than_python_recurses(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    with deep_folder(tmp_path / "avro"):
        assert read_schema(tmp_path / "avro/Paid.avsc").references


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    root = write(tmp_path, {"in/a.json": '{"$ref": "link.json"}', "out/secret.json": '{"title": "secret"}'}) / "in"
    (root / "link.json").symlink_to(tmp_path / "out/secret.json")
    for reference in ("link.json", "../out/secret.json", str(tmp_path / "out/secret.json"), "file:///etc/hosts"):
        (root / "a.json").write_text(json.dumps({"$ref": reference}))
        with pytest.raises(SchemaError) as error:
            read_schema(root / "a.json")
        assert "nothing else is read or fetched" in str(error.value), reference
        assert error.value.problems[0].where == "/$ref"


def test_what_is_wrong_names_the_file_and_what_was_meant(tmp_path: Path) -> None:
    files = {**FILES, "spec/Event.json": json.dumps({**RUN_EVENT, "$ref": "facets/Facts.json"})}
    with pytest.raises(
        ReferenceMissing, match=r"no \$id in the folder .*/spec is 'https://example.org/1/facets/Facts.json'"
    ):
        read_schema(write(tmp_path, files) / "spec/Event.json")
    circle = {"c/a.json": '{"$ref": "b.json"}', "c/b.json": '{"properties": {"x": {"$ref": "a.json"}}}'}
    with pytest.raises(ReferenceCircle, match=r"a\.json → b\.json → a\.json"):
        read_schema(write(tmp_path, circle) / "c/a.json")
    nested = {"n/a.json": '{"$ref": "b.json"}', "n/b.json": '{"$ref": "gone.json"}'}
    with pytest.raises(ReferenceMissing, match=r"in b\.json, which 'b\.json' leads to: at /\$ref: 'gone\.json'"):
        read_schema(write(tmp_path, nested) / "n/a.json")


def test_two_versions_are_checked_each_in_its_own_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    looser = json.dumps(FACET).replace("string", "integer")
    write(tmp_path / "old", FILES)
    write(tmp_path / "new", {**FILES, "spec/facets/renamed.json": looser})
    old, new = str(tmp_path / "old/spec/Event.json"), str(tmp_path / "new/spec/Event.json")
    assert run(["check", old, old]) == 0
    assert run(["check", old, new]) == 1
    assert "/f" in capsys.readouterr().out
    roots = ("--root", str(tmp_path / "new"), "--old-root", str(tmp_path / "old"))
    assert run(["check", old, new, *roots]) == 1
