"""Who may do what: grants by immutable ids on nodes of the tree of names, and the same answer by every way to ask."""

from dataclasses import fields, replace
from typing import Any

import pytest

from moorings_registry.access import PRESETS, WHOLE, Node, Verb, View, access_of, target_of, visible
from moorings_registry.access.visible_state import SHOWN_WHOLE
from moorings_registry.command_permissions import commands_with_needs
from moorings_registry.commands import Command
from moorings_registry.issuers import KINDS
from moorings_registry.names import Subject
from moorings_registry.principals import ANONYMOUS, Principal
from moorings_registry.state import State
from tests.registry.asking import record
from tests.registry.calling import Http
from tests.registry.granting import ANN, BOB, EVE, OPERATOR, Guarded, grant_body, in_days

PLACED, ADDED = "shop.orders.OrderPlaced", "crm.PersonAdded"
PROTECTED = {
    "repository_id": "7",
    "repository_owner_id": "1",
    "ref_protected": "true",
    "job_workflow_ref": "o/r/w@main",
}


@pytest.fixture
def guarded() -> Guarded:
    """A registry with two domains of two teams, an event in each, and an event of the first below another context."""
    guarded = Guarded()
    for domain in ("shop", "shop.orders", "crm"):
        guarded.domain(domain, f"team-{domain}")
    guarded.register(PLACED, record("a"))
    guarded.register(ADDED, record("b"))
    guarded.register(f":.eu:{PLACED}", record("a", c=1))
    return guarded


# Nodes.


@pytest.mark.parametrize(
    ("node", "covered", "not_covered"),
    [
        (
            "shop",
            ["shop", "shop-value", "shop-key", "shop.X", "shop.a.b"],
            ["shopping", "sho", "shop-valuex", ":.eu:shop"],
        ),
        ("shop*", ["shop", "shopping", "shop.X"], ["sho", ":.eu:shop"]),
        ("orders", ["orders-value", "orders-key", "orders"], ["orders-x", "order"]),
        (".eu/shop", [":.eu:shop", ":.eu:shop.X"], ["shop", ":.eux:shop"]),
        (".eu/*", [":.eu:anything"], ["anything", ":.eu.x:anything"]),
        ("*", ["anything", ":.eu:anything"], []),
        ("./.odd/name", [".odd/name"], ["name"]),
    ],
)
def test_a_node_covers_names_by_whole_segments(node: str, covered: list[str], not_covered: list[str]) -> None:
    parsed = Node.parse(node)
    assert Node.parse(str(parsed)) == parsed
    for name in covered:
        subject = Subject.parse(name)
        assert parsed.covers(subject.name, subject.context), name
    for name in not_covered:
        subject = Subject.parse(name)
        assert not parsed.covers(subject.name, subject.context), name


@pytest.mark.parametrize("node", ["", "a*b", "**", ".x", "shop.", "a\nb", "x" * 600, ".eu/"])
def test_what_is_not_a_node_is_refused(node: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Node.parse(node)


@pytest.mark.parametrize("spelling", [PLACED, f":.:{PLACED}"])
def test_one_subject_is_one_node_however_it_is_spelled(spelling: str) -> None:
    assert target_of(spelling) == Node(".", PLACED)


# What a grant has to say, matrix lines 35 to 43.


def principal(alias: str, name: str, **claims: Any) -> Principal:
    return Principal(f"{alias}:{name}", alias, claims)


def refused_at(guarded: Guarded, **body: Any) -> set[str]:
    """The locations at which a grant that is not stored is faulty."""
    whole = {"issuer": "ci", "verbs": ["register"], "node": "shop", "because": "its CI", "expires": in_days(90), **body}
    reply = guarded.call(OPERATOR, "POST", "/v1/grants", whole)
    assert (reply.status, reply.code) in ((422, "GRANT_INVALID"), (422, "REQUEST_INVALID")), reply.body
    return {one["pointer"] for one in reply.json["errors"]}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"claims": {}}, "/principal"),
        ({"claims": {"repository_owner_id": "1"}}, "/claims"),
        ({"claims": {"repository_id": "7"}}, "/claims"),
        ({"claims": {**PROTECTED, "repository_id": "*"}}, "/claims/repository_id"),
        ({"claims": {**PROTECTED, "repository_id": ""}}, "/claims/repository_id"),
        ({"claims": {**PROTECTED, "actor": "ann"}}, "/claims/actor"),
        ({"claims": {**PROTECTED, "ref_protected": "false"}}, "/claims/ref_protected"),
        ({"claims": {name: PROTECTED[name] for name in PROTECTED if name != "job_workflow_ref"}}, "/claims"),
        ({"claims": PROTECTED, "expires": None}, "/expires"),
        ({"claims": PROTECTED, "expires": in_days(500)}, "/expires"),
        ({"claims": PROTECTED, "expires": in_days(-1)}, "/expires"),
        ({"claims": PROTECTED, "because": " "}, "/because"),
        ({"claims": PROTECTED, "verbs": ["operate"]}, "/node"),
        ({"claims": PROTECTED, "verbs": []}, "/verbs"),
        ({"claims": PROTECTED, "verbs": ["own"]}, "/verbs/0"),
        ({"claims": PROTECTED, "node": "sh*p"}, "/node"),
        ({"claims": PROTECTED, "group": "admins"}, "/group"),
        ({"issuer": "nobody", "claims": PROTECTED}, "/issuer"),
        ({"principal": "lab:project/7"}, "/principal"),
        ({"principal": "ci:*", "claims": PROTECTED}, "/principal"),
        ({"issuer": "k8s", "principal": "k8s:shop/orders"}, "/claims"),
        ({"issuer": "k8s", "claims": {"namespace": "shop", "service_account": "orders"}}, "/claims"),
        ({"issuer": "mesh", "principal": "mesh:example.org/*/orders"}, "/principal"),
        ({"issuer": "mesh", "principal": "mesh:*"}, "/principal"),
        ({"issuer": "people", "claims": {"email": "ann@example.org"}}, "/claims/email"),
        ({"issuer": "people", "group": "*"}, "/group"),
        ({"issuer": "", "principal": "anonymous"}, "/verbs"),
        ({"issuer": "", "principal": "anonymous", "verbs": ["read"], "node": "*"}, "/node"),
        ({"issuer": "", "principal": "anonymous", "verbs": ["read"], "node": ".eu/*"}, "/node"),
    ],
)
def test_a_careless_grant_is_not_stored(guarded: Guarded, body: dict[str, Any], pointer: str) -> None:
    before = guarded.registry.ledger.head()
    assert pointer in refused_at(guarded, **body)
    assert guarded.registry.ledger.head() == before


