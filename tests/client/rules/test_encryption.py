"""Rules that encrypt: what is written and read, and that nothing is written in plain text."""

import json
from typing import Any
from uuid import UUID

import httpx2
import pytest

import moorings
from moorings.rules import Outcome, RuleBook

encryption = pytest.importorskip("moorings.rules.encryption")
KEKS = "/dek-registry/v1/keks"
SUBJECT = "shop.orders.OrderPlaced"
PLAIN = "ann@example.com"
EVENT = {"id": "o-1", "email": PLAIN, "raw": b"ann", "many": ["a", "b"], "by": {"k": "v"}, "none": None}
TAGGED = {"confluent:tags": ["PII"]}
FIELDS = [
    {"name": "id", "type": "string"},
    {"name": "email", "type": "string", **TAGGED},
    {"name": "raw", "type": "bytes", **TAGGED},
    {"name": "many", "type": {"type": "array", "items": "string"}, **TAGGED},
    {"name": "by", "type": {"type": "map", "values": ["null", "string"]}, **TAGGED},
    {"name": "none", "type": ["null", "string"], **TAGGED},
]
DAY_S = 24 * 60 * 60


class Shop:
    """A registry in the process, its HTTP, and clients that have keys of one secret."""

    def __init__(self, http: httpx2.BaseTransport) -> None:
        self.http = http
        self.now = 1_800_000_000.0
        self._client = httpx2.Client(transport=http, base_url="http://localhost")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self._client.request(method, path, json=body)

    def register(self, *fields: Any, rule: Any = None, **params: str) -> None:
        schema = {"type": "record", "name": "OrderPlaced", "fields": list(fields or FIELDS)}
        body = {"schema": json.dumps(schema), "ruleSet": {"domainRules": [{**encrypting(**params), **(rule or {})}]}}
        answer = self.ask("POST", f"/subjects/{SUBJECT}/versions", body)
        assert answer.status_code == 200, answer.text

    def event(self, secret: str | None = "s3cr3t", **book: Any) -> moorings.EventContract:
        """The contract as a client of its own has it; without *secret*, one without keys."""
        services = {} if secret is None else {"local-kms": encryption.LocalKms(secret)}
        kept = encryption.Encryption(services, clock=lambda: self.now)
        rules = RuleBook(encryption=kept, **book) if secret is not None else RuleBook(**book)
        return moorings.connect(http=self.http, rules=rules, drift=False).event(SUBJECT)


def encrypting(**params: str) -> dict[str, Any]:
    given = {"encrypt.kek.name": "pii", "encrypt.kms.type": "local-kms", "encrypt.kms.key.id": "mykey"}
    params = {**given, **{name.replace("_", "."): value for name, value in params.items()}}
    return {
        "name": "encrypted", "kind": "TRANSFORM", "mode": "WRITEREAD", "type": "ENCRYPT", "tags": ["PII"],
        "params": {name: value for name, value in params.items() if value},
    }  # fmt: skip


@pytest.fixture
def shop(http: httpx2.BaseTransport) -> Shop:
    return Shop(http)


@pytest.mark.parametrize("algorithm", ["", "AES128_GCM", "AES256_GCM", "AES256_SIV"])
def test_tagged_texts_and_bytes_are_encrypted_and_decrypted(shop: Shop, algorithm: str) -> None:
    shop.register(encrypt_dek_algorithm=algorithm)
    one = shop.event()
    written = [one.encode(EVENT) for _ in range(2)]
    assert not any(plain in data for data in written for plain in (PLAIN.encode(), b"ann"))
    assert all(shop.event().decode(data) == EVENT for data in written)
    assert (written[0] == written[1]) == (algorithm == "AES256_SIV"), "only AES-SIV is deterministic"
    assert EVENT["email"] == PLAIN, "the event that was given is left as it is"
    query = f"?algorithm={algorithm or 'AES256_GCM'}"
    assert shop.ask("GET", f"{KEKS}/pii/deks/{SUBJECT}/versions{query}").json() == [1]


def test_keys_expire_and_older_events_stay_readable(shop: Shop) -> None:
    shop.register(encrypt_dek_expiry_days="1")
    one = shop.event()
    shop.now = 0.0
    first = one.encode(EVENT)
    made = shop.ask("GET", f"{KEKS}/pii/deks/{SUBJECT}").json()["ts"] / 1_000
    shop.now = made + 2 * DAY_S
    second = one.encode(EVENT)
    assert shop.ask("GET", f"{KEKS}/pii/deks/{SUBJECT}/versions").json() == [1, 2]
    for data in (first, second):
        assert shop.event().decode(data) == EVENT


def test_the_keys_that_are_there_are_used(shop: Shop) -> None:
    shop.register(encrypt_kms_type="", encrypt_kms_key_id="")
    with pytest.raises(moorings.EventInvalid, match="no KEK pii"):
        shop.event().encode(EVENT)
    kek = {"name": "pii", "kmsType": "local-kms", "kmsKeyId": "mykey"}
    assert shop.ask("POST", KEKS, kek).status_code == 200
    assert shop.event().decode(shop.event().encode(EVENT)) == EVENT


