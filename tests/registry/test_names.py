"""Names: what a subject, a domain and a scope may be called, and what is read from them."""

from dataclasses import dataclass
from operator import attrgetter

import pytest

from moorings_registry.errors import DomainNameInvalid, SubjectInvalid
from moorings_registry.names import (
    LAST_SCOPE,
    LONGEST_NAME,
    REGISTRY_SCOPE,
    Scope,
    Subject,
    domain_and_ancestors,
    domain_name,
)


@dataclass(frozen=True)
class Case:
    shows: str
    text: str
    domain: str | None
    event: str
    context: str = "."


CASES = [
    Case("an event in its domain", "shop.orders.OrderPlaced", "shop.orders", "OrderPlaced"),
    Case("the Confluent suffix is left out", "shop.orders.OrderPlaced-value", "shop.orders", "OrderPlaced"),
    Case("also that of keys", "shop.orders.OrderPlaced-key", "shop.orders", "OrderPlaced"),
    Case("a name without a dot belongs to no domain", "orders-value", None, "orders"),
    Case("a dot at the front names no domain", ".OrderPlaced", None, "OrderPlaced"),
    Case("a context comes before the name", ":.tenant:shop.OrderPlaced", "shop", "OrderPlaced", ".tenant"),
    Case("the default context may be written out", ":.:shop.OrderPlaced", "shop", "OrderPlaced"),
    Case("a colon alone is not a context", ":shop.OrderPlaced", ":shop", "OrderPlaced"),
    Case("blanks and other scripts are fine", "Große Bestellung.Ausgelöst", "Große Bestellung", "Ausgelöst"),
]


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_a_subject_is_parsed_into_context_domain_and_event(case: Case) -> None:
    subject = Subject.parse(case.text)
    assert (subject.domain, subject.event, subject.context) == (case.domain, case.event, case.context)
    assert Subject.parse(str(subject)) == subject


@pytest.mark.parametrize(
    "text",
    [
        "",
        "__GLOBAL",
        "__EMPTY",
        ":.tenant:",
        ":.tenant:__GLOBAL",
        ":*:name",
        ":.te nant:name",
        ":.tenant\n:name",
        ":.::.a:b",
        ":.a::.b:c",
        "a\nb",
        "a\0",
        "a\x7f",
        "a\ud800",
        "a" * (LONGEST_NAME + 1),
        ":." + "a" * 201 + ":b",
    ],
)
def test_an_invalid_subject_name_is_refused(text: str) -> None:
    with pytest.raises(SubjectInvalid) as refused:
        Subject.parse(text)
    assert len(str(refused.value)) < 300
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("text", ["shop", "shop.orders", "a-b.c_d.e9"])
def test_a_valid_domain_name_is_kept_as_it_is(text: str) -> None:
    assert domain_name(text) == text


@pytest.mark.parametrize("text", ["", ".", "shop.", ".shop", "Shop", "shop..orders", "1shop", "shop\n", "a" * 501, "ä"])
def test_an_invalid_domain_name_is_refused(text: str) -> None:
    with pytest.raises(DomainNameInvalid):
        domain_name(text)


def test_ancestors_come_nearest_first() -> None:
    assert list(domain_and_ancestors("shop.orders.eu")) == ["shop.orders.eu", "shop.orders", "shop"]


@pytest.mark.parametrize(
    ("text", "scope", "subject"),
    [
        ("shop.OrderPlaced", "shop.OrderPlaced", "shop.OrderPlaced"),
        (":.tenant:a", ":.tenant:a", ":.tenant:a"),
        (":.tenant:", ":.tenant:", None),
        (":.:", REGISTRY_SCOPE.key, None),
        (LAST_SCOPE.key, LAST_SCOPE.key, None),
    ],
)
def test_a_scope_is_a_subject_a_context_or_the_registry(text: str, scope: str, subject: str | None) -> None:
    found = Scope.parse(text)
    assert found.key == scope
    assert Scope.of_key(scope) == found
    assert (None if found.subject is None else str(found.subject)) == subject