def grant_ci(guarded: Guarded, claims: dict[str, str] | None = None, issuer: str = "ci", **more: Any) -> None:
    named = PROTECTED if claims is None and issuer == "ci" else claims or {}
    body = {"issuer": issuer, "claims": named, "verbs": ["register"], "node": "shop", "because": "x"}
    guarded.do("POST", "/v1/grants", {**body, "expires": in_days(90), **more})


def may_register(guarded: Guarded, caller: Principal) -> bool:
    return guarded.registry.authorization.allows(caller, Verb.REGISTER, PLACED)


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("a repository made again under the same name has another id", {"repository_id": "8"}),
        ("a repository that was transferred has another owner", {"repository_owner_id": "2"}),
        ("a text is compared as it is", {"ref_protected": "True"}),
        ("a pull request is not on a protected ref", {"ref_protected": "false"}),
        ("another workflow file", {"job_workflow_ref": "o/r/other@main"}),
        ("the same file at another ref", {"job_workflow_ref": "o/r/w@feature"}),
        ("a list is not a text", {"repository_id": ("7",)}),
    ],
)
def test_a_build_job_is_matched_by_everything_that_the_grant_names(
    guarded: Guarded, what: str, changed: dict[str, Any]
) -> None:
    grant_ci(guarded)
    assert may_register(guarded, principal("ci", "repo/7", **PROTECTED))
    assert not may_register(guarded, principal("ci", "repo/7", **{**PROTECTED, **changed})), what


def test_36_a_branch_is_compared_whole_and_an_environment_as_it_is_written(guarded: Guarded) -> None:
    claims = {**PROTECTED, "ref": "refs/heads/main", "ref_type": "branch", "environment": "production"}
    grant_ci(guarded, claims)
    assert may_register(guarded, principal("ci", "repo/7", **claims))
    for other in (
        {"ref": "refs/heads/main/x"},
        {"ref": "refs/tags/main"},
        {"ref_type": "tag"},
        {"environment": "Production"},
    ):
        assert not may_register(guarded, principal("ci", "repo/7", **{**claims, **other}))


def test_40_a_service_account_is_one_of_one_cluster(guarded: Guarded) -> None:
    grant_ci(guarded, {"service_account_uid": "u-1", "namespace": "shop"}, issuer="k8s")
    right = {"service_account_uid": "u-1", "namespace": "shop", "service_account": "orders"}
    assert may_register(guarded, principal("k8s", "shop/orders", **right))
    assert not may_register(guarded, principal("k8s", "crm/orders", **{**right, "namespace": "crm"}))
    assert not may_register(guarded, principal("k8s", "shop/orders", **{**right, "service_account_uid": "u-2"}))
    assert not may_register(guarded, principal("other", "shop/orders", **right))


@pytest.mark.parametrize(
    ("name", "matched"),
    [
        ("example.org/ns/shop/sa/orders", True),
        ("example.org/ns/shop/sa/", False),
        ("example.org/ns/shop/sa", False),
        ("example.org/ns/shopping/sa/orders", False),
        ("example.org/ns/shop/sa/orders/x", False),
        ("example.org/ns/shop/sa/..", True),
        ("example.com/ns/shop/sa/orders", False),
        ("example.org/ns%2Fshop/sa/orders", False),
    ],
)
def test_41_the_last_segment_of_a_spiffe_path_alone_may_be_open(guarded: Guarded, name: str, matched: bool) -> None:
    """Authentication refuses paths with ``..`` before: here it is a segment like any other."""
    grant_ci(guarded, issuer="mesh", principal="mesh:example.org/ns/shop/sa/*")
    assert may_register(guarded, principal("mesh", name)) is matched


