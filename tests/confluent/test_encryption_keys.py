"""Encryption keys: KEKs, the wrapped keys of subjects, and what is refused."""

from typing import Any

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.node_position import NodePosition
from tests.confluent.api import Api, new_api, record
from tests.registry.granting import ANN, Guarded

KEKS = "/dek-registry/v1/keks"
MATERIAL = "aGVsbG8="
SUBJECT = "shop.orders.OrderPlaced"


def kek(name: str = "pii", **more: Any) -> dict[str, Any]:
    return {"name": name, "kmsType": "local-kms", "kmsKeyId": "mykey", **more}


def dek(version: int | None = None, **more: Any) -> dict[str, Any]:
    numbered = {} if version is None else {"version": version}
    return {**numbered, "encryptedKeyMaterial": MATERIAL, **more}


@pytest.fixture
def keyed(api: Api) -> Api:
    """A registry with the KEK `pii`."""
    assert api.post(KEKS, kek(doc="Names", kmsProps={"KeyState": "Enabled"})).status == 200
    return api


def test_a_kek_is_shown_as_it_was_registered(keyed: Api) -> None:
    shown = keyed.get(f"{KEKS}/pii").json
    assert shown.pop("ts") > 1_600_000_000_000
    assert shown == {
        "name": "pii", "kmsType": "local-kms", "kmsKeyId": "mykey", "kmsProps": {"KeyState": "Enabled"},
        "doc": "Names", "shared": False,
    }  # fmt: skip
    assert keyed.get(KEKS).json == ["pii"]


def test_a_change_of_a_kek_keeps_what_it_does_not_name(keyed: Api) -> None:
    changed = keyed.put(f"{KEKS}/pii", {"kmsProps": {"KeyState": "Disabled"}}).json
    assert (changed["kmsProps"], changed["doc"]) == ({"KeyState": "Disabled"}, "Names")
    position = keyed.application.registry.state.position
    assert keyed.put(f"{KEKS}/pii", {"doc": "Names"}).status == 200
    assert keyed.application.registry.state.position == position


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (kek(".pii"), 42271, "/name"),
        (kek("p/i"), 42271, "/name"),
        (kek("p" * 201), 42271, "/name"),
        (kek(kmsType=""), 42271, "/kmsType"),
        (kek(kmsKeyId=""), 42271, "/kmsKeyId"),
        (kek(kmsKeyId="a\nb"), 42271, "/kmsKeyId"),
        (kek(kmsProps={"a": 1}), 42271, "/kmsProps"),
        (kek(kmsProps={"secret": "hunter2"}), 42271, "named like a secret"),
        (kek(kmsProps={"secret.access.key": "hunter2"}), 42271, "named like a secret"),
        (kek(kmsProps={"Token-Id": "hunter2"}), 42271, "named like a secret"),
        (kek(kmsProps={"url": "https://ann:hunter2@vault.example/"}), 42271, "a URL with a user"),
        (kek(kmsKeyId="https://ann:hunter2@vault.example/transit/keys/k"), 42271, "a URL with a user"),
        (kek(kmsProps={str(n): "" for n in range(51)}), 42271, "/kmsProps"),
        (kek(doc="d" * 2_001), 42271, "/doc"),
        (kek(shared=True), 40370, "cannot be shared"),
        ({"kmsType": "local-kms", "kmsKeyId": "m"}, 422, "/name"),
        (kek(shared="yes"), 422, "/shared"),
    ],
    ids=str,
)
def test_a_kek_that_cannot_be_kept_is_refused(api: Api, body: Any, code: int, says: str) -> None:
    refused = api.post(KEKS, body)
    assert (refused.code, refused.status) == (code, int(str(code)[:3]))
    assert says in refused.json["message"]
    assert "hunter2" not in refused.text
    assert api.get(KEKS).json == []


def test_keks_are_deleted_in_two_steps_and_restored(keyed: Api) -> None:
    one = f"{KEKS}/pii"
    assert keyed.delete(f"{one}?permanent=true").code == 40471
    assert keyed.post(f"{one}/undelete").code == 40471
    assert keyed.delete(one).status == 204
    assert keyed.delete(one).code == 40472
    assert keyed.get(one).code == 40470
    assert keyed.get(f"{one}?deleted=true").json["deleted"] is True
    assert (keyed.get(KEKS).json, keyed.get(f"{KEKS}?deleted=true").json) == ([], ["pii"])
    assert keyed.post(KEKS, kek()).code == 40971, "a producer does not undo a delete"
    assert keyed.post(f"{one}/deks/s", dek()).code == 40472
    assert keyed.post(f"{one}/undelete").status == 204
    assert keyed.get(one).status == 200
    assert keyed.delete(one).status == keyed.delete(f"{one}?permanent=true").status == 204
    assert keyed.get(f"{one}?deleted=true").code == 40470
    assert keyed.post(KEKS, kek()).status == 200