@pytest.mark.parametrize("secret", [None, "another"])
def test_an_event_is_not_read_without_its_key(shop: Shop, secret: str | None) -> None:
    shop.register()
    written = shop.event().encode(EVENT)
    with pytest.raises(moorings.EventUnreadable) as unreadable:
        shop.event(secret).decode(written)
    told = str(unreadable.value.violations[0])
    assert "moorings[encryption]" in told if secret is None else "cannot be unwrapped" in told


def test_a_soft_deleted_key_decrypts_and_does_not_encrypt(shop: Shop) -> None:
    shop.register()
    written = shop.event().encode(EVENT)
    shop.ask("DELETE", f"{KEKS}/pii/deks/{SUBJECT}")
    assert shop.event().decode(written) == EVENT
    with pytest.raises(moorings.EventInvalid, match="was deleted"):
        shop.event().encode(EVENT)


@pytest.mark.parametrize("changed", [b"", b"x", b"\x00" * 40])
def test_a_ciphertext_that_was_changed_is_not_read(shop: Shop, changed: bytes) -> None:
    shop.register({"name": "raw", "type": "bytes", **TAGGED})
    written = shop.event().encode({"raw": b"ann"})
    forged = written[:5] + bytes([len(changed) * 2]) + changed
    with pytest.raises(moorings.EventUnreadable, match="cannot be decrypted"):
        shop.event().decode(forged)


class TestNothingIsWrittenInPlainText:
    @pytest.mark.parametrize("action", ["", "NONE", "NONE,NONE", "OWN", "DLQ"])
    def test_by_a_client_without_keys(self, shop: Shop, action: str) -> None:
        told: list[Outcome] = []
        shop.register(rule={"onFailure": action} if action else None)
        one = shop.event(None, actions={"OWN": told.append})
        with pytest.raises(moorings.EventInvalid, match="encrypted"):
            one.encode(EVENT)
        assert [str(found.rule) for found in one.validate(EVENT)] == ["RULE_BROKEN"]
        assert len(told) == (action == "OWN")

    @pytest.mark.parametrize(
        ("type", "value"),
        [
            ("int", 7),
            (["null", "string", "int"], "A"),
            ({"type": "fixed", "name": "F", "size": 3}, b"ann"),
            ({"type": "enum", "name": "E", "symbols": ["A"]}, "A"),
            ({"type": "string", "logicalType": "uuid"}, UUID(int=7)),
            ({"type": "array", "items": "long"}, [7]),
            ({"type": "record", "name": "R", "fields": FIELDS[:1]}, {"id": "A"}),
        ],
        ids=str,
    )
    def test_where_a_field_cannot_be_encrypted(self, shop: Shop, type: Any, value: Any) -> None:
        shop.register(FIELDS[0], {"name": "email", "type": type, **TAGGED})
        with pytest.raises(moorings.EventInvalid, match="email holds other values"):
            shop.event().encode({"id": "o-1", "email": value})

    @pytest.mark.parametrize(
        ("params", "why"),
        [
            ({"encrypt_kek_name": ""}, "encrypt.kek.name"),
            ({"encrypt_dek_algorithm": "ROT13"}, "encrypt.dek.algorithm"),
            ({"encrypt_dek_expiry_days": "-1"}, "encrypt.dek.expiry.days"),
            ({"encrypt_kms_type": "aws-kms"}, "no key management service of type aws-kms"),
        ],
    )
    def test_where_the_rule_cannot_be_run(self, shop: Shop, params: dict[str, str], why: str) -> None:
        shop.register(rule={"onFailure": "NONE"}, **params)
        with pytest.raises(moorings.EventInvalid, match=why):
            shop.event().encode(EVENT)

    def test_where_the_registry_has_another_key_of_the_name(self, shop: Shop) -> None:
        shop.ask("POST", KEKS, {"name": "pii", "kmsType": "local-kms", "kmsKeyId": "other"})
        shop.register(rule={"onFailure": "NONE"})
        with pytest.raises(moorings.EventInvalid, match="another kmsKeyId"):
            shop.event().encode(EVENT)

    def test_where_the_payload_has_to_be_encrypted(self, shop: Shop) -> None:
        whole = {**encrypting(), "type": "ENCRYPT_PAYLOAD", "tags": [], "onFailure": "NONE"}
        schema = json.dumps({"type": "record", "name": "OrderPlaced", "fields": FIELDS})
        body = {"schema": schema, "ruleSet": {"encodingRules": [whole]}}
        version = shop.ask("POST", f"/subjects/{SUBJECT}/versions", body).json()
        one = shop.event()
        with pytest.raises(moorings.EventInvalid, match="encoding rules"):
            one.encode(EVENT)
        assert one.validate(EVENT)
        with pytest.raises(moorings.EventUnreadable, match="encoding rules"):
            one.decode(b"\x00" + version["id"].to_bytes(4, "big") + b"ciphertext")