def test_43_groups_are_a_list_and_each_is_compared_whole(guarded: Guarded) -> None:
    grant_ci(guarded, issuer="people", group="admins of shop")
    assert may_register(guarded, principal("people", "x", groups=("a", "admins of shop")))
    for groups in ("a,admins of shop", "admins of shop", ("admins",), ("Admins of shop",), ()):
        assert not may_register(guarded, principal("people", "x", groups=groups))


def test_what_presets_ask_for_is_what_kinds_of_issuers_hand_on() -> None:
    assert set(PRESETS) == set(KINDS)
    for name, preset in PRESETS.items():
        assert set(preset.claims) <= set(KINDS[name].claims), name


# What the author of a grant has to hold, line 72.


def test_72_nobody_grants_more_than_they_hold_nor_above_nor_to_themselves(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop.orders", "govern")
    granted = guarded.call(ANN, "POST", "/v1/domains/shop.orders/grants", grant_body(BOB, "", "register"))
    assert (granted.status, granted.json["node"]) == (201, "shop.orders")
    for whom, node, verbs, code in (
        (BOB, "shop", ["read"], "NOT_ALLOWED"),
        (BOB, "shop.order*", ["read"], "NOT_ALLOWED"),
        (BOB, "*", ["read"], "NOT_ALLOWED"),
        (BOB, "*", ["audit"], "NOT_ALLOWED"),
        (BOB, "crm", ["read"], "NOT_ALLOWED"),
        (ANN, "shop.orders", ["govern"], "GRANT_TO_ONESELF"),
    ):
        reply = guarded.call(ANN, "POST", "/v1/grants", grant_body(whom, node, *verbs))
        assert (reply.status, reply.code) == (403, code), (node, verbs)
    assert guarded.call(BOB, "POST", "/v1/grants", grant_body(EVE, "shop.orders", "read")).status == 403
    above = guarded.call(ANN, "POST", "/v1/domains/shop.orders/grants", grant_body(BOB, "shop", "read"))
    assert (above.status, above.code) == (422, "GRANT_INVALID")


def test_a_grant_is_seen_and_revoked_by_those_who_govern_its_node(guarded: Guarded) -> None:
    above = guarded.grant(ANN, "shop", "govern")
    id = guarded.call(ANN, "POST", "/v1/grants", grant_body(BOB, "shop.orders", "register")).json["id"]
    guarded.grant(EVE, "crm", "govern")
    assert [one["id"] for one in guarded.get(ANN, "/v1/grants").json["grants"]] == [above, id]
    assert [one["id"] for one in guarded.get(ANN, "/v1/domains/shop.orders/grants").json["grants"]] == [above, id]
    assert guarded.get(BOB, "/v1/grants").json["grants"] == []
    assert guarded.get(BOB, "/v1/domains/shop.orders/grants").status == 403
    for other in (EVE, BOB):
        assert guarded.get(other, f"/v1/grants/{id}").code == "GRANT_NOT_FOUND"
        assert guarded.call(other, "DELETE", f"/v1/grants/{id}").code == "GRANT_NOT_FOUND"
    assert guarded.call(BOB, "POST", f"/subjects/{PLACED}/versions", {"schema": record("a", b=1)}).status == 200
    assert guarded.call(ANN, "DELETE", f"/v1/domains/shop.orders/grants/{id}?because=moved").status == 204
    assert guarded.call(BOB, "POST", f"/subjects/{PLACED}/versions", {"schema": record("a", b=1)}).status == 403
    assert guarded.get(BOB, "/subjects").json == []


def test_a_grant_ends_by_itself(guarded: Guarded) -> None:
    body = grant_body(ANN, "shop", "govern")
    guarded.do("POST", "/v1/grants", body)
    state = guarded.registry.state
    soon, late = state.grants[max(state.grants)].expires, "2099-01-01T00:00:00.000000Z"
    assert access_of(state.grants, ANN, soon[:-1]).held
    assert not access_of(state.grants, ANN, soon).held
    assert not access_of(state.grants, ANN, late).held


def test_the_same_grant_again_is_nothing_new(guarded: Guarded) -> None:
    body = grant_body(ANN, "shop", "register", "read")
    first, again = (guarded.do("POST", "/v1/grants", body) for _ in range(2))
    assert first == again


# The same on every way, lines 64 to 73.


def test_64_every_command_says_what_it_needs() -> None:
    assert commands_with_needs() == set(Command.__args__)


def test_every_part_of_a_state_is_shown_by_a_rule_or_named_as_shown_whole(guarded: Guarded) -> None:
    """A new part of the state is hidden from whoever may not read everything until somebody decides about it."""
    shown = visible(guarded.registry.state, View.of(frozenset((Node.parse("shop"),))))
    decided = {*SHOWN_WHOLE, "checks", *shown.rules.table()}  # type: ignore[attr-defined]  # it is a VisibleState
    assert {one.name for one in fields(State)} == decided


@pytest.mark.parametrize(
    "path",
    [
        "/subjects/crm.PersonAdded", "/subjects/crm%2EPersonAdded", "/subjects/:.:crm.PersonAdded",
        "/contexts/./subjects/crm.PersonAdded", "/contexts/:.:/subjects/crm.PersonAdded",
        "/v1/events/crm.PersonAdded", "/v1/events/crm%2ePersonAdded", "/v1/events/:.:crm.PersonAdded",
    ],
)  # fmt: skip
def test_65_however_a_name_is_spelled_it_is_the_same_node(guarded: Guarded, path: str) -> None:
    guarded.grant(ANN, "shop", "govern")
    reply = guarded.call(ANN, "DELETE", path)
    assert reply.status == 403
    assert b"'crm.PersonAdded'" in reply.body


def test_65_an_alias_is_a_way_to_its_target_for_those_who_may_go_there(guarded: Guarded) -> None:
    guarded.do("PUT", "/config/people", {"alias": ADDED})
    guarded.grant(ANN, "people", "govern")
    assert guarded.get(ANN, "/subjects/people/versions").json["error_code"] == 40401
    reply = guarded.call(ANN, "POST", "/subjects/people/versions", {"schema": record("b", c=1)})
    assert (reply.status, reply.json["error_code"]) == (403, 40301)


def test_66_nothing_of_a_hidden_domain_is_found_by_what_names_it(guarded: Guarded) -> None:
    guarded.do("POST", "/associations", association(ADDED))
    guarded.grant(ANN, "shop", "govern")
    hidden = guarded.registry.state.subject(Subject.parse(ADDED)).latest  # type: ignore[union-attr]
    for path in (
        f"/schemas/ids/{hidden.id}", f"/schemas/ids/{hidden.id}?subject={ADDED}", f"/schemas/guids/{hidden.guid}",
        f"/v1/schemas/{hidden.guid}", f"/v1/schemas/ids/{hidden.id}", f"/v1/events/{ADDED}",
        f"/v1/reports/{hidden.position}", f"/admin/schemas/{hidden.guid}", f"/admin/reports/{hidden.position}",
        f"/admin/events/{ADDED}", "/admin/domains/crm",
    ):  # fmt: skip
        reply = guarded.get(ANN, path)
        assert reply.status == 404, path
        assert b"Person" not in reply.body.replace(ADDED.encode(), b""), path
    assert guarded.get(ANN, "/associations/resources/-/orders").json == []
    assert guarded.get(ANN, "/associations/resources/id-1").json == []


def association(subject: str) -> dict[str, Any]:
    named = {"resourceName": "orders", "resourceNamespace": "lkc-1", "resourceId": "id-1"}
    return {**named, "associations": [{"subject": subject, "lifecycle": "WEAK"}]}


def test_67_lists_counts_and_pages_leave_out_what_is_hidden(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "read")
    assert guarded.get(ANN, "/subjects?subjectPrefix=:*:").json == [PLACED]
    events = guarded.get(ANN, "/v1/events").json
    assert (events["total"], len(events["events"])) == (1, 1)
    assert guarded.get(ANN, "/v1/reports").json["total"] == 1
    assert [one["domain"] for one in guarded.get(ANN, "/v1/domains").json["domains"]] == ["shop", "shop.orders"]
    assert guarded.get(ANN, "/contexts").json == ["."]
    for path in ("/admin/", "/admin/domains", "/admin/events", "/admin/reports", "/admin/rules", "/admin/waivers"):
        page = guarded.get(ANN, path)
        assert page.status == 200
        assert b"crm" not in page.body, path
    for path in ("/metrics", "/v1/ledger", "/v1/ledger/head", "/admin/ledger"):
        assert guarded.get(ANN, path).status == 403


def test_the_ledger_takes_the_right_to_audit_and_to_read_everything(guarded: Guarded) -> None:
    guarded.grant(ANN, "*", "audit")
    assert guarded.get(ANN, "/v1/ledger").status == 403
    assert guarded.get(ANN, "/v1/ledger/head").status == 200
    guarded.grant(ANN, "*", "read")
    assert guarded.get(ANN, "/v1/ledger").status == 200
    assert guarded.get(ANN, "/admin/ledger").status == 200


def test_68_what_is_cached_for_one_view_is_not_answered_to_another(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "read")
    guarded.grant(EVE, "crm", "read")
    etag = guarded.get(ANN, "/schemas/ids/1").headers["etag"]
    for _ in range(2):
        assert guarded.get(ANN, "/schemas/ids/1").status == 200
        assert guarded.get(EVE, "/schemas/ids/1").status == 404
        assert guarded.get(EVE, "/schemas/ids/1", If_None_Match=etag).status == 404
        assert guarded.call(EVE, "HEAD", "/schemas/ids/1").status == 404
        assert guarded.get(ANN, "/schemas/ids/1", If_None_Match=etag).status == 304
    assert guarded.get(ANN, "/schemas/ids/1").headers["cache-control"] == "private, no-cache"
    assert guarded.get(ANN, "/schemas/ids/1").headers["vary"] == "Authorization, Cookie"


def test_68_another_callers_idempotency_key_gives_nothing(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "register")
    path, body = f"/v1/events/{PLACED}/versions", {"schema": record("a", b=1)}
    assert guarded.call(ANN, "POST", path, body, Idempotency_Key="k").status == 201
    assert guarded.call(EVE, "POST", path, body, Idempotency_Key="k").status == 403
    assert guarded.call(ANN, "POST", path, body, Idempotency_Key="k").status == 201


def test_69_a_reference_to_what_is_hidden_is_one_to_nothing(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "govern")
    told = []
    for name in (ADDED, "crm.PersonXdded"):
        body = {"schema": record("a"), "references": [{"name": "P", "subject": name, "version": 1}]}
        for path in ("/subjects/shop.New/versions", "/compatibility/subjects/shop.New/versions"):
            reply = guarded.call(ANN, "POST", path, body)
            told.append((reply.status, reply.body.replace(name.encode(), b"?")))
    assert told[:2] == told[2:]
    assert told[0][0] == 422


def test_reading_a_schema_includes_the_versions_that_it_refers_to(guarded: Guarded) -> None:
    guarded.register(ADDED, record("b", c=1))
    using = '{"type":"record","name":"Using","fields":[{"name":"o","type":"OrderPlaced"}]}'
    guarded.register("shop.Using", using, references=[{"name": "OrderPlaced", "subject": ADDED, "version": 1}])
    guarded.grant(ANN, "shop", "read")
    assert guarded.get(ANN, f"/subjects/{ADDED}/versions").json == [1]
    assert guarded.get(ANN, f"/subjects/{ADDED}/versions/1").status == 200
    assert guarded.get(ANN, f"/subjects/{ADDED}/versions/2").status == 404
    assert guarded.call(ANN, "POST", f"/subjects/{ADDED}/versions", {"schema": record("b")}).status == 403


def test_70_a_batch_with_one_forbidden_part_does_nothing(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "govern")
    parts = [
        {"resourceId": f"id-{n}", "resourceName": f"t{n}", "resourceNamespace": "lkc-1",
         "associations": [{"opType": "CREATE", "subject": subject, "lifecycle": "WEAK"}]}
        for n, subject in enumerate((PLACED, ADDED))
    ]  # fmt: skip
    before = guarded.registry.ledger.head()
    for dry_run in ("true", "false"):
        reply = guarded.call(ANN, "POST", f"/associations:batchMutate?dryRun={dry_run}", {"requests": parts})
        assert (reply.status, reply.json["error_code"]) == (403, 40301)
    assert guarded.registry.ledger.head() == before
    assert guarded.call(ANN, "POST", "/associations:batchMutate", {"requests": parts[:1]}).status == 207


def test_71_imports_modes_and_exporters_are_for_operators_and_chosen_ids_for_those_who_govern(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "register")
    guarded.grant(BOB, "*", "govern")
    schema = {"schema": record("z", name="Z")}
    for caller in (ANN, BOB):
        for method, path, body in (
            ("PUT", "/mode", {"mode": "IMPORT"}),
            ("PUT", f"/mode/{PLACED}", {"mode": "IMPORT"}),
            ("DELETE", "/contexts/.eu", None),
            ("PUT", "/config", {"compatibility": "NONE"}),
            ("PUT", "/config/:.:", {"compatibility": "NONE"}),
            ("PUT", "/v1/level", {"level": "NONE"}),
            ("POST", "/exporters", {"name": "x", "config": {"schema.registry.url": "http://127.0.0.1:1"}}),
            ("GET", "/exporters", None),
        ):
            assert guarded.call(caller, method, path, body).status == 403, (caller.name, method, path)
    for method, path, body in (
        ("POST", "/subjects/shop.New/versions", {**schema, "id": 77, "version": 3}),
        ("POST", "/subjects/shop.New/versions?force=true", schema),
        ("DELETE", f"/subjects/{PLACED}?permanent=true", None),
        ("POST", f"/v1/events/{PLACED}/versions/1/restore", None),
        ("PUT", f"/v1/events/{PLACED}/level", {"level": "NONE"}),
    ):
        assert guarded.call(ANN, method, path, body).status == 403, path
    guarded.grant(EVE, "*", "operate")
    assert guarded.call(EVE, "PUT", "/mode", {"mode": "READWRITE"}).status == 200
    assert guarded.get(EVE, "/subjects").json == []


def test_73_what_is_denied_and_what_is_missing_are_answered_alike(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "read")
    missing = "crm.PersonXdded"
    for method, path, body in (
        ("GET", "/subjects/{}/versions", None),
        ("GET", "/subjects/{}/versions/1", None),
        ("GET", "/config/{}", None),
        ("GET", "/v1/events/{}", None),
        ("GET", "/admin/events/{}", None),
        ("POST", "/subjects/{}", {"schema": record("b")}),
        ("POST", "/compatibility/subjects/{}/versions", {"schema": record("b")}),
        ("POST", "/subjects/{}/versions", {"schema": record("b")}),
        ("DELETE", "/subjects/{}", None),
        ("PUT", "/config/{}", {"compatibility": "FULL"}),
        ("DELETE", "/v1/events/{}", None),
    ):
        replies = [
            guarded.call(ANN, method, path.format(name), body, X_Correlation_ID="c-1") for name in (ADDED, missing)
        ]
        headers = [{name: text.replace("PersonX", "PersonA") for name, text in one.headers.items()} for one in replies]
        told = [
            (one.status, named, one.body.replace(b"PersonX", b"PersonA"))
            for one, named in zip(replies, headers, strict=True)
        ]
        assert told[0] == told[1], path


def test_a_denied_write_names_the_verb_the_node_and_whom_to_ask(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "read")
    native = guarded.call(ANN, "DELETE", f"/v1/events/{PLACED}")
    told = "Permission 'govern' is missing for 'shop.orders.OrderPlaced'; the owner of the domain is team-shop.orders"
    assert (native.status, native.code, native.json["detail"]) == (403, "NOT_ALLOWED", told)
    confluent = guarded.call(ANN, "DELETE", f"/subjects/{PLACED}")
    assert confluent.json == {"error_code": 40301, "message": told}
    hidden = guarded.call(ANN, "DELETE", f"/subjects/{ADDED}").json["message"]
    assert hidden == "Permission 'govern' is missing for 'crm.PersonAdded'"


# Without a credential.


def test_callers_without_a_credential_read_what_is_granted_to_them_and_are_asked_to_sign_in_else(
    guarded: Guarded,
) -> None:
    for path in ("/subjects", f"/subjects/{PLACED}/versions", "/v1/domains", "/admin/"):
        assert guarded.get(ANONYMOUS, path).status in (401, 303), path
    guarded.grant(ANONYMOUS, "shop.orders", "read")
    assert guarded.get(ANONYMOUS, f"/subjects/{PLACED}/versions").json == [1]
    assert guarded.get(ANONYMOUS, "/subjects").json == [PLACED]
    for name in (ADDED, "crm.Nothing"):
        reply = guarded.get(ANONYMOUS, f"/subjects/{name}/versions")
        assert (reply.status, reply.json["error_code"]) == (401, 40101)
        assert reply.headers["www-authenticate"].startswith('Bearer realm="moorings"')
    assert guarded.call(ANONYMOUS, "DELETE", f"/subjects/{PLACED}").status == 401


# Why may I.


def test_a_caller_is_told_which_grant_decides(guarded: Guarded) -> None:
    id = guarded.grant(ANN, "shop", "register")
    told = guarded.get(ANN, f"/v1/access?verb=register&node={PLACED}").json
    assert (told["allowed"], told["grant"]["id"]) == (True, id)
    assert told["why"].startswith(f"Grant {id} allows register on 'shop'")
    denied = guarded.get(ANN, f"/v1/access?verb=govern&node={PLACED}").json
    assert (denied["allowed"], denied["grant"]) == (False, None)
    matched = f"The caller is matched by grants that do not allow govern on '{PLACED}': {id}."
    assert denied["why"] == f"{matched} Ask team-shop.orders, who owns the domain."
    unknown = guarded.get(EVE, "/v1/access?verb=read&node=shop").json["why"]
    said = "No grant in force matches the caller, so read on 'shop' is not allowed."
    assert unknown == f"{said} Ask the owner of its domain, or the registry's operator."


def test_those_who_govern_or_audit_ask_about_others(guarded: Guarded) -> None:
    guarded.grant(BOB, "shop", "register")
    asked = f"/v1/access?verb=register&node={PLACED}&principal=people:bob&issuer=people"
    assert guarded.get(EVE, asked).status == 403
    guarded.grant(ANN, "shop", "govern")
    assert guarded.get(ANN, asked).json["allowed"] is True
    grant_ci(guarded)
    claims = "".join(f"&claim={name}%3D{value}" for name, value in PROTECTED.items())
    by_claims = guarded.get(ANN, f"/v1/access?verb=register&node={PLACED}&issuer=ci{claims}")
    assert by_claims.json["allowed"] is True
    guarded.grant(EVE, "*", "audit")
    assert guarded.get(EVE, asked).json["allowed"] is True


# Owners.


def test_a_new_domain_is_for_those_who_govern_what_is_above_it(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "govern")
    body = {"owner": "team"}
    assert guarded.call(ANN, "PUT", "/v1/domains/shop.payments", body).status == 200
    for domain in ("billing", "crm.people"):
        assert guarded.call(ANN, "PUT", f"/v1/domains/{domain}", body).status == 403
    guarded.grant(BOB, "shop.returns", "govern")
    assert guarded.call(BOB, "PUT", "/v1/domains/shop.returns", body).status == 403


def test_another_owner_has_to_accept(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "govern")
    guarded.grant(BOB, "crm", "govern")
    guarded.grant(EVE, "shop", "register")
    body = {"owner": "team-crm", "policy": {"names": "any"}}
    offered = guarded.call(ANN, "PUT", "/v1/domains/shop.orders", body)
    assert (offered.status, offered.json["owner"]) == (200, "team-shop.orders")
    owners = guarded.get(ANN, "/v1/domains/shop.orders/owners").json
    assert (owners["offer"]["owner"], owners["offer"]["offered_by"], owners["past"]) == ("team-crm", "people:ann", [])
    accept = "/v1/domains/shop.orders/transfer/acceptance"
    assert guarded.call(ANN, "POST", accept).code == "OTHER_CALLER_NEEDED"
    assert guarded.call(EVE, "POST", accept).code == "NOT_ALLOWED"
    assert guarded.call(BOB, "POST", accept).code == "DOMAIN_NOT_FOUND"
    guarded.grant(BOB, "shop", "read")
    accepted = guarded.call(BOB, "POST", accept)
    assert (accepted.status, accepted.json["owner"], accepted.json["offer"]) == (200, "team-crm", None)
    assert [one["owner"] for one in accepted.json["past"]] == ["team-shop.orders"]
    assert guarded.call(BOB, "POST", accept).code == "TRANSFER_NOT_FOUND"


def test_an_offer_names_who_accepts_it_or_an_owner_who_is_there_and_ends_when_either_side_says_so(
    guarded: Guarded,
) -> None:
    guarded.grant(ANN, "shop", "govern")
    guarded.grant(BOB, "shop", "read")
    path = "/v1/domains/shop.orders"
    nobody = guarded.call(ANN, "PUT", path, {"owner": "team-new"})
    assert (nobody.status, [one["pointer"] for one in nobody.json["errors"]]) == (422, ["/receiver"])
    for ends in (ANN, BOB):
        assert guarded.call(ANN, "PUT", path, {"owner": "team-new", "receiver": "people:bob"}).status == 200
        assert guarded.call(EVE, "DELETE", f"{path}/transfer").status == 404
        assert guarded.call(ends, "DELETE", f"{path}/transfer").json["offer"] is None
    assert guarded.call(ANN, "PUT", path, {"owner": "team-new", "receiver": "people:bob"}).status == 200
    assert guarded.call(BOB, "POST", f"{path}/transfer/acceptance").json["owner"] == "team-new"


# Waivers.


def test_a_waiver_holds_once_another_caller_approves_it(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "govern")
    guarded.grant(BOB, "shop.orders", "govern")
    guarded.grant(EVE, "shop", "register")
    body = {"kind": "level", "domain": "shop.orders", "reason": "a bridge", "until": in_days(10)}
    named = guarded.call(ANN, "POST", "/v1/waivers", {**body, "requested_by": "x", "approved_by": "y"})
    assert {one["pointer"] for one in named.json["errors"]} == {"/requested_by", "/approved_by"}
    asked = guarded.call(ANN, "POST", "/v1/waivers", body).json
    assert (asked["requested_by"], asked["approved_by"], asked["open"]) == ("people:ann", "", False)
    approval = f"/v1/waivers/{asked['id']}/approval"
    weaker = {"owner": "team-shop.orders", "policy": {"names": "any", "level": "BACKWARD"}}
    assert guarded.call(ANN, "PUT", "/v1/domains/shop.orders", weaker).code == "POLICY_BELOW_FLOOR"
    assert guarded.call(ANN, "POST", approval).code == "OTHER_CALLER_NEEDED"
    assert guarded.call(EVE, "POST", approval).code == "NOT_ALLOWED"
    approved = guarded.call(BOB, "POST", approval).json
    assert (approved["approved_by"], approved["open"]) == ("people:bob", True)
    assert guarded.call(BOB, "POST", approval).status == 200
    assert guarded.call(ANN, "PUT", "/v1/domains/shop.orders", weaker).status == 200


def test_a_waiver_for_a_change_does_not_tell_whether_somebody_else_registered_its_text(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "govern", "read")
    hidden = guarded.register(ADDED, record("b"))["guid"]
    scope = {"domain": "shop.orders", "subject": PLACED, "major": 1, "reason": "a bridge"}

    def asked(guid: str) -> Any:
        return guarded.call(ANN, "POST", "/v1/waivers", {**scope, "kind": "finding", "guid": guid})

    refused, unknown = asked(hidden), asked("00000000-0000-0000-0000-000000000001")
    assert (refused.status, refused.json["errors"]) == (422, unknown.json["errors"])
    own = guarded.call(OPERATOR, "POST", f"/subjects/{PLACED}/versions", {"schema": record("a", "b")})
    assert own.status == 409
    assert asked(guarded.do("GET", f"/v1/reports?subject={PLACED}")["reports"][0]["guid"]).status == 201


def test_a_waiver_that_nobody_approved_can_be_withdrawn_and_then_not_approved(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "govern")
    guarded.grant(BOB, "shop", "govern")
    body = {"kind": "level", "domain": "shop", "reason": "a bridge", "until": in_days(10)}
    id = guarded.call(ANN, "POST", "/v1/waivers", body).json["id"]
    assert guarded.call(ANN, "DELETE", f"/v1/waivers/{id}").status == 200
    assert guarded.call(BOB, "POST", f"/v1/waivers/{id}/approval").code == "WAIVER_INVALID"
    assert guarded.call(EVE, "DELETE", f"/v1/waivers/{id}").code == "WAIVER_NOT_FOUND"


def test_without_sign_in_everybody_on_this_machine_may_do_everything() -> None:
    http = Http()
    assert http.put("/v1/domains/shop", {"owner": "a"}).status == 200
    assert http.put("/v1/domains/shop", {"owner": "b"}).json["owner"] == "b"
    assert http.get("/v1/access?verb=operate").json["allowed"] is True
    assert http.post("/v1/grants", grant_body(ANN, "shop", "read")).code == "GRANT_INVALID"


def test_views_of_the_same_nodes_are_one() -> None:
    assert View.of(frozenset((Node.parse("a"),))) is View.of(frozenset((Node.parse("a"),)))
    assert View.of(frozenset((WHOLE,))) is not View.of(frozenset((WHOLE,)), signed_in=False)
    assert replace(WHOLE) == WHOLE


def test_the_page_of_access_shows_owners_to_readers_and_grants_to_those_who_govern_or_audit(guarded: Guarded) -> None:
    guarded.do("PUT", "/v1/domains/shop.orders", {"owner": "team-two", "policy": {"names": "any"}})
    guarded.grant(ANN, "shop", "govern")
    guarded.grant(BOB, "shop.orders", "read")
    guarded.grant(EVE, "*", "audit", "read")
    shown = {who.name: guarded.get(who, "/admin/domains/shop.orders/access") for who in (ANN, BOB, EVE)}
    assert {one.status for one in shown.values()} == {200}
    assert all(b"team-shop.orders" in one.body for one in shown.values())
    assert [b"people:ann" in one.body for one in shown.values()] == [True, False, True]
    assert guarded.get(BOB, "/admin/domains/crm/access").status == 404


# Topics.


@pytest.mark.parametrize("events", [1, 2])
def test_the_name_of_a_topic_is_no_way_around_the_permission_for_its_event(guarded: Guarded, events: int) -> None:
    for name in (PLACED, "shop.orders.OrderPaid")[:events]:
        guarded.do("PUT", f"/v1/events/{name}", {"kind": "fact", "topics": ["sales"]})
    guarded.grant(ANN, "sales*", "govern")
    body = {"schema": record("a", b=1)}
    for method, path, sent in (
        ("POST", "/subjects/sales-value/versions", body),
        ("DELETE", "/subjects/sales-value", None),
        ("PUT", "/config/sales-value", {"compatibility": "FULL"}),
        ("PUT", "/v1/events/sales-value/level", {"level": "FULL"}),
    ):
        before = guarded.registry.ledger.head()
        reply = guarded.call(ANN, method, path, sent)
        assert reply.status == (403 if events == 1 else 422), (path, reply.body)
        assert b"shop.orders" not in reply.body
        assert guarded.registry.ledger.head() == before
    wish = {"subject": "sales-value", "lifecycle": "WEAK"}
    asked = {"resourceName": "sales", "resourceNamespace": "lkc-1", "resourceId": "id-9", "associations": [wish]}
    if events == 1:
        assert guarded.call(ANN, "POST", "/associations", asked).status == 403
    using = {"schema": '{"type":"record","name":"U","fields":[{"name":"o","type":"OrderPlaced"}]}'}
    told = []
    for name in ("sales-value", "sales-other"):
        references = [{"name": "OrderPlaced", "subject": name, "version": 1}]
        reply = guarded.call(ANN, "POST", "/subjects/sales-new/versions", {**using, "references": references})
        told.append((reply.status, reply.body.replace(name.encode(), b"?")))
    assert told[0] == told[1]
    assert told[0][0] == 422
    assert guarded.get(ANN, "/subjects/sales-value/versions").status == 404


def test_binding_a_topic_takes_the_permission_for_its_name(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop.orders", "govern")
    body = {"kind": "fact", "topics": ["sales"]}
    assert guarded.call(ANN, "PUT", f"/v1/events/{PLACED}", body).status == 403
    guarded.grant(ANN, "sales", "govern")
    assert guarded.call(ANN, "PUT", f"/v1/events/{PLACED}", body).status == 200
    assert guarded.call(ANN, "POST", "/subjects/sales-value/versions", {"schema": record("a", b=1)}).status == 200
