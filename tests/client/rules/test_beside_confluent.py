"""Confluent's serializers, with their engine for CEL, take and refuse what ours do, and write the same."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from moorings import EventInvalid, EventUnreadable
from moorings.codecs.formats import make_reader
from moorings_compat import Format
from moorings_compat.protobuf import serialized
from tests.client.rules.samples import (
    EVENT,
    PLACED,
    SCHEMAS,
    domain,
    field_rule,
    messages,
    plainly,
    reader,
    rule,
    schema_of,
    writer,
    written,
)

confluent = pytest.importorskip("confluent_kafka.schema_registry")
pytest.importorskip("celpy")

from confluent_kafka.schema_registry import avro, json_schema, protobuf  # noqa: E402 - after it is known to be there
from confluent_kafka.schema_registry.rule_registry import RuleRegistry  # noqa: E402
from confluent_kafka.schema_registry.rules.cel.cel_executor import CelExecutor  # noqa: E402
from confluent_kafka.schema_registry.rules.cel.cel_field_executor import CelFieldExecutor  # noqa: E402
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError  # noqa: E402

NOBODY = {**PLACED, "email": None}
RULES: list[tuple[str, list[Any], Any]] = [  # what the case shows, rules, event
    ("a condition that holds", [rule("r", "message.cents > 100")], PLACED),
    ("one that does not", [rule("r", "message.cents > 5000")], PLACED),
    ("the second one does not", [rule("r", "message.cents > 1"), rule("s", "size(message.id) > 10")], PLACED),
    ("a guard against", [rule("r", "message.id == 'x' ; message.cents > 5000")], PLACED),
    ("a guard for", [rule("r", "message.id == 'o-1' ; message.cents > 5000")], PLACED),
    ("fields, all texts", [field_rule("r", "typeName == 'STRING' ; value != ''")], PLACED),
    ("fields, one text", [field_rule("r", "typeName == 'STRING' ; value != 's-2'")], PLACED),
    ("fields, by name", [field_rule("r", "name == 'sku' ; value.startsWith('s-')")], PLACED),
    ("fields, by full name", [field_rule("r", "fullName.endsWith('.id') ; value == 'o-2'")], PLACED),
    ("fields, the record around", [field_rule("r", "name == 'id' ; message.cents == 1")], PLACED),
    ("tags inside", [field_rule("r", "value == 'nobody'", tags=["PII"])], PLACED),
    ("tags inside that hold", [field_rule("r", "value.isEmail()", tags=["PII"])], PLACED),
    ("tags that nothing has", [field_rule("r", "false", tags=["GDPR"])], PLACED),
    ("tags as a variable", [field_rule("r", "name == 'email' ; 'PII' in tags")], PLACED),
    ("rules about fields skip enums", [field_rule("r", "name != 'kind'")], PLACED),
    (
        "an element of a list",
        [rule("r", "message.lines.all(l, l.sku.startsWith('s-') && l.kind in ['A', 'B'])")],
        PLACED,
    ),
    ("no element of it", [rule("r", "message.lines.exists(l, l.sku == 's-9')")], PLACED),
    ("has", [rule("r", "has(message.email) && !has(message.nothing)")], PLACED),
    ("a missing field", [rule("r", "message.nothing == 1")], PLACED),
    ("disabled", [rule("r", "false", disabled=True)], PLACED),
    ("for reading alone", [rule("r", "false", mode="READ")], PLACED),
    ("let pass", [rule("r", "false", onFailure="NONE")], PLACED),
    ("two actions", [rule("r", "false", mode="WRITEREAD", onFailure="NONE,ERROR")], PLACED),
    ("refused when it succeeds", [rule("r", "true", onSuccess="ERROR")], PLACED),
    ("nothing runs it", [rule("r", "$", "JSONATA")], PLACED),
    ("a changed field", [field_rule("r", "'***'", kind="TRANSFORM", tags=["PII"])], PLACED),
    ("fields in lists", [field_rule("r", "name == 'sku' ; value + '!'", kind="TRANSFORM")], PLACED),
    (
        "two that change the same",
        [
            field_rule("r", "'*'", kind="TRANSFORM", tags=["PII"]),
            field_rule("s", "'+'", kind="TRANSFORM", tags=["PII"]),
        ],
        PLACED,
    ),
    (
        "changed, then asked",
        [field_rule("r", "'***'", kind="TRANSFORM", tags=["PII"]), rule("s", "message.email == '***'")],
        PLACED,
    ),
    (
        "a whole event",
        [rule("r", "{'id': message.id + '!', 'cents': 1, 'lines': message.lines}", kind="TRANSFORM")],
        PLACED,
    ),
    ("an event that its schema refuses", [rule("r", "{'id': 1}", kind="TRANSFORM")], PLACED),
    ("isEmail", [rule("r", "message.email.isEmail() && !message.id.isEmail()")], PLACED),
    ("isHostname", [rule("r", "'example.org'.isHostname() && !'-x'.isHostname()")], PLACED),
    ("isIpv4, isIpv6", [rule("r", "'127.0.0.1'.isIpv4() && '::1'.isIpv6() && !'x'.isIpv4()")], PLACED),
    ("isUri, isUuid", [rule("r", "'https://x.org/a'.isUri() && !'x'.isUuid()")], PLACED),
    ("null in a rule about the event", [rule("r", "message.email == null")], NOBODY),
]


@pytest.fixture(scope="module")
def rule_registry() -> Iterator[Any]:
    registry = RuleRegistry()
    registry.register_executor(CelExecutor())
    registry.register_executor(CelFieldExecutor())
    return registry


class Theirs:
    """Confluent's serializers of one contract."""

    def __init__(self, rule_set: Any, format: Format, rule_registry: Any) -> None:
        self.client = confluent.SchemaRegistryClient.new_client({"url": f"mock://{uuid4()}"})
        rules = [
            confluent.Rule(
                name=one["name"],
                doc=None,
                kind=getattr(confluent.RuleKind, one["kind"]),
                mode=getattr(confluent.RuleMode, one["mode"]),
                type=one["type"],
                tags=one.get("tags"),
                params=None,
                expr=one["expr"],
                on_success=one.get("onSuccess"),
                on_failure=one.get("onFailure"),
                disabled=one.get("disabled", False),
            )
            for one in rule_set["domainRules"]
        ]
        text = serialized(schema_of(format)) if format is Format.PROTOBUF else SCHEMAS[format]
        rules_of = confluent.RuleSet(None, rules, enable_at=rule_set.get("enableAt"))
        self.client.register_schema(f"{EVENT}-value", confluent.Schema(text, str(format), [], None, rules_of))
        self.format = format
        self._latest = {"use.latest.version": True, "subject.name.strategy.type": "TOPIC"}
        self._settings = {**self._latest, "auto.register.schemas": False}
        self._registry = rule_registry

    def write(self, event: Any) -> bytes | None:
        """Return what is written; None where it is refused."""
        return self._unless_refused(self._serializer(type(event)), event)

    def read(self, data: bytes) -> Any:
        """Return what is read; None where it is refused."""
        make = avro.AvroDeserializer
        if self.format is Format.AVRO:
            return self._unless_refused(make(self.client, conf=self._latest, rule_registry=self._registry), data)
        deserializer = json_schema.JSONDeserializer(
            SCHEMAS[self.format], schema_registry_client=self.client, conf=self._latest, rule_registry=self._registry
        )
        return self._unless_refused(deserializer, data)

    def _serializer(self, kind: type) -> Any:
        if self.format is Format.AVRO:
            return avro.AvroSerializer(self.client, conf=self._settings, rule_registry=self._registry)
        if self.format is Format.PROTOBUF:
            return protobuf.ProtobufSerializer(kind, self.client, conf=self._settings, rule_registry=self._registry)
        conf = {**self._settings, "validate": True}
        return json_schema.JSONSerializer(SCHEMAS[self.format], self.client, conf=conf, rule_registry=self._registry)

    def _unless_refused(self, call: Any, value: Any) -> Any:
        try:
            return call(value, SerializationContext(EVENT, MessageField.VALUE))
        except (SerializationError, ValueError, TypeError, KeyError):
            return None


