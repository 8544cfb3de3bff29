"""The catalogue of refusals, and the one table in which they meet HTTP."""

import inspect
import re
from collections import Counter

import pytest

from moorings_registry import facts
from moorings_registry.errors import Refusal
from moorings_registry.http.error_answers import fault_answer, is_native, is_page
from moorings_registry.http.messages import Request
from moorings_registry.http.statuses import STATUSES

assert facts.FactUnknown  # a refusal that is defined beside its facts


def catalogue(of: type[Refusal] = Refusal) -> list[type[Refusal]]:
    """Every refusal there is."""
    return [kind for child in of.__subclasses__() for kind in (child, *catalogue(child))]


def test_every_refusal_has_its_row_and_every_row_its_refusal() -> None:
    assert set(catalogue()) == set(STATUSES)


def test_codes_name_one_refusal_each() -> None:
    assert [code for code, count in Counter(kind.code for kind in catalogue()).items() if count > 1] == []


@pytest.mark.parametrize("kind", catalogue(), ids=lambda kind: kind.__name__)
def test_a_refusal_says_all_there_is_to_say(kind: type[Refusal]) -> None:
    row = STATUSES[kind]
    assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", kind.code)
    assert kind.title[0].isupper()
    assert not kind.title.endswith(".")
    assert kind.fix.endswith(".")
    assert kind.audience in ("caller", "owner", "operator")
    assert 400 <= row.native < 600
    assert str(row.error_code).startswith(str(row.confluent))
    assert kind.retryable == (row.native == 503)


def test_no_sentence_of_the_catalogue_is_a_copy_of_another() -> None:
    titles = Counter(kind.title for kind in catalogue() if not inspect.getdoc(kind))
    twice = {title for title, count in titles.items() if count > 1}
    assert twice <= {"A permanent delete comes after a soft one"}


@pytest.mark.parametrize(
    ("path", "native", "page"),
    [
        ("/v1/events", True, False),
        ("/v1/metadata/id", False, False),
        ("/openapi.json", True, False),
        ("/subjects", False, False),
        ("/", False, False),
        ("/admin/", False, True),
        ("/admin/events?x", False, True),
    ],
)
def test_the_path_tells_whose_shape_an_error_has(path: str, native: bool, page: bool) -> None:
    assert (is_native(path), is_page(path)) == (native, page)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/v1/x", "application/problem+json"),
        ("/x", "application/vnd.schemaregistry.v1+json"),
        ("/admin/x", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("status", [400, 418, 599])
def test_a_status_that_the_catalogue_does_not_know_has_the_same_shape(status: int, path: str, media_type: str) -> None:
    answer = fault_answer(status, Request("GET", path, {}, ""), "c")
    assert answer.status == status
    assert dict(answer.headers)["Content-Type"] == media_type
    assert str(status).encode() in answer.body