def test_a_kek_that_wraps_keys_stays(keyed: Api) -> None:
    one = f"{KEKS}/pii"
    keyed.post(f"{one}/deks/s", dek())
    refused = keyed.delete(one)
    assert (refused.code, "of 1 subject" in refused.json["message"]) == (42272, True)
    keyed.delete(f"{one}/deks/s")
    assert keyed.delete(one).status == 204
    assert keyed.delete(f"{one}?permanent=true").code == 42272, "a soft-deleted key can still be restored"
    assert keyed.post(f"{one}/deks/s/undelete").code == 40472, "not without its KEK"
    assert keyed.delete(f"{one}/deks/s?permanent=true").status == 204
    assert keyed.delete(f"{one}?permanent=true").status == 204


def test_versions_of_a_key_are_stored_listed_and_shown(keyed: Api) -> None:
    of_subject = f"{KEKS}/pii/deks/orders-value"
    first = keyed.post(of_subject, dek(subject="orders-value", algorithm="AES256_GCM")).json
    assert first.pop("ts") > 1_600_000_000_000
    assert first == {
        "kekName": "pii", "subject": "orders-value", "version": 1, "algorithm": "AES256_GCM",
        "encryptedKeyMaterial": MATERIAL,
    }  # fmt: skip
    assert keyed.post(f"{KEKS}/pii/deks", dek(2, subject="orders-value")).json["version"] == 2
    assert keyed.post(of_subject, dek(algorithm="AES256_SIV")).json["algorithm"] == "AES256_SIV"
    assert keyed.post(of_subject, dek(2)).code == 40971
    assert keyed.get(f"{of_subject}/versions").json == [1, 2]
    assert keyed.get(f"{of_subject}/versions?offset=1&limit=1").json == [2]
    assert keyed.get(f"{of_subject}/versions?algorithm=AES256_SIV").json == [1]
    assert keyed.get(f"{of_subject}/versions?algorithm=AES128_GCM").code == 40470
    assert keyed.get(of_subject).json["version"] == 1
    for latest in ("latest", "-1", "2"):
        assert keyed.get(f"{of_subject}/versions/{latest}").json["version"] == 2
    assert keyed.get(f"{of_subject}/versions/3").code == 40470
    assert keyed.get(f"{of_subject}/versions/x").code == 42202
    assert keyed.get(f"{of_subject}?algorithm=RSA").code == 42271
    assert keyed.get(f"{KEKS}/pii/deks").json == ["orders-value"]
    assert keyed.get(f"{KEKS}?subjectPrefix=orders&subjectPrefix=x").json == ["pii"]
    assert keyed.get(f"{KEKS}?subjectPrefix=x").json == []