@pytest.mark.parametrize("format", [Format.AVRO, Format.JSON])
@pytest.mark.parametrize(("rules", "event"), [case[1:] for case in RULES], ids=[case[0] for case in RULES])
def test_rules_write_the_same_as_confluents_serializer(
    rules: Any, event: Any, format: Format, rule_registry: Any
) -> None:
    rule_set = domain(*rules)
    copied = {**event, "lines": [dict(one) for one in event["lines"]]}  # their transformations change the event given
    expected = Theirs(rule_set, format, rule_registry).write(copied)
    try:
        ours: Any = written(rule_set, event, format)
    except EventInvalid:
        ours = None
    assert (ours is None) == (expected is None)
    if expected is not None:
        assert ours == read(expected, format)


def read(payload: bytes, format: Format) -> Any:
    schema = schema_of(format)
    return make_reader(schema, schema, EVENT, 5).at_once(payload)


def test_rules_enabled_for_the_gateway_do_not_run_in_the_client(rule_registry: Any) -> None:
    rule_set = domain(rule("r", "false"), enableAt="GATEWAY")
    assert Theirs(rule_set, Format.AVRO, rule_registry).write(PLACED) is not None
    assert writer(rule_set).violations(PLACED) == ()


PLUS = rule("plus", "{'id': message.id + '+', 'cents': message.cents}", kind="TRANSFORM", mode="WRITEREAD")
STAR = rule("star", "{'id': message.id + '*', 'cents': message.cents}", kind="TRANSFORM", mode="WRITEREAD")
READS: list[tuple[str, list[Any]]] = [
    ("a condition that holds", [rule("r", "message.cents > 100", mode="READ")]),
    ("one that does not", [rule("r", "message.cents > 5000", mode="READ")]),
    ("a condition for both ways", [rule("r", "message.id == 'o-1'", mode="WRITEREAD")]),
    ("let pass on the way back", [rule("r", "message.cents > 5000", mode="WRITEREAD", onFailure="NONE,NONE")]),
    ("refused on the way back", [rule("r", "message.cents > 5000", mode="WRITEREAD", onFailure="NONE,ERROR")]),
    ("a field", [field_rule("r", "'***'", kind="TRANSFORM", mode="READ", tags=["PII"])]),
    ("the order there, and back", [PLUS, STAR]),
    ("conditions see what came of the rules after them", [rule("r", "message.id == 'o-1+*'", mode="READ"), PLUS, STAR]),
]


