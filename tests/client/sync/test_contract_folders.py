"""Whole folders against a real registry: what a push writes, what a pull brings back, and what stops either."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

import moorings as client
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings.layout.lock_file import Lock
from moorings.registry import Registry
from tests.client.layout.test_event_files import EVENT
from tests.client.layout.test_lint import ADDRESS, CLEAN, PLACED, write

Run = Callable[..., int]
SUBJECT = "shop.orders.OrderPlaced"
POLICY = {"complete": True, "json_fields": "declared", "type_names": "event"}
MAJOR = """# what is decided about the first major
[metadata]
tags."shop.types.Money.a" = ["PII"] # amounts are nobody's business

[[rules]]
name = "total"
kind = "CONDITION"
mode = "WRITE"
type = "CEL"
expr = "message.m.a >= 0"
"""
WHOLE = {
    **CLEAN,
    "shop.orders/domain.toml": '# ours\nowner = "team-orders"\ncontacts = [ "#orders" ]\n\n'
    '[policy]\ncomplete = true\njson_fields = "declared"\ntype_names = "event"\n',
    "shop.orders/OrderPlaced.toml": EVENT,
    "shop.orders/OrderPlaced.v1.toml": MAJOR,
    "shop.orders/OrderShipped.toml": "[replay]\nreplayable = false\nreason = 'a webhook'\n"
    "[idempotency]\nkey=['/to/city']\n[expectations] # none yet\n",
    "shop.types/Money.toml": "kind = 'type' # shared\n",
    "shop.types/Money.v1.toml": "rules = []\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "schemas", WHOLE)


@pytest.fixture
def moorings(http: httpx2.BaseTransport, folder: Path) -> Run:
    def call(*arguments: str | Path, schemas: Path = folder) -> int:
        return run(["--schemas", str(schemas), *map(str, arguments)], Session(http=http))

    return call


@pytest.fixture
def registry(http: httpx2.BaseTransport) -> Iterator[Registry]:
    with client.connect("http://127.0.0.1", http=http, retries=0, drift=False) as connected:
        yield connected


def texts(folder: Path) -> dict[str, str]:
    """The files that people write, by their path in the folder."""
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".moorings" not in path.parts and path.name != "moorings.lock"
    }


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def steps(moorings: Run, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, str]:
    """Push, and return what became of each part by its name."""
    capsys.readouterr()
    moorings("push", "--format", "json", *more)
    out = capsys.readouterr().out
    return {one["name"]: one["action"] for one in json.loads(out[out.index("{") :])["steps"]}


def test_a_push_writes_events_majors_and_domains(
    moorings: Run, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    assert steps(moorings, capsys) == {
        "shop.types": "created",
        "shop.types.Money": "declared",
        "shop.types.Address v1": "registered",
        "shop.types.Card v1": "registered",
        "shop.types.Money v1": "registered",
        "shop.orders": "created",
        "shop.orders.OrderPlaced": "declared",
        "shop.orders.OrderShipped": "declared",
        "shop.orders.OrderPaid v1": "registered",
        "shop.orders.OrderPlaced v1": "registered",
        "shop.orders.OrderShipped v1": "registered",
    }
    known = registry.api.contracts("shop.orders")
    assert known is not None
    event = known.event(SUBJECT)
    assert event is not None
    assert event.declaration is not None
    assert event.declaration["idempotency"] == {"key": ["/m/a"]}
    assert event.majors[0].version.metadata == {"tags": {"shop.types.Money.a": ["PII"]}}
    assert event.majors[0].version.rule_set is not None


def test_a_push_is_one_entry_for_each_domain(moorings: Run, registry: Registry) -> None:
    moorings("push")
    assert registry.api.answer("/v1/ledger/head")["position"] == 2


def test_pushing_twice_changes_nothing(moorings: Run, registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    moorings("push")
    before = registry.api.answer("/v1/ledger/head")
    assert set(steps(moorings, capsys).values()) == {"unchanged"}
    assert registry.api.answer("/v1/ledger/head") == before
    assert moorings("diff") == 0


def test_a_pull_after_a_push_leaves_every_byte(moorings: Run, folder: Path) -> None:
    moorings("push")
    before = texts(folder)
    assert moorings("pull") == 0
    assert texts(folder) == before


def test_a_pull_into_an_empty_folder_can_be_pushed(
    moorings: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    other = tmp_path / "other" / "schemas"
    assert moorings("pull", "--all", schemas=other) == 0
    assert sorted(texts(other)) == sorted(set(WHOLE) - {"shop.types/Money.v1.toml"})
    assert moorings("lint", schemas=other) == 0
    assert moorings("diff", schemas=other) == 0
    (tmp_path / "other" / "moorings.toml").write_text('owns = ["shop.orders", "shop.types"]\n')
    capsys.readouterr()
    assert moorings("push", schemas=other) == 0
    assert capsys.readouterr().out == "11 unchanged\n"


def test_what_refers_by_id_is_pushed_with_its_references_and_once(
    moorings: Run, folder: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    facet = {"$id": "https://example.org/1/facets/Facet.json", "$defs": {"F": {"$anchor": "f", "type": "string"}}}
    moved = {"$id": "https://example.org/1/Moved.json", "properties": {"f": {"$ref": "facets/Facet.json#f"}}}
    (folder / "shop.types/Facet.v1.schema.json").write_text(json.dumps(facet), "utf-8")
    (folder / "shop.orders/OrderMoved.v1.schema.json").write_text(json.dumps(moved), "utf-8")
    (folder / "shop.orders/OrderMoved.toml").write_text(
        (folder / "shop.orders/OrderShipped.toml").read_text("utf-8").replace("to/city", "f"), "utf-8"
    )
    assert steps(moorings, capsys)["shop.orders.OrderMoved v1"] == "registered"
    assert set(steps(moorings, capsys).values()) == {"unchanged"}
    version = registry.api.version("shop.orders.OrderMoved", "v1")
    assert [(one.name, one.subject) for one in version.references] == [(facet["$id"], "shop.types.Facet")]
    handle = registry.event("shop.orders.OrderMoved", major=1)
    assert handle.decode(handle.encode({"f": "x"})) == {"f": "x"}
    with pytest.raises(client.EventInvalid, match="/f"):
        handle.encode({"f": 1})


def test_domains_that_use_each_other_are_told_why_neither_is_pushed(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, user = (
        {"$id": "https://example.org/base.json"},
        {"properties": {"b": {"$ref": "https://example.org/base.json"}}},
    )
    (folder / "shop.orders/OrderShared.v1.schema.json").write_text(json.dumps(base), "utf-8")
    (folder / "shop.types/Based.v1.schema.json").write_text(json.dumps(user), "utf-8")
    assert moorings("push") == 1
    said = capsys.readouterr().out
    assert "shop.types.Based v1 blocked: it uses shop.orders.OrderShared v1, which is not registered, and" in said
    assert "so move what both need into one of them" in said


MONEY_TYPE = '"type": "shop.types.Money"'
CHANGES: list[tuple[str, str, str, str, str]] = [
    ("a domain's owner", "shop.orders/domain.toml", '"team-orders"', '"team-sales"', "shop.orders"),
    ("an event's topics", "shop.orders/OrderPlaced.toml", '["orders"]', '["orders", "placed"]', SUBJECT),
    ("an event's retention", "shop.orders/OrderPlaced.toml", "= 30", "= 60", SUBJECT),
    ("a tag", "shop.orders/OrderPlaced.v1.toml", '["PII"]', '["PII", "MONEY"]', f"{SUBJECT} v1"),
    ("the quotes of a text", "shop.orders/OrderPlaced.v1.toml", '"message.m.a >= 0"', "'''message.m.a >= 0'''", ""),
    ("a rule's reason", "shop.orders/OrderPlaced.v1.toml", 'a >= 0"\n', 'a >= 0"\ndoc = "x"\n', f"{SUBJECT} v1"),
    ("a schema", "shop.orders/OrderPlaced.v1.avsc", MONEY_TYPE, f'{MONEY_TYPE}, "doc": "x"', f"{SUBJECT} v1"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "part"), [one[1:] for one in CHANGES], ids=[one[0] for one in CHANGES])
def test_a_change_of_a_file_reaches_other_folders_and_leaves_the_rest_as_it_was(
    moorings: Run,
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    old: str,
    new: str,
    part: str,
) -> None:
    moorings("push")
    other = write(tmp_path / "other" / "schemas", WHOLE)
    change(folder, file, old, new)
    changed = [name for name, action in steps(moorings, capsys).items() if action != "unchanged"]
    assert changed == [part] * bool(part)
    assert moorings("diff", schemas=other) == bool(part)
    assert moorings("pull", schemas=other) == 0
    assert moorings("diff", schemas=other) == 0
    expected = {**WHOLE, file: WHOLE[file].replace(old, new)} if part else WHOLE
    assert json_or_text(texts(other)) == json_or_text(expected)


def json_or_text(files: dict[str, str]) -> dict[str, Any]:
    """Texts of JSON as what they say: a field that was added comes with a style of its own."""
    return {name: json.loads(text) if name.endswith((".avsc", ".json")) else text for name, text in files.items()}


def test_the_lifecycle_of_a_major_is_pushed_and_pulled(
    moorings: Run, folder: Path, registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    other = write(tmp_path / "other" / "schemas", WHOLE)
    (folder / "shop.orders/OrderPlaced.v1.toml").write_text(
        MAJOR + '\n[lifecycle]\nstate = "deprecated"\nsunset = 2030-01-31 # after the sale\n', "utf-8"
    )
    assert steps(moorings, capsys)[f"{SUBJECT} v1 lifecycle"] == "changed"
    event = registry.api.event(SUBJECT)
    assert event is not None
    assert (event.majors[0].state, event.majors[0].sunset) == ("deprecated", "2030-01-31")
    before = texts(folder)
    assert moorings("pull") == 0
    assert texts(folder) == before
    assert moorings("pull", schemas=other) == 0
    assert (other / "shop.orders/OrderPlaced.v1.toml").read_text("utf-8").startswith(MAJOR)
    assert moorings("diff", schemas=other) == 0


def test_rules_are_removed_by_an_empty_list_and_kept_where_nothing_is_said(
    moorings: Run, folder: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "shop.orders/OrderPlaced.v1.toml"
    masked = MAJOR.replace('"CONDITION"', '"TRANSFORM"').replace("message.m.a >= 0", "message")
    file.write_text(masked, "utf-8")
    moorings("push")
    file.write_text("# nothing is said\n", "utf-8")
    assert steps(moorings, capsys)[f"{SUBJECT} v1"] == "unchanged"
    assert moorings("diff") == 1
    assert "only there (metadata, rules)" in capsys.readouterr().out
    file.write_text("rules = []\n[metadata]\n", "utf-8")
    assert steps(moorings, capsys)[f"{SUBJECT} v1"] == "registered"
    version = registry.api.version(SUBJECT, "v1")
    assert (version.label, version.metadata, version.rule_set) == ("1.1", None, None)
    assert moorings("diff") == 0


REFUSED: list[tuple[str, dict[str, str], str]] = [
    (
        "a schema",
        {"shop.orders/OrderPlaced.v1.avsc": PLACED.replace('"fields": [', '"fields": [{"name": "n", "type": "int"},')},
        f"{SUBJECT} v1: breaking",
    ),
    (
        "a rule",
        {"shop.orders/OrderPlaced.v1.toml": MAJOR.replace(">=", ">")},
        "RULE_CONDITION_NARROWED",
    ),
]


@pytest.mark.parametrize(("files", "says"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_a_refused_part_holds_back_all_of_its_domain(
    moorings: Run,
    folder: Path,
    registry: Registry,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, str],
    says: str,
) -> None:
    moorings("push")
    before = registry.api.contracts("shop.orders")
    write(folder, {**files, "shop.orders/OrderLost.v1.schema.json": ADDRESS})
    change(folder, "shop.types/domain.toml", "team-platform", "team-base")
    capsys.readouterr()
    assert moorings("push") == 1
    said = capsys.readouterr().out
    assert says in said
    assert "shop.orders blocked: nothing of it was pushed" in said
    assert registry.api.contracts("shop.orders") == before
    types = registry.api.domain("shop.types")
    assert types is not None
    assert types.owner == "team-base"
    assert moorings("push", "--dry-run") == 1


def test_a_refused_domain_file_stops_its_contracts(
    moorings: Run, folder: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    registry.api.put_domain("shop", {"owner": "x", "contacts": [], "policy": {"level": "FULL_TRANSITIVE"}})
    change(folder, "shop.orders/domain.toml", "complete = true", 'level = "BACKWARD"')
    assert moorings("push") == 1
    said = capsys.readouterr().out
    assert "shop.orders refused: POLICY_BELOW_FLOOR" in said
    assert registry.api.event(SUBJECT) is None
    assert registry.api.event("shop.types.Money") is not None


def test_a_change_made_elsewhere_is_not_overwritten(
    moorings: Run, folder: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    registry.api.put_domain("shop.orders", {"owner": "team-sales", "contacts": ["#orders"], "policy": POLICY})
    change(folder, "shop.orders/OrderPlaced.toml", "= 30", "= 60")
    capsys.readouterr()
    assert moorings("push") == 1
    said = capsys.readouterr().out
    assert "shop.orders refused: changed in the registry since this folder was last pulled or pushed" in said
    assert 'owner is "team-sales" there and "team-orders" in the file; run moorings pull first' in said
    assert moorings("pull") == 1
    said = capsys.readouterr()
    assert "OrderPlaced.toml" in said.out + said.err
    assert "local changes are not pushed; --force overwrites them" in said.out + said.err
    assert 'owner = "team-sales"' in (folder / "shop.orders/domain.toml").read_text("utf-8")
    assert "= 60" in (folder / "shop.orders/OrderPlaced.toml").read_text("utf-8"), "what was edited here is kept"
    assert steps(moorings, capsys)[SUBJECT] == "changed"


EDITED_HERE = [
    ("shop.orders/domain.toml", "team-orders", "team-edited"),
    ("shop.orders/OrderPlaced.toml", "= 30", "= 60"),
]


@pytest.mark.parametrize(("file", "old", "new"), EDITED_HERE)
def test_a_pull_keeps_what_was_edited_here_unless_it_is_forced(
    moorings: Run, folder: Path, file: str, old: str, new: str
) -> None:
    moorings("push")
    change(folder, file, old, new)
    assert moorings("pull") == 1
    assert new in (folder / file).read_text("utf-8")
    assert moorings("pull", "--force") == 0
    assert new not in (folder / file).read_text("utf-8")


def test_a_change_made_elsewhere_that_the_files_say_too_is_no_conflict(
    moorings: Run, folder: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    registry.api.put_domain("shop.orders", {"owner": "team-sales", "contacts": ["#orders"], "policy": POLICY})
    change(folder, "shop.orders/domain.toml", "team-orders", "team-sales")
    change(folder, "shop.orders/OrderPlaced.toml", "= 30", "= 60")
    assert steps(moorings, capsys)[SUBJECT] == "changed"


def test_a_checkout_that_has_seen_nothing_says_what_it_changes(
    moorings: Run, tmp_path: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    registry.api.put_domain("shop.orders", {"owner": "team-sales", "contacts": ["#orders"], "policy": POLICY})
    job = write(tmp_path / "job" / "schemas", WHOLE)
    capsys.readouterr()
    assert moorings("push", schemas=job) == 0
    assert 'shop.orders changed: owner: "team-sales" -> "team-orders"' in capsys.readouterr().out


def test_a_push_between_reading_and_writing_is_refused(
    http: httpx2.BaseTransport, folder: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["--schemas", str(folder), "push"], Session(http=http))
    change(folder, "shop.orders/OrderPlaced.toml", "= 30", "= 60")

    class Intruding(httpx2.BaseTransport):
        """Somebody else changes the domain just before a write of it arrives."""

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            if request.method == "PUT" and request.url.path == "/v1/domains/shop.orders/contracts":
                registry.api.put_domain("shop.orders", {"owner": "team-sales", "contacts": [], "policy": None})
            return http.handle_request(request)

    capsys.readouterr()
    assert run(["--schemas", str(folder), "push"], Session(http=Intruding())) == 1
    assert (
        "shop.orders refused: changed in the registry while it was pushed; run moorings pull" in capsys.readouterr().out
    )
    domain = registry.api.domain("shop.orders")
    assert domain is not None
    assert domain.owner == "team-sales"


def test_only_owned_domains_are_pushed(
    moorings: Run, folder: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, {"../moorings.toml": 'owns = ["shop.types"]\n'})
    assert moorings("push") == 0
    assert "not pushed, because moorings.toml does not own them: shop.orders" in capsys.readouterr().out
    assert [one.domain for one in registry.api.domains()] == ["shop.types"]


def test_an_owned_domain_has_to_be_there(moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"../moorings.toml": 'owns = ["shop.moon"]\n'})
    assert moorings("push") == 1
    assert "owns shop.moon" in capsys.readouterr().out
    assert moorings("diff") == 1
    assert "shop.moon: missing" in capsys.readouterr().out


def test_pulled_domains_are_pinned_and_never_pushed(
    moorings: Run, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    other = tmp_path / "other" / "schemas"
    assert moorings("pull", "--domain", "shop.types", schemas=other) == 0
    pinned = {one.subject: one.json_fields for one in Lock.read(other).pinned}
    assert pinned == {"shop.types.Address": "declared", "shop.types.Card": "", "shop.types.Money": ""}
    change(other, "shop.types/domain.toml", "team-platform", "team-other")
    capsys.readouterr()
    assert moorings("push", schemas=other) == 0
    assert (
        "not pushed, because they were pulled: shop.types; to push one, name it in moorings.toml"
        in capsys.readouterr().out
    )


def test_a_pull_takes_what_the_repository_owns_and_consumes(
    moorings: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    other = tmp_path / "other" / "schemas"
    assert moorings("pull", schemas=other) == 2
    assert "the registry has shop.orders, shop.types" in capsys.readouterr().err
    write(tmp_path / "other", {"moorings.toml": 'owns = []\nconsumes = ["shop.types"]\n'})
    assert moorings("pull", schemas=other) == 0
    assert sorted(one.name for one in other.iterdir() if not one.name.startswith(".")) == [
        "moorings.lock",
        "shop.types",
    ]


def test_an_older_revision_is_behind_and_harms_nothing(
    moorings: Run, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    job = write(tmp_path / "job" / "schemas", WHOLE)
    change(
        folder,
        "shop.orders/OrderPlaced.v1.avsc",
        '"type": "shop.types.Money"',
        '"type": "shop.types.Money", "doc": "x"',
    )
    moorings("push")
    capsys.readouterr()
    assert moorings("push", schemas=job) == 0
    assert f"{SUBJECT} v1 behind: 1.0, and the newest is 1.1" in capsys.readouterr().out


def test_a_dry_run_of_a_new_folder_says_what_would_be_written(
    moorings: Run, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    assert moorings("push", "--dry-run") == 0
    said = capsys.readouterr().out
    assert "shop.orders.OrderPlaced v1 would be registered: after shop.types.Money v1" in said
    assert "would be: 2 created, 6 registered, 3 declared" in said
    assert registry.api.answer("/v1/ledger/head")["position"] == 0


def test_contracts_that_use_each_other_within_a_domain_change_together(
    moorings: Run, folder: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    line = '{"type": "record", "name": "LineAdded", "namespace": "shop.orders", "fields": []}'
    basket = (
        '{"type": "record", "name": "BasketFilled", "namespace": "shop.orders", '
        '"fields": [{"name": "line", "type": "shop.orders.LineAdded"}]}'
    )
    write(folder, {"shop.orders/LineAdded.v1.avsc": line, "shop.orders/BasketFilled.v1.avsc": basket})
    assert moorings("push") == 0
    more = line.replace("[]", '[{"name": "sku", "type": "string", "default": ""}]')
    write(folder, {"shop.orders/LineAdded.v1.avsc": more})
    done = steps(moorings, capsys)
    assert (done["shop.orders.LineAdded v1"], done["shop.orders.BasketFilled v1"]) == ("registered", "registered")
    version = registry.api.version("shop.orders.BasketFilled", "v1")
    assert [(one.subject, one.version) for one in version.references] == [("shop.orders.LineAdded", 2)]
    assert set(steps(moorings, capsys).values()) == {"unchanged"}


CHECKED: list[tuple[str, dict[str, str], int, str]] = [
    ("nothing", {}, 0, "6 contracts pass"),
    (
        "a lowered policy",
        {"shop.types/domain.toml": 'owner = "team-platform"\n[policy]\nnames = "any"\nlevel = "BACKWARD"\n'},
        1,
        "POLICY_LOWERED: policy.level is BACKWARD, and was FULL_TRANSITIVE in the registry",
    ),
    (
        "a narrower rule over the same schema",
        {"shop.orders/OrderPlaced.v1.toml": MAJOR.replace(">=", ">")},
        1,
        "RULE_CONDITION_NARROWED",
    ),
    (
        "a rule that does not compile",
        {"shop.orders/OrderPaid.v1.toml": '[[rules]]\nname = "a"\ntype = "CEL"\nmode = "WRITE"\nexpr = "message.+"\n'},
        1,
        "RULE_SET_INVALID",
    ),
    (
        "a policy below its floor",
        {"shop.orders/domain.toml": 'owner = "x"\n[policy]\nkinds = ["command"]\n'},
        1,
        "KIND_REFUSED",
    ),
]


@pytest.mark.parametrize(("files", "code", "says"), [one[1:] for one in CHECKED], ids=[one[0] for one in CHECKED])
def test_a_check_weighs_all_files(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], code: int, says: str
) -> None:
    moorings("push")
    write(folder, files)
    capsys.readouterr()
    assert moorings("check") == code
    assert says in capsys.readouterr().out


def test_a_check_finds_a_policy_that_was_lowered(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder, "shop.orders/domain.toml", "[policy]\n", '[policy]\nlevel = "FULL_TRANSITIVE"\n')
    moorings("push")
    change(folder, "shop.orders/domain.toml", '"FULL_TRANSITIVE"', '"BACKWARD"')
    assert moorings("check") == 1
    said = capsys.readouterr().out
    assert "POLICY_LOWERED: policy.level is BACKWARD, and was FULL_TRANSITIVE in the registry" in said


@pytest.mark.parametrize(("owns", "code"), [('owns = ["shop.orders", "shop.types"]\n', 1), ("", 0)])
def test_a_check_finds_what_was_deleted(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str], owns: str, code: int
) -> None:
    if owns:
        write(folder, {"../moorings.toml": owns})
    moorings("push")
    (folder / "shop.orders/OrderPaid.v1.proto").unlink()
    assert moorings("check") == code
    said = capsys.readouterr().out
    assert "CONTRACT_DELETED: shop.orders.OrderPaid v1 is still registered, and active" in said


def test_a_major_begins_as_a_draft_and_ends_retired(
    moorings: Run, folder: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    file = folder / "shop.orders/OrderPlaced.v2.toml"
    write(folder, {"shop.orders/OrderPlaced.v2.avsc": PLACED})
    file.write_text('[lifecycle]\nstate = "draft" # until the team agrees\n', "utf-8")
    done = steps(moorings, capsys)
    assert (done[f"{SUBJECT} v2"], done[f"{SUBJECT} v2 lifecycle"]) == ("opened", "unchanged")
    for state in ("draft", "retired"):
        file.write_text(f'[lifecycle]\nstate = "{state}" # until the team agrees\n', "utf-8")
        moorings("push")
        known = registry.api.contracts("shop.orders")
        event = known.event(SUBJECT) if known is not None else None
        major = event.major(2) if event is not None else None
        assert major is not None
        assert major.state == state
        assert set(steps(moorings, capsys).values()) == {"unchanged"}
        before = texts(folder)
        assert moorings("diff") == 0
        assert moorings("pull") == 0
        assert texts(folder) == before
        assert moorings("check") == 0


def test_a_lock_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    entry = 'subject = "a.B"\nmajor = 1\nversion = 2\nlabel = "1.1"\nid = 3\nguid = "x"\n'
    (tmp_path / "moorings.lock").write_text(f"version = 1\n[[contract]]\n{entry}")
    lock = Lock.read(tmp_path)
    assert [(one.subject, one.json_fields) for one in lock.pinned] == [("a.B", "")]
    assert lock.consumed == ()


NEXT = PLACED.replace('"name": "m"', '"name": "total"')
MIGRATION = """# totals have their name now
[[migration.step]]
rename = "/m"       # the old name
to = "total"
"""


def test_a_migration_is_pushed_and_pulled(
    moorings: Run, folder: Path, registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second = {
        "shop.orders/OrderPlaced.v2.avsc": NEXT,
        "shop.orders/OrderPlaced.v2.toml": MIGRATION,
        "shop.orders/OrderPlaced.toml": EVENT.replace("/m/a", "/total/a"),
    }
    write(folder, second)
    assert steps(moorings, capsys)[f"{SUBJECT} v2 migration"] == "changed"
    known = registry.api.contracts("shop.orders")
    event = known.event(SUBJECT) if known is not None else None
    major = event.major(2) if event is not None else None
    assert major is not None
    assert major.migration == {"steps": [{"rename": "/m", "to": "total"}], "reason": ""}
    before = texts(folder)
    assert set(steps(moorings, capsys).values()) == {"unchanged"}
    assert moorings("pull") == 0
    assert texts(folder) == before
    other = tmp_path / "other" / "schemas"
    assert moorings("pull", "--all", schemas=other) == 0
    pulled = (other / "shop.orders/OrderPlaced.v2.toml").read_text("utf-8")
    assert "[[migration.step]]\nrename" in pulled
    assert moorings("diff", schemas=other) == 0
    more = MIGRATION + '\n[[migration.step]]\ndefault = "/total"\nvalue = { a = 0 }\n'
    write(folder, {"shop.orders/OrderPlaced.v2.toml": more})
    assert moorings("push") == 0
    write(other, second)
    assert moorings("pull", schemas=other) == 0
    assert (other / "shop.orders/OrderPlaced.v2.toml").read_text("utf-8").startswith(MIGRATION)
    assert moorings("diff", schemas=other) == 0


def test_a_reason_why_there_is_no_mapping_is_pushed_and_pulled(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(
        folder,
        {
            "shop.orders/OrderPaid.v2.proto": CLEAN["shop.orders/OrderPaid.v1.proto"],
            "shop.orders/OrderPaid.v2.toml": '[migration]\nreason = "nobody kept the cards" # alas\n',
        },
    )
    assert steps(moorings, capsys)["shop.orders.OrderPaid v2 migration"] == "changed"
    before = texts(folder)
    assert moorings("diff") == 0
    assert moorings("pull") == 0
    assert texts(folder) == before


def test_a_new_contract_that_uses_what_only_the_registry_has_is_checked_and_pushed(
    moorings: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    other = write(
        tmp_path / "other" / "schemas",
        {
            "shop.desk/domain.toml": 'owner = "desk"\n[references."DeskPaid.v1.avsc"]\n'
            '"shop.types.Money" = { subject = "shop.types.Money", major = 1 }\n',
            "shop.desk/DeskPaid.v1.avsc": PLACED.replace("OrderPlaced", "DeskPaid").replace("shop.orders", "shop.desk"),
        },
    )
    assert moorings("check", schemas=other) == 0
    assert moorings("push", schemas=other) == 0
    assert moorings("check", schemas=other) == 0
    assert moorings("diff", schemas=other) == 0


def test_a_pull_of_an_unknown_domain_says_which_one_was_meant(
    moorings: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert moorings("pull") == 0  # what the folder has is not pushed yet
    moorings("push")
    capsys.readouterr()
    assert moorings("pull", "--domain", "shop.order", schemas=tmp_path / "other") == 1
    assert "the registry does not have the domain shop.order; did you mean 'shop.orders'?" in capsys.readouterr().out


def test_a_lifecycle_that_files_do_not_say_is_only_in_the_registry(
    moorings: Run, folder: Path, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "shop.orders/OrderPlaced.v1.toml").unlink(missing_ok=True)
    moorings("push")
    assert moorings("deprecate", f"{SUBJECT}@1") == 0
    capsys.readouterr()
    assert moorings("diff") == 1
    said = capsys.readouterr().out
    assert "shop.orders.OrderPlaced v1: only there (lifecycle.state" in said
    assert "+ lifecycle" not in said, "the files ask for no state"
    assert moorings("push") == 0
    event = registry.api.event(SUBJECT)
    assert event is not None
    assert event.majors[0].state == "deprecated"
    assert moorings("pull") == 0
    assert moorings("diff") == 0