def test_versions_of_a_key_are_deleted_in_two_steps_and_restored(keyed: Api) -> None:
    of_subject = f"{KEKS}/pii/deks/s"
    for version in (1, 2, 3):
        keyed.post(of_subject, dek(version))
    assert keyed.delete(f"{of_subject}/versions/2?permanent=true").code == 40471
    assert keyed.delete(f"{of_subject}/versions/latest").status == 204
    assert keyed.get(f"{of_subject}/versions").json == [1, 2]
    assert keyed.get(f"{of_subject}/versions?deleted=true").json == [1, 2, 3]
    assert keyed.get(f"{of_subject}/versions/3").code == 40470
    assert keyed.get(f"{of_subject}/versions/3?deleted=True").json["deleted"] is True
    assert keyed.delete(f"{of_subject}/versions/3").code == 40472
    assert keyed.post(of_subject, dek(3)).code == 40971, "a producer does not undo a delete"
    assert keyed.delete(f"{of_subject}?permanent=true").code == 40471, "two versions are active"
    assert keyed.post(f"{of_subject}/versions/3/undelete").status == 204
    assert keyed.post(f"{of_subject}/versions/3/undelete").code == 40471
    assert keyed.delete(of_subject).status == 204
    assert (keyed.get(f"{KEKS}/pii/deks").json, keyed.get(f"{KEKS}/pii/deks?deleted=true").json) == ([], ["s"])
    assert keyed.delete(f"{of_subject}/versions/1?permanent=true").status == 204
    assert keyed.post(f"{of_subject}/undelete").status == 204
    assert keyed.get(f"{of_subject}/versions").json == [2, 3]
    assert keyed.delete(f"{of_subject}?algorithm=AES128_GCM").code == 40470


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        ({}, 40370, "makes no keys"),
        (dek(encryptedKeyMaterial=""), 40370, "makes no keys"),
        (dek(encryptedKeyMaterial="not base64"), 42271, "/encryptedKeyMaterial"),
        (dek(encryptedKeyMaterial="AAAA" * 3_000), 42271, "/encryptedKeyMaterial"),
        (dek(keyMaterial="cGxhaW4="), 42271, "/keyMaterial"),
        (dek(-1), 42271, "/version"),
        (dek(algorithm="RSA"), 42271, "/algorithm"),
        (dek(subject="other"), 42271, "/subject"),
        (dek(version="1"), 422, "/version"),
    ],
    ids=str,
)
def test_a_key_that_cannot_be_kept_is_refused(keyed: Api, body: Any, code: int, says: str) -> None:
    refused = keyed.post(f"{KEKS}/pii/deks/s", body)
    assert (refused.code, says in refused.json["message"]) == (code, True)
    assert "cGxhaW4" not in refused.text


def test_what_needs_a_key_management_service_is_refused(keyed: Api) -> None:
    assert keyed.post(f"{KEKS}/pii/test").code == 40370
    assert keyed.post(f"{KEKS}/pii/deks/s?rewrap=true", dek()).code == 40370
    assert keyed.put(f"{KEKS}/pii", {"shared": True}).code == 40370
    assert keyed.post(f"{KEKS}/none/deks/s", dek()).code == 40470


def test_contexts_have_keks_of_their_own_and_use_those_of_the_default_one(keyed: Api) -> None:
    assert keyed.get(f"{KEKS}/pii?context=.eu").code == 40470
    keyed.post(f"{KEKS}/pii/deks/:.eu:s", dek())
    assert keyed.post(f"{KEKS}?context=.eu", kek(kmsKeyId="eukey")).status == 200
    assert keyed.get(f"{KEKS}/pii?context=:.eu:").json["kmsKeyId"] == "eukey"
    assert keyed.get(f"/contexts/.eu{KEKS}/pii").json["kmsKeyId"] == "eukey"
    assert keyed.get(f"{KEKS}/pii").json["kmsKeyId"] == "mykey"
    assert keyed.get(f"{KEKS}/pii/deks/:.eu:s").json["subject"] == ":.eu:s", "keys stay where their KEK is"
    assert keyed.post(f"/contexts/.eu{KEKS}/pii/deks/t", dek()).json["subject"] == ":.eu:t"
    assert keyed.get(f"/contexts/.eu{KEKS}/pii/deks").json == [":.eu:t"]


def test_nothing_is_written_where_the_mode_is_read_only(keyed: Api) -> None:
    keyed.post(f"{KEKS}/pii/deks/s", dek())
    keyed.put("/mode", {"mode": "READONLY"})
    for refused in (
        keyed.post(KEKS, kek("other")),
        keyed.put(f"{KEKS}/pii", {"doc": "x"}),
        keyed.delete(f"{KEKS}/pii"),
        keyed.post(f"{KEKS}/pii/deks/s", dek(2)),
        keyed.delete(f"{KEKS}/pii/deks/s"),
    ):
        assert refused.code == 42205
    assert keyed.get(f"{KEKS}/pii/deks/s").status == 200


