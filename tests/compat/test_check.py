"""One check over a history: which versions are compared, in which direction, and what the report says."""

import json

import pytest

from moorings_compat import Format, Level, Promise, Verdict, check, content_guid, parse
from moorings_compat.canonical_json import canonical_bytes
from moorings_compat.levels import DEMANDS


def record(*required, **defaulted):
    fields = [{"name": name, "type": "int"} for name in required]
    fields += [{"name": name, "type": "int", "default": value} for name, value in defaulted.items()]
    return parse(json.dumps({"type": "record", "name": "Counted", "fields": fields}), Format.AVRO)


ONE, TWO = record("a"), record("a", b=0)
CASES = [  # what the case shows, level, candidate, (version, promise) that fail
    ("nothing is compared at NONE", Level.NONE, record("x"), []),
    ("backward asks the newest alone", Level.BACKWARD, record("b"), []),
    ("transitively, the first version too", Level.BACKWARD_TRANSITIVE, record("b"), [(1, Promise.REPLAY_SAFE)]),
    ("forward is the other way round", Level.FORWARD, record("b"), [(2, Promise.CONSUMERS_SAFE)]),
    ("full is both", Level.FULL, record("a", "c"), [(2, Promise.REPLAY_SAFE)]),
    (
        "every failing version is named, newest first",
        Level.FULL_TRANSITIVE,
        record("c"),
        [(version, promise) for version in (2, 1) for promise in Promise],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_level_selects_versions_and_promises(case):
    _, level, candidate, failing = case
    report = check(candidate, [(1, ONE), (2, TWO)], level)
    assert [(one.version, one.promise) for one in report.failing] == failing
    passes = Verdict.UNCHECKED if level is Level.NONE else Verdict.COMPATIBLE
    assert report.verdict is (Verdict.BREAKING if failing else passes)
    assert report.passes is not bool(failing)


def test_the_first_version_is_compatible():
    assert check(ONE, [], Level.FULL_TRANSITIVE).verdict is Verdict.COMPATIBLE


def test_another_format_breaks_both_promises():
    report = check(parse("{}", Format.JSON), [(1, ONE)], Level.FULL)
    assert {finding.rule for finding in report.findings} == {"FORMAT_CHANGED"}
    assert len(report.failing) == 2


def test_full_is_backward_and_forward():
    for level in (Level.FULL, Level.FULL_TRANSITIVE):
        halves = [Level(str(level).replace("FULL", half)) for half in ("BACKWARD", "FORWARD")]
        asked = {promise for half in halves for promise in DEMANDS[half].promises}
        assert set(DEMANDS[level].promises) == asked


def test_a_guid_depends_on_content_alone():
    def guid(text="{}", metadata=None, rules=None):
        return content_guid(Format.JSON, text, (), metadata, rules)

    assert guid() == guid(metadata={}, rules={})
    assert len({guid(), guid("[]"), guid(metadata={"properties": {"a": "b"}}), guid(rules={"a": 1})}) == 4
    assert guid().version == 8


def test_canonical_json_orders_keys_by_utf16_units():
    # RFC 8785, section 3.2.3: beyond the BMP comes before the upper end of it.
    text = canonical_bytes({"\ufb33": 1, "\U0001f600": 2, "a": [True, None, "\u20ac\n"]}).decode()
    assert text == '{"a":[true,null,"€\\n"],"\U0001f600":2,"\ufb33":1}'


@pytest.mark.parametrize("value", [1.5, 2**60, {"a": {1, 2}}, "\ud800"])
def test_canonical_json_refuses_what_has_no_canonical_form(value):
    with pytest.raises((TypeError, ValueError)):
        canonical_bytes(value)
