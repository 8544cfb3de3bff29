"""Forms that change something: each does what the API does, is refused by the same permission, and is in the ledger."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from moorings_registry.http.native.domain_shapes import PolicyShape
from moorings_registry.ledger import LedgerUnavailable
from moorings_registry.principals import Principal
from moorings_registry.web import links
from moorings_registry.web.blueprint import FORMS
from tests.registry.asking import record
from tests.registry.calling import Reply
from tests.registry.granting import ANN, BOB, EVE, OPERATOR, Guarded, in_days
from tests.web.seed import ORDER_PLACED, ORDER_SHIPPED, seed_shop
from tests.web.site import Outline, Site, new_site

HOST = {"Host": "localhost:8081", "Origin": "http://localhost:8081", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def filled() -> Site:
    made = new_site()
    seed_shop(made.registry)
    return made


def send(site: Site, action: str, **fields: str) -> TestResponse:
    return site.client.post(action, data=fields, headers=HOST)


def facts(site: Site) -> list[Any]:
    """The facts of the newest entry."""
    state = site.registry.state
    return list(site.registry.entry(state.position).facts)


def etag_in(page: str) -> str:
    return page.split('name="etag" value="', 1)[1].partition('"')[0]


def refused_id(site: Site) -> int:
    return next(one.id for one in site.registry.state.checks if not one.accepted)


@pytest.mark.parametrize("rule", [path for path, *_ in FORMS])
def test_a_form_of_another_site_is_refused(filled: Site, rule: str) -> None:
    path = "/admin" + rule
    for name, value in (("<domain>", "shop"), ("<subject>", ORDER_PLACED), ("<int:major>", "1"), ("<int:version>", "1"),
                        ("<int:id>", str(refused_id(filled))), ("<id>", "0" * 32)):  # fmt: skip
        path = path.replace(name, value)
    before = filled.registry.state.position
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}, {}):
        response = filled.client.post(path, data={"owner": "mallory"}, headers={"Host": "localhost:8081", **headers})
        assert response.status_code == 403, (path, headers)
    assert filled.registry.state.position == before


def test_a_refusal_is_commented_on_assigned_and_handled(filled: Site) -> None:
    id = refused_id(filled)
    page = links.report_href(id)
    sent = send(filled, f"{page}/reviews", comment="We keep <b>the</b> name", assignee="ann", handled="no")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{page}#reviews")
    assert [one["fact"] for one in facts(filled)] == ["CheckReviewed"]
    shown = filled.page(page)
    assert "We keep &lt;b&gt;the&lt;/b&gt; name" in shown
    assert "assigned to ann" in Outline(shown).words
    before = filled.registry.state.position
    empty = send(filled, f"{page}/reviews", comment="", assignee="ann", handled="no")
    assert (empty.status_code, "Write a comment, assign somebody else" in empty.text) == (422, True)
    assert filled.registry.state.position == before  # nothing new was said
    send(filled, f"{page}/reviews", assignee="ann", handled="yes")
    assert Outline(filled.page(page)).words.count("marked as handled") == 1


@pytest.mark.parametrize(
    "fields", [{"handled": "maybe"}, {"comment": "x" * 2_001}, {"assignee": "x" * 201}], ids=["state", "long", "name"]
)
def test_a_review_that_cannot_be_recorded_says_why(filled: Site, fields: dict[str, str]) -> None:
    sent = send(filled, f"{links.report_href(refused_id(filled))}/reviews", **fields)
    assert sent.status_code == 422
    assert send(filled, f"{links.report_href(4_000)}/reviews", comment="c").status_code == 404


def test_a_domain_is_registered_once(filled: Site) -> None:
    sent = send(
        filled,
        links.DOMAINS,
        domain="crm",
        owner="team-crm",
        contacts="#crm\n\n crm@example.com ",
        description="People.",
    )
    assert (sent.status_code, sent.headers["Location"]) == (303, "/admin/domains/crm")
    known = filled.registry.state.domains["crm"]
    assert (known.owner, known.contacts, known.description) == ("team-crm", ("#crm", "crm@example.com"), "People.")
    again = send(filled, links.DOMAINS, domain="crm", owner="mallory")
    assert (again.status_code, "&#39;crm&#39; is registered already" in again.text) == (422, True)
    assert filled.registry.state.domains["crm"].owner == "team-crm"
    assert send(filled, links.DOMAINS, domain="No Domain", owner="x").status_code == 422
    assert send(filled, links.DOMAINS, domain="other", owner="").status_code == 422


def test_profile_and_policy_change_what_was_shown_and_nothing_that_changed_since(filled: Site) -> None:
    page = links.domain_href("shop.orders")
    etag = etag_in(filled.page(page))
    send(filled, f"{page}/profile", owner="team-new", contacts="#new", description="New.", etag=etag)
    known = filled.registry.state.domains["shop.orders"]
    assert (known.owner, known.contacts) == ("team-new", ("#new",))
    late = send(filled, f"{page}/profile", owner="team-late", etag=etag)
    assert (late.status_code, "Somebody changed it meanwhile" in late.text) == (412, True)
    etag = etag_in(filled.page(page))
    send(filled, f"{page}/policy", notice_days="45", names="any", complete="no", **{"kind-fact": "1"}, etag=etag)
    policy = filled.registry.state.domains["shop.orders"].policy
    assert (policy["notice_days"], policy["names"], policy["complete"], policy["kinds"]) == (45, "any", False, ["fact"])
    assert filled.registry.state.domains["shop.orders"].owner == "team-new"
    for wrong in ({"notice_days": "soon"}, {"names": "anything"}, {"complete": "perhaps"}):
        etag = etag_in(filled.page(page))
        assert send(filled, f"{page}/policy", etag=etag, **wrong).status_code == 422, wrong


def test_the_level_of_an_event_is_set_and_taken_back(filled: Site) -> None:
    page = links.event_href(ORDER_PLACED)
    send(filled, f"{page}/level", level="FULL_TRANSITIVE", etag=etag_in(filled.page(page)))
    assert filled.registry.state.configs[ORDER_PLACED]["compatibility"] == "FULL_TRANSITIVE"
    send(filled, f"{page}/level", level="", etag=etag_in(filled.page(page)))
    assert not filled.registry.state.configs.get(ORDER_PLACED, {}).get("compatibility")
    assert send(filled, f"{page}/level", level="SOME", etag=etag_in(filled.page(page))).status_code == 422


def test_a_deleted_version_comes_back(filled: Site) -> None:
    state = filled.registry.state
    held, gone = next((held, one) for held in state.subjects.values() for one in held.versions if one.deleted)
    page = links.event_href(held.subject, gone.number)
    action = f"{links.event_href(held.subject)}/versions/{gone.number}/restore"
    assert f'action="{action}"' in filled.page(page)
    assert send(filled, action).status_code == 303
    found = filled.registry.state.version_at((held.subject, gone.number))
    assert found is not None
    assert not found.deleted


def test_a_schema_is_tried_and_leaves_no_trace(filled: Site) -> None:
    before = filled.registry.state.position
    text = json.dumps({"type": "record", "name": "OrderShipped", "namespace": "shop.orders", "fields": []})
    held = filled.registry.state.subjects
    subject = next(one for one in held if str(one) == ORDER_PLACED)
    broken = json.dumps({"type": "record", "name": subject.event, "namespace": "shop.orders", "fields": [
        {"name": "entirely_new", "type": "string"}]})  # fmt: skip
    shown = send(filled, links.TRY, subject=ORDER_PLACED, format="AVRO", text=broken)
    assert shown.status_code == 200
    outline = Outline(shown.text)
    assert outline.open == []
    assert "Breaking." in outline.words
    assert "entirely_new" in outline.words
    invalid = send(filled, links.TRY, subject=ORDER_PLACED, format="AVRO", text='{"type": <')
    assert invalid.status_code == 422
    assert 'id="text-fault" class="field-fault"' in invalid.text
    assert "{&#34;type&#34;: &lt;" in invalid.text
    for field, wrong in (("format", "XML"), ("subject", ""), ("major", "one")):
        sent = {"subject": ORDER_PLACED, "format": "AVRO", "text": text, field: wrong}
        refused = send(filled, links.TRY, **sent)
        assert (refused.status_code, f'id="{field}-fault"' in refused.text) == (422, True), field
    assert filled.registry.state.position == before


def test_what_is_wrong_in_a_schema_is_not_taken_for_a_fault_of_a_field_of_its_name(filled: Site) -> None:
    text = json.dumps({"type": "object", "properties": {"format": {"type": 1}, "major": {"type": 2}}})
    shown = send(filled, links.TRY, subject="shop.orders.New", format="JSON", text=text)
    assert shown.status_code == 422
    assert 'id="text-fault"' in shown.text
    assert 'id="format-fault"' not in shown.text
    assert shown.text.count("at /properties/major/type") == 1


def test_an_earlier_candidate_is_checked_again_against_today(filled: Site) -> None:
    page = filled.page(links.recheck_report_href(refused_id(filled)))
    assert Outline(page).open == []
    assert "Breaking." in page
    accepted = next(one for one in filled.registry.state.checks if one.accepted)
    assert filled.page(links.recheck_report_href(accepted.id))


class Signed:
    """A registry that callers sign in to, whose forms they send."""

    def __init__(self) -> None:
        self.guarded = Guarded()
        self.guarded.domain("shop.orders", "team-orders")
        self.guarded.domain("crm", "team-crm")
        self.guarded.register(ORDER_PLACED, record("a"))
        self.guarded.call(OPERATOR, "POST", f"/subjects/{ORDER_PLACED}/versions", {"schema": record("b")})
        for who, node, verbs in ((ANN, "shop", "govern"), (BOB, "crm", "govern"), (EVE, "shop", "read")):
            self.guarded.grant(who, node, "read", *([verbs] if verbs != "read" else []))

    def send(self, who: Principal, action: str, **fields: str) -> Reply:
        client = self.guarded._client
        sent = {**self.guarded.call_headers(who), **HOST, "Content-Type": "application/x-www-form-urlencoded"}
        response = client.open(action, method="POST", data=urlencode(fields), headers=sent)
        return Reply.of(response.status_code, response.headers.items(), response.data)

    def page(self, who: Principal, path: str) -> str:
        reply = self.guarded.get(who, path)
        assert reply.status == 200, (path, reply.status)
        return reply.body.decode()


def test_forms_are_shown_to_those_who_may_send_them_and_refused_to_others() -> None:
    signed = Signed()
    report = next(one.id for one in signed.guarded.registry.state.checks if not one.accepted)
    for page, action in (
        (links.domain_href("shop.orders"), "/admin/domains/shop.orders/policy"),
        (links.domain_href("shop.orders"), "/admin/domains/shop.orders/profile"),
        (links.event_href(ORDER_PLACED), f"/admin/events/{ORDER_PLACED}/level"),
        (links.report_href(report), f"/admin/reports/{report}/reviews"),
    ):
        assert f'action="{action}"' in signed.page(ANN, page), page
        assert f'action="{action}"' not in signed.page(EVE, page), page
        before = signed.guarded.registry.state.position
        assert signed.send(EVE, action, owner="eve", comment="c", level="NONE").status == 403, action
        assert signed.guarded.registry.state.position == before
    assert signed.send(BOB, f"/admin/reports/{report}/reviews", comment="c").status == 404
    assert signed.send(ANN, f"/admin/reports/{report}/reviews", comment="c").status == 303


def test_another_owner_accepts_a_domain_by_its_page() -> None:
    signed = Signed()
    signed.guarded.grant(BOB, "shop", "read")
    page = links.domain_href("shop.orders")
    etag = etag_in(signed.page(ANN, page))
    assert signed.send(ANN, f"{page}/profile", owner="team-crm", etag=etag).status == 303
    assert f'action="{page}/transfer/acceptance"' not in signed.page(ANN, page)
    assert f'action="{page}/transfer/acceptance"' in signed.page(BOB, page)
    assert signed.send(ANN, f"{page}/transfer/acceptance").status in (403, 409)
    assert signed.send(EVE, f"{page}/transfer/acceptance").status == 403
    assert signed.send(BOB, f"{page}/transfer/acceptance").status == 303
    assert signed.guarded.registry.state.domains["shop.orders"].owner == "team-crm"


def test_another_caller_approves_or_denies_a_waiver_by_its_page() -> None:
    signed = Signed()
    signed.guarded.grant(BOB, "shop", "read", "govern")
    asked = {"kind": "purge", "domain": "shop.orders", "reason": "None is left", "until": in_days(30)}
    first, second = (
        signed.guarded.call(ANN, "POST", "/v1/waivers", {**asked, "reason": reason}).json["id"] for reason in ("a", "b")
    )
    approval, end = links.waiver_action(first, "approval"), links.waiver_action(second, "end")
    assert f'action="{approval}"' not in signed.page(ANN, links.WAIVERS)
    assert f'action="{approval}"' in signed.page(BOB, links.WAIVERS)
    assert f'action="{end}"' not in signed.page(EVE, links.WAIVERS)
    assert signed.send(ANN, approval).status == 403 or signed.send(ANN, approval).status == 409
    assert signed.send(EVE, approval).status == 403
    assert signed.send(BOB, approval).status == 303
    assert signed.send(BOB, end).status == 303
    waivers = signed.guarded.registry.state.waivers
    assert waivers[first].approved_by == BOB.name
    assert waivers[second].withdrawn_at


def test_an_unknown_event_has_no_forms(filled: Site) -> None:
    for action in (f"/admin/events/{ORDER_SHIPPED}x/level", f"/admin/events/{ORDER_SHIPPED}/versions/99/restore"):
        assert send(filled, action, level="FULL").status_code in (404, 412), action


def test_the_form_of_a_policy_keeps_all_that_a_policy_may_say(filled: Site) -> None:
    told = {
        "level": "FULL",
        "names": "any",
        "formats": "asserted",
        "protobuf_level": "source",
        "json_fields": "declared",
        "json_dialect": "2020-12",
        "notice_days": 45,
        "quiet_days": 40,
        "type_names": "event",
        "internal": "strip",
        "kinds": ["fact"],
        "complete": True,
    }
    assert set(told) == set(PolicyShape().fields), "a policy may say more: the form has to keep it"
    body = {"owner": "team-orders", "policy": told}
    made = filled.client.put("/v1/domains/fresh", json=body, headers=HOST)
    assert made.status_code == 200, made.text
    form = policy_form(filled.page(links.domain_href("fresh")))
    response = send(filled, links.domain_action("fresh", "policy"), **{**form, "notice_days": "46"})
    assert response.status_code == 303, response.text
    assert filled.registry.state.domains["fresh"].policy == {**told, "notice_days": 46}


def policy_form(page: str) -> dict[str, str]:
    """What a browser sends that changes nothing in the form of a policy."""
    form = page.split('/policy"', 1)[1].partition("</form>")[0]
    sent = dict(re.findall(r'<input [^>]*name="([^"]+)" [^>]*value="([^"]*)"', form))
    chosen = re.findall(r'<select [^>]*name="([^"]+)">(.*?)</select>', form)
    sent |= {name: "".join(re.findall(r'value="([^"]*)" selected', options)) for name, options in chosen}
    ticked = set(re.findall(r'name="(kind-[^"]+)" value="1" checked', form))
    return {name: value for name, value in sent.items() if not name.startswith("kind-") or name in ticked}


def fields_of(page: str, action: str) -> dict[str, dict[str, str | None]]:
    """The fields of the form that is sent to *action*, by name."""
    form = page.split(f'action="{action}"', 1)[1].partition("</form>")[0]
    return {str(at["name"]): at for _, at in Outline(form).tags if at.get("name")}


def alert_of(page: str) -> str:
    """What the alert of the form that came back says."""
    assert page.count('role="alert"') == 1
    return Outline(page.split('role="alert"', 1)[1].partition("</div></div>")[0].partition(">")[2]).words


def test_a_refused_form_comes_back_with_what_was_typed_and_the_fault_beside_its_field(filled: Site) -> None:
    typed = {"domain": "No Domain", "owner": "<b>me</b>", "contacts": "#a\n#b", "request_key": "k-1"}
    sent = send(filled, links.DOMAINS, **typed)
    assert (sent.status_code, sent.headers["Cache-Control"]) == (422, "no-store")
    fields = fields_of(sent.text, links.DOMAINS)
    assert (fields["owner"]["value"], "#a\n#b</textarea>" in sent.text) == ("<b>me</b>", True)
    domain = fields["domain"]
    assert (domain["value"], domain["aria-invalid"], domain["aria-describedby"]) == (
        "No Domain", "true", "domain-fault domain-hint",
    )  # fmt: skip
    assert "autofocus" in domain
    assert "autofocus" not in fields["owner"]
    assert '<p id="domain-fault" class="field-fault">' in sent.text
    assert fields["request_key"]["value"] == "k-1"
    assert "request_key" not in send(filled, links.DOMAINS, domain="crm", owner="x").text


def test_a_form_with_a_fault_in_no_field_begins_at_what_is_wrong(filled: Site) -> None:
    page = links.event_href(ORDER_PLACED)
    action = f"{page}/majors/1"
    sent = send(filled, action, state="retired", page="https://wiki.example/x", etag=etag_in(filled.page(page)))
    assert sent.status_code == 409
    assert "The sunset of major 1 is" in alert_of(sent.text)
    assert '<div class="refusal" role="alert" tabindex="-1" autofocus>' in sent.text
    form = sent.text.split(f'action="{action}"', 1)
    assert form[0].rstrip().rpartition("<details")[2].startswith(" open>")
    assert '<option value="retired" selected>' in form[1].partition("</form>")[0]
    assert fields_of(sent.text, action)["page"]["value"] == "https://wiki.example/x"


def test_what_was_changed_meanwhile_is_shown_beside_what_was_typed(filled: Site) -> None:
    page = links.domain_href("shop.orders")
    etag = etag_in(filled.page(page))
    send(filled, f"{page}/profile", owner="team-new", contacts="#new", description="New.", etag=etag)
    late = send(filled, f"{page}/profile", owner="team-late", contacts="#new", description="New.", etag=etag)
    assert late.status_code == 412
    fields = fields_of(late.text, f"{page}/profile")
    assert (fields["owner"]["value"], fields["owner"]["aria-describedby"]) == ("team-late", "owner-fault")
    assert "It holds now: team-new" in Outline(late.text).words
    assert "aria-describedby" not in fields["contacts"]
    again = {"contacts": "#new", "description": "New.", "etag": str(fields["etag"]["value"])}
    assert send(filled, f"{page}/profile", owner="team-late", **again).status_code == 303


def test_a_form_is_carried_out_once_however_often_it_is_sent(filled: Site) -> None:
    page = links.report_href(refused_id(filled))
    key = str(fields_of(filled.page(page), f"{page}/reviews")["request_key"]["value"])
    assert len(key) > 20
    for _ in range(2):
        sent = send(filled, f"{page}/reviews", comment="Once", assignee="", handled="no", request_key=key)
        assert (sent.status_code, sent.headers["Location"]) == (303, f"{page}#reviews")
    assert Outline(filled.page(page)).words.count("Once") == 1
    other = send(filled, f"{page}/reviews", comment="Other", assignee="", handled="no", request_key=key)
    assert (other.status_code, "with other content" in alert_of(other.text)) == (422, True)
    assert "Other</textarea>" in other.text
    new = str(fields_of(other.text, f"{page}/reviews")["request_key"]["value"])
    assert new != key
    assert (
        send(filled, f"{page}/reviews", comment="Other", assignee="", handled="no", request_key=new).status_code == 303
    )


def test_a_form_that_the_ledger_could_not_take_comes_back_under_its_key(
    filled: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = links.report_href(refused_id(filled))
    with monkeypatch.context() as away:
        away.setattr(filled.registry.ledger, "append", _away)
        sent = send(filled, f"{page}/reviews", comment="Kept", assignee="", handled="no", request_key="k-9")
    assert (sent.status_code, bool(sent.headers["Retry-After"])) == (503, True)
    assert "Kept</textarea>" in sent.text
    assert "it is carried out once" in alert_of(sent.text)
    assert fields_of(sent.text, f"{page}/reviews")["request_key"]["value"] == "k-9"


def _away(*_given: Any, **_named: Any) -> None:
    raise LedgerUnavailable("the ledger is away")


def test_what_another_site_sends_is_not_shown_again(filled: Site) -> None:
    response = filled.client.post(
        "/admin/domains", data={"domain": "Planted"}, headers={"Host": "localhost:8081", "Sec-Fetch-Site": "cross-site"}
    )
    assert (response.status_code, "Planted" in response.text, "<form class=\"stacked\"" in response.text) == (
        403, False, False,
    )  # fmt: skip


def test_the_position_of_the_ledger_is_for_those_who_may_read_it() -> None:
    made = Signed()
    made.guarded.grant(BOB, "*", "read", "audit")
    for who, shown in ((EVE, False), (ANN, False), (BOB, True)):
        assert "Ledger in step" in made.page(who, links.OVERVIEW)
        page = made.page(who, links.DOMAINS)
        assert ("As of position" in page) is shown, who.name
        assert (f'digest <code title="{made.guarded.registry.state.digest}' in page) is shown
