"""Reports as changes: one line each, what matters of a payload, and a page that stays small for a large schema."""

import json
from typing import Any

import pytest

from moorings_compat import Format
from moorings_registry.commands import Draft, RegisterSchema
from moorings_registry.errors import SchemaIncompatible
from moorings_registry.names import Subject
from moorings_registry.web import links
from moorings_registry.web.pruned_payloads import pruned
from tests.web.seed import avro, run
from tests.web.site import Outline, Site

ID = {"name": "order_id", "type": "string"}
LARGEST_PAGE = 150_000


def large(kind: str, *, fields: int = 300, differing: int = 57) -> str:
    changed = {number * 5 for number in range(differing)}
    properties = {
        f"field_{number}": {"type": kind if number in changed else "string", "description": f"Field number {number}."}
        for number in range(fields)
    }
    return json.dumps({"type": "object", "properties": properties})


def refused(site: Site, subject: str, *texts: str, format: Format = Format.JSON) -> str:
    """Register all but the last of *texts*; the page of the report that refuses the last one."""
    for text in texts[:-1]:
        run(site.registry, RegisterSchema(Subject(subject), Draft(format, text)))
    with pytest.raises(SchemaIncompatible) as caught:
        run(site.registry, RegisterSchema(Subject(subject), Draft(format, texts[-1])))
    return links.report_href(caught.value.report_id or 0)


def test_fifty_seven_changes_of_three_hundred_fields_fit_on_a_small_page(site: Site) -> None:
    html = site.page(refused(site, "bulk.ItemsListed", large("string"), large("integer")))
    outline = Outline(html)
    assert "57 changes" in outline.words
    assert [one for one in outline.ids if one.startswith("change-")] == [f"change-{n}" for n in range(1, 58)]
    assert "field_285" not in outline.words.partition("Written by")[2].partition("jsonschema")[0]
    assert len(html.encode()) < LARGEST_PAGE


def test_a_renamed_field_is_one_change_with_its_ways_out(site: Site) -> None:
    avro(site.registry, "shop.OrderPlaced", ID, {"name": "amount_minor", "type": "int"})
    with pytest.raises(SchemaIncompatible) as caught:
        avro(site.registry, "shop.OrderPlaced", ID, {"name": "amount", "type": "int"})
    text = Outline(site.page(links.report_href(caught.value.report_id or 0))).words
    assert "1 change amount_minor was renamed to amount" in text.replace("1 amount_minor", "amount_minor")
    assert text.index("beside the candidate") < text.index("was renamed to") < text.index("Ways forward")
    assert (
        "Keep amount_minor , and add amount beside it" in text or "Keep amount_minor, and add amount beside it" in text
    )
    assert "This schema passes the check" in text
    assert "choose one that means unknown" in text


PAYLOADS: list[tuple[str, list[str], Any, int]] = [
    ('{"a": 1, "b": 2}', ["a"], {"a": 1, "b": 2}, 0),
    ('{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}', ["e"], {"a": 1, "b": 2, "e": 5}, 2),
    ('{"x": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}}', ["x.e"], {"x": {"a": 1, "b": 2, "e": 5}}, 2),
    ('{"x": [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}]}', ["x.a"], {"x": [{"a": 1}, {"a": 2}, {"a": 3}]}, 1),
    ("not JSON", ["a"], None, 0),
]


@pytest.mark.parametrize(("payload", "paths", "kept", "left_out"), PAYLOADS)
def test_a_payload_is_reduced_to_what_matters(payload: str, paths: list[str], kept: Any, left_out: int) -> None:
    text, count = pruned(payload, paths)
    assert count == left_out
    assert text == payload if kept is None else json.loads(text) == kept
