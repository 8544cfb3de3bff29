"""Transformations: how rules change an event."""

from datetime import UTC, datetime
from typing import Any

import pytest

from moorings import EventInvalid
from moorings.rules import RuleBook, RuleViolation
from moorings_compat import Format
from tests.client.rules.samples import (
    PLACED,
    domain,
    field_rule,
    messages,
    plainly,
    reader,
    rule,
    writer,
    written,
)

FORMATS = [Format.AVRO, Format.JSON, Format.PROTOBUF]


def transform(name: str, expr: str, **more: Any) -> Any:
    return rule(name, expr, kind="TRANSFORM", **more)


def masked(**more: Any) -> Any:
    return field_rule("masked", "value == null ? value : '***'", kind="TRANSFORM", tags=["PII"], **more)


@pytest.mark.parametrize("format", FORMATS)
def test_a_field_with_the_tag_is_changed(format: Format) -> None:
    assert written(domain(masked()), PLACED, format) == {**PLACED, "email": "***"}
    assert PLACED["email"] == "ann@example.org", "the event that came is left as it is"


@pytest.mark.parametrize("format", FORMATS)
def test_fields_of_list_items_are_changed(format: Format) -> None:
    rules = domain(field_rule("upper", "name == 'sku' ; value.upperAscii()", kind="TRANSFORM"))
    assert [one["sku"] for one in written(rules, PLACED, format)["lines"]] == ["S-1", "S-2"]


@pytest.mark.parametrize("format", FORMATS)
def test_a_transformation_returns_a_new_event(format: Format) -> None:
    made = "{'id': message.id + '!', 'cents': message.cents * 2, 'email': 'none', 'lines': message.lines}"
    assert written(domain(transform("rewritten", made)), PLACED, format) == {
        **PLACED,
        "id": "o-1!",
        "cents": 8400,
        "email": "none",
    }


def test_conditions_see_the_result_of_earlier_transformations() -> None:
    twice = transform("twice", "{'id': message.id, 'cents': message.cents * 2}")
    dear = rule("dear", "message.cents > 5000")
    assert written(domain(twice, dear), PLACED)["cents"] == 8400
    with pytest.raises(EventInvalid):
        writer(domain(dear, twice)).at_once(PLACED)


def test_the_result_of_a_transformation_is_checked_against_the_schema() -> None:
    with pytest.raises(EventInvalid) as refused:
        writer(domain(transform("odd", "{'id': 1, 'nothing': true}"))).at_once(PLACED)
    assert {(one.pointer, str(one.rule)) for one in refused.value.violations} >= {
        ("/id", "TYPE_WRONG"),
        ("/nothing", "FIELD_UNDECLARED"),
    }


@pytest.mark.parametrize("expr", ["message.nothing", "1", "null", "[message]"])
def test_a_failing_transformation_refuses_the_event_and_ends_the_rules(expr: str) -> None:
    rules = domain(rule("first", "false"), transform("odd", expr), rule("last", "false"))
    names = [one.name for one in writer(rules).violations(PLACED) if isinstance(one, RuleViolation)]
    assert names == ["first", "odd"]


def test_a_failing_transformation_with_action_none_leaves_the_event_unchanged() -> None:
    assert written(domain(transform("odd", "message.nothing", onFailure="NONE")), PLACED) == PLACED


def test_of_two_transformations_of_the_same_tags_the_first_runs() -> None:
    longer = field_rule("longer", "value + '+'", kind="TRANSFORM", tags=["PII"])
    assert written(domain(masked(), longer), PLACED)["email"] == "***"
    assert written(domain(longer, masked()), PLACED)["email"] == "ann@example.org+"


@pytest.mark.parametrize("format", FORMATS)
def test_transformations_run_on_consume(format: Format) -> None:
    data = plainly(PLACED, format)
    found = reader(domain(masked(mode="READ")), format)
    assert found.at_once(data)["email"] == "***"
    if format is Format.PROTOBUF:
        message = messages(found).message_at_once(data)
        assert (message.email, message.id) == ("***", "o-1")
        odd = reader(domain(masked(mode="READ"), rule("no", "false", mode="READ")), format)
        with pytest.raises(Exception, match="it breaks the contract's rules"):
            messages(odd).message_at_once(data)


def test_on_consume_rules_run_in_reverse_order() -> None:
    rules = domain(
        transform("a", "{'id': message.id + 'a'}", mode="WRITEREAD"),
        transform("b", "{'id': message.id + 'b'}", mode="WRITEREAD"),
    )
    assert written(rules, {"id": "o"})["id"] == "oab"
    assert reader(rules).at_once(plainly({"id": "o"})) == {"id": "oba"}


def test_transformations_take_protobuf_messages() -> None:
    message = messages(reader({}, Format.PROTOBUF)).message_at_once(plainly(PLACED, Format.PROTOBUF))
    assert written(domain(masked()), message, Format.PROTOBUF)["email"] == "***"
    assert writer(domain(rule("ok", "message.lines[1].kind == 1")), Format.PROTOBUF).at_once(message) == plainly(
        PLACED, Format.PROTOBUF
    )


def test_times_stay_times_through_a_transformation() -> None:
    """Through a contract with a timestamp: compared, and kept by a transformation."""
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    rules = domain(
        rule("past", "message.id < now && message.id.getFullYear() == 2026"),
        transform("later", "{'id': message.id + duration('1h')}"),
    )
    found: list[Any] = []
    seen = domain(*rules["domainRules"], rule("seen", "", type="SEEN"))

    def see(rule: Any, scope: Any) -> Any:
        return lambda event: found.append(event["id"]) or True

    with pytest.raises(EventInvalid):
        writer(seen, book=RuleBook({"SEEN": see})).at_once({"id": now})
    assert found == [now.replace(hour=4)]