@pytest.mark.parametrize("format", [Format.AVRO, Format.JSON])
@pytest.mark.parametrize("rules", [case[1] for case in READS], ids=[case[0] for case in READS])
def test_rules_read_the_same_as_confluents_deserializer(rules: Any, format: Format, rule_registry: Any) -> None:
    confluents = Theirs(domain(*rules), format, rule_registry)
    data = confluents.write({**PLACED, "lines": [dict(one) for one in PLACED["lines"]]})
    assert data is not None
    expected = confluents.read(data)
    try:
        ours: Any = reader(domain(*rules), format).at_once(data)
    except EventUnreadable:
        ours = None
    assert ours == expected


PROTO_RULES: list[tuple[str, list[Any]]] = [
    ("a condition that holds", [rule("r", "message.cents > 100 && message.email.isEmail()")]),
    ("one that does not", [rule("r", "message.cents > 5000")]),
    ("an enum is a number", [rule("r", "message.lines[1].kind == 1")]),
    ("elements of a list", [rule("r", "message.lines.all(l, l.sku.startsWith('s-'))")]),
    ("fields", [field_rule("r", "typeName == 'STRING' ; value != 's-2'")]),
    ("tags inside", [field_rule("r", "value == 'nobody'", tags=["PII"])]),
    ("tags inside that hold", [field_rule("r", "fullName == 'shop.OrderPlaced.email' && 'PII' in tags", tags=["PII"])]),
    ("a changed field", [field_rule("r", "'***'", kind="TRANSFORM", tags=["PII"])]),
    ("fields in lists", [field_rule("r", "name == 'sku' ; value + '!'", kind="TRANSFORM")]),
]


@pytest.mark.parametrize("rules", [case[1] for case in PROTO_RULES], ids=[case[0] for case in PROTO_RULES])
def test_rules_treat_protobuf_messages_as_confluents_client_does(rules: Any, rule_registry: Any) -> None:
    plain = plainly(PLACED, Format.PROTOBUF)
    message = messages(reader({}, Format.PROTOBUF)).message_at_once(plain)
    expected = Theirs(domain(*rules), Format.PROTOBUF, rule_registry).write(message)
    try:
        ours: Any = writer(domain(*rules), Format.PROTOBUF).at_once(PLACED)
    except EventInvalid:
        ours = None
    assert (ours is None) == (expected is None)
    if ours is not None:
        assert ours[5:] == expected[5:]
