"""Applied suggestions remove their findings: edits of the reader's text, or of the writer's if it is the candidate."""

import copy
import json
from typing import Any

import pytest

from moorings_compat import Budget, Finding, Format, Policy, Severity, Suggestion, can_read, parse
from tests.compat.json_schema.cases import BREAKS, CLOSED, D4, D2020, OBJECT, Case, obj

MORE = [
    Case("the last name that is required, in draft 4", D4 | OBJECT, D4 | OBJECT | {"required": ["a"]}),
    Case("two names that are required", OBJECT, OBJECT | {"required": ["a", "b"]}),
    Case("a property of a closed object without any", CLOSED | obj(a={"type": "string"}), CLOSED),
    Case("a name with a slash", CLOSED | obj(**{"a/b~c": {}}), CLOSED | obj(b={})),
    Case("an alternative that does not overlap", {"oneOf": [{"type": "string"}, {"type": "null"}, OBJECT]},
         {"oneOf": [{"type": "string"}, OBJECT]}),
    Case("a type inside a branch", {"anyOf": [obj(k={"const": 1}, v={"type": ["string", "null"]})]},
         {"anyOf": [obj(k={"const": 1}, v={"type": "string"}), {"type": "null"}]}),
    Case("a shared definition", obj(a={"type": "string"}),
         obj(a={"$ref": "#/$defs/s"}) | {"$defs": {"s": {"type": "string", "maxLength": 3}}}),
    Case("an exclusive bound of draft 4", D4 | {"type": "number", "minimum": 0},
         D4 | {"type": "number", "minimum": 0, "exclusiveMinimum": True}),
    Case("an item of a tuple", D2020 | {"type": "array"},
         D2020 | {"type": "array", "prefixItems": [{}, {"type": "null"}]}),
]  # fmt: skip
NONE_FOR_THE_READER = {
    "JSON_WHOLE_NUMBER_REFUSED": "the draft itself has another notion of an integer",
    "JSON_ONE_OF_OVERLAP": "which branch is to give way is not for us to choose",
}
"""Rules without a single obvious edit of the reader."""


@pytest.mark.parametrize("candidate_reads", [True, False], ids=["reader", "writer"])
@pytest.mark.parametrize("case", BREAKS + MORE, ids=[case.shows for case in BREAKS + MORE])
def test_a_suggestion_removes_its_finding(case, candidate_reads):
    for found in findings(case.reader, case.writer, candidate_reads=candidate_reads):
        if found.suggestion is None:
            continue
        reader, writer = case.reader, case.writer
        if candidate_reads:
            reader = applied(reader, found.suggestion)
        else:
            writer = applied(writer, found.suggestion)
        left = findings(reader, writer, candidate_reads=candidate_reads)
        assert mark(found) not in map(mark, left), found.suggestion


def test_every_rule_offers_the_reader_an_edit_or_has_a_reason_against_it():
    offered = {one.rule for case in BREAKS for one in findings(case.reader, case.writer) if one.suggestion is not None}
    assert {code for case in BREAKS for code in case.codes} - offered == NONE_FOR_THE_READER.keys()


def test_one_edit_removes_a_single_break_for_either_side():
    case = Case("", obj(a={"type": "string", "maxLength": 5}), obj(a={"type": "string", "maxLength": 3}))
    (narrower,) = findings(case.reader, case.writer)
    assert narrower.suggestion == Suggestion("replace", "/properties/a/maxLength", "5", "keep the earlier maxLength")
    assert findings(applied(case.reader, narrower.suggestion), case.writer) == ()
    (wider,) = findings(case.reader, case.writer, candidate_reads=False)
    assert wider.suggestion == Suggestion("replace", "/properties/a/maxLength", "3", "use the earlier maxLength")
    assert findings(case.reader, applied(case.writer, wider.suggestion), candidate_reads=False) == ()


def findings(reader: Any, writer: Any, *, candidate_reads: bool = True) -> tuple[Finding, ...]:
    schemas = (parse(json.dumps(content), Format.JSON) for content in (reader, writer))
    found = can_read(*schemas, Policy(candidate_reads=candidate_reads), Budget())
    return tuple(one for one in found if one.severity is Severity.BREAK)


def mark(found: Finding) -> tuple[str, str, str]:
    return found.rule, found.reader_path, found.message


def applied(content: Any, suggestion: Suggestion) -> Any:
    """Return a copy of *content* with an edit of RFC 6902 made; "add" never replaces anything here."""
    holder = {"root": copy.deepcopy(content)}
    steps = ["root", *(step.replace("~1", "/").replace("~0", "~") for step in suggestion.path.split("/")[1:])]
    owner: Any = holder
    for step in steps[:-1]:
        owner = owner[int(step)] if isinstance(owner, list) else owner[step]
    last: Any = int(steps[-1]) if isinstance(owner, list) and steps[-1] != "-" else steps[-1]
    if suggestion.action == "remove":
        del owner[last]
    elif last == "-":
        owner.append(json.loads(suggestion.value))
    else:
        assert (suggestion.action == "replace") == (isinstance(owner, list) or last in owner)
        owner[last] = json.loads(suggestion.value)
    return holder["root"]
