"""Confluent's own serializers, with their engine for CEL, take and refuse what ours do, and write the same."""

from collections.abc import Iterator
from typing import Any

import pytest

from moorings import EventInvalid
from moorings.codecs.formats import make_reader
from moorings_compat import Format
from tests.client.rules.samples import EVENT, PLACED, SCHEMAS, domain, field_rule, rule, schema_of, writer, written

confluent = pytest.importorskip("confluent_kafka.schema_registry")
pytest.importorskip("celpy")

from confluent_kafka.schema_registry import avro, json_schema  # noqa: E402 - after it is known to be there
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
    ("an enum is no field for rules", [field_rule("r", "name != 'kind'")], PLACED),
    (
        "an element of a list",
        [rule("r", "message.lines.all(l, l.sku.startsWith('s-') && l.kind in ['A', 'B'])")],
        PLACED,
    ),
    ("no element of it", [rule("r", "message.lines.exists(l, l.sku == 's-9')")], PLACED),
    ("has", [rule("r", "has(message.email) && !has(message.nothing)")], PLACED),
    ("a field that is not there", [rule("r", "message.nothing == 1")], PLACED),
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


def theirs(rule_set: Any, event: Any, format: Format, rule_registry: Any) -> bytes | None:
    """Write with Confluent's serializer; None where it refuses."""
    client = confluent.SchemaRegistryClient.new_client({"url": f"mock://{id(event)}"})
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
    rules_of = confluent.RuleSet(None, rules, enable_at=rule_set.get("enableAt"))
    schema = confluent.Schema(SCHEMAS[format], str(format), [], None, rules_of)
    client.register_schema(f"{EVENT}-value", schema)
    settings = {"auto.register.schemas": False, "use.latest.version": True, "subject.name.strategy.type": "TOPIC"}
    if format is Format.AVRO:
        serializer = avro.AvroSerializer(client, conf=settings, rule_registry=rule_registry)
    else:
        serializer = json_schema.JSONSerializer(
            SCHEMAS[format], client, conf={**settings, "validate": True}, rule_registry=rule_registry
        )
    try:
        return serializer(event, SerializationContext(EVENT, MessageField.VALUE))[5:]
    except (SerializationError, ValueError, TypeError, KeyError):
        return None


@pytest.mark.parametrize("format", [Format.AVRO, Format.JSON])
@pytest.mark.parametrize(("rules", "event"), [case[1:] for case in RULES], ids=[case[0] for case in RULES])
def test_rules_mean_the_same(rules: Any, event: Any, format: Format, rule_registry: Any) -> None:
    rule_set = domain(*rules)
    copied = {**event, "lines": [dict(one) for one in event["lines"]]}  # their transformations change the event given
    expected = theirs(rule_set, copied, format, rule_registry)
    try:
        ours: Any = written(rule_set, event, format)
    except EventInvalid:
        ours = None
    assert (ours is None) == (expected is None)
    if expected is not None:
        assert ours == read(expected, format)


def read(payload: bytes, format: Format) -> Any:
    schema = schema_of(format)
    return make_reader(schema, schema, EVENT, 0).at_once(payload)


def test_what_is_enabled_for_the_gateway_is_left_to_it(rule_registry: Any) -> None:
    rule_set = domain(rule("r", "false"), enableAt="GATEWAY")
    assert theirs(rule_set, PLACED, Format.AVRO, rule_registry) is not None
    assert writer(rule_set).violations(PLACED) == ()