def test_names_of_topics_and_aliases_lead_to_the_keys_of_their_event(keyed: Api) -> None:
    keyed.post(f"{KEKS}/pii/deks/orders-value", dek())
    keyed.put("/v1/domains/shop.orders", {"owner": "team"})
    keyed.register(SUBJECT, record("id", name="OrderPlaced"))
    bound = keyed.put(f"/v1/events/{SUBJECT}", {"kind": "fact", "topics": ["orders"]})
    assert bound.status == 200, bound.text
    for name in ("orders-value", SUBJECT, f"orders-{SUBJECT}"):
        assert keyed.get(f"{KEKS}/pii/deks/{name}").json["subject"] == name, "stored under the name of the topic"
    keyed.post(f"{KEKS}/pii/deks/orders-value", dek(2))
    assert keyed.get(f"{KEKS}/pii/deks/{SUBJECT}/versions").json == [1, 2]
    assert keyed.get(f"{KEKS}/pii/deks").json == ["orders-value", SUBJECT]
    keyed.put("/config/other-value", {"aliasForDeks": "orders-value"})
    assert keyed.get(f"{KEKS}/pii/deks/other-value/versions").json == [1, 2]
    assert keyed.delete(f"{KEKS}/pii/deks/orders-value").status == 204
    assert keyed.get(f"{KEKS}/pii/deks").json == []


def test_another_worker_sees_a_key_at_once() -> None:
    ledger, node = open_ledger("memory:"), NodePosition()
    one, other = (new_api(ledger=ledger, node_position=node) for _ in range(2))
    assert other.get(f"{KEKS}/pii").code == 40470
    one.post(KEKS, kek())
    one.post(f"{KEKS}/pii/deks/s", dek())
    assert other.get(f"{KEKS}/pii/deks/s").status == 200
    other.delete(f"{KEKS}/pii/deks/s")
    assert one.get(f"{KEKS}/pii/deks/s").code == 40470


def test_a_request_that_is_repeated_with_its_key_is_answered_again(keyed: Api) -> None:
    for _ in range(2):
        reply = keyed.call("POST", f"{KEKS}/pii/deks/s", dek(), Idempotency_Key="k-1")
        assert (reply.status, reply.json["version"]) == (200, 1)


class TestPermissions:
    def test_a_reader_of_a_subject_reads_its_keys_and_the_kek_that_wraps_them(self) -> None:
        guarded = Guarded()
        guarded.do("POST", KEKS, kek("other"))
        for name, subject in (("pii", SUBJECT), ("pii", "crm.PersonAdded"), ("crm-only", "crm.PersonAdded")):
            guarded.call(ANN, "GET", KEKS)
            if name not in guarded.do("GET", KEKS):
                guarded.do("POST", KEKS, kek(name))
            guarded.do("POST", f"{KEKS}/{name}/deks/{subject}", dek())
        guarded.grant(ANN, "shop", "read")
        assert guarded.get(ANN, KEKS).json == ["pii"]
        assert guarded.get(ANN, f"{KEKS}/pii/deks").json == [SUBJECT]
        assert guarded.get(ANN, f"{KEKS}/pii/deks/{SUBJECT}").status == 200
        assert guarded.get(ANN, f"{KEKS}/crm-only").status == guarded.get(ANN, f"{KEKS}/none").status == 404
        assert guarded.call(ANN, "POST", f"{KEKS}/pii/deks/{SUBJECT}", dek(2)).status == 403
        assert guarded.call(ANN, "POST", f"{KEKS}/pii/deks", dek(2, subject=SUBJECT)).status == 403

    def test_a_producer_makes_keks_of_its_domain_known_and_stores_keys(self) -> None:
        guarded = Guarded()
        guarded.grant(ANN, "shop", "register")
        assert guarded.call(ANN, "POST", KEKS, kek("pii")).status == 403
        assert guarded.call(ANN, "POST", KEKS, kek("shop.pii")).status == 200
        assert guarded.call(ANN, "POST", f"{KEKS}/shop.pii/deks/{SUBJECT}", dek()).status == 200
        for method, path in (
            ("DELETE", f"{KEKS}/shop.pii/deks/{SUBJECT}"),
            ("POST", f"{KEKS}/shop.pii/deks/{SUBJECT}/undelete"),
            ("DELETE", f"{KEKS}/shop.pii"),
            ("POST", f"{KEKS}/shop.pii/undelete"),
        ):
            assert guarded.call(ANN, method, path).status == 403, path
        assert guarded.call(ANN, "PUT", f"{KEKS}/shop.pii", {"doc": "x"}).status == 403
        guarded.grant(ANN, "shop", "govern")
        assert guarded.call(ANN, "DELETE", f"{KEKS}/shop.pii/deks/{SUBJECT}").status == 204
        assert guarded.call(ANN, "DELETE", f"{KEKS}/shop.pii").status == 204
