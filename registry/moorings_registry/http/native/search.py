"""Search over names, ids, guids, owners, fields, documentation, tags and topics."""

from typing import Any

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.access import whole_of
from moorings_registry.http.native.blueprint import Answer, NativeBlueprint
from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.search import Found, Hit, HitKind
from moorings_registry.state import State

LONGEST_QUESTION = 300
_KINDS = [str(one) for one in HitKind]

search = NativeBlueprint("search", __name__, url_prefix="/v1/search", description="Finding events and their schemas.")


class SearchQuery(Shape):
    q = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_QUESTION))
    kind = fields.String(load_default="", validate=validate.OneOf(["", *_KINDS]))
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=100))
    offset = fields.Integer(load_default=0, validate=validate.Range(min=0, max=10_000))


class HitShape(AnswerShape):
    kind = fields.String(validate=validate.OneOf(_KINDS))
    name = fields.String(metadata={"description": "The subject, the domain or the application."})
    matched = fields.List(fields.String(), metadata={"description": "Where the words are: name, fields, docs, ..."})
    version = fields.Integer(allow_none=True, metadata={"description": "Of a schema: the version that it is."})


class FoundShape(AnswerShape):
    results = fields.List(fields.Nested(HitShape))
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "By kind."})
    total = fields.Integer()
    similar = fields.Boolean(metadata={"description": "Nothing has the very words, so similar ones were looked for."})
    complete = fields.Boolean(metadata={"description": "Whether everything was looked at; else ask again soon."})


@search.get("")
@search.operation("search")
@search.arguments(SearchQuery, location="query")
@search.response(200, FoundShape)
def ask(query: dict[str, Any]) -> Answer:
    """Find events, domains, applications and schemas by their names, ids, fields, documentation, tags, topics, owners.

    Every word of `q` has to be there, or to begin a word that is; where nothing has them, words with one or two typing
    errors are looked for.
    """
    kind = HitKind(query["kind"]) if query["kind"] else None
    found = consult(lambda state: find(state, query["q"], kind, query["limit"], query["offset"]))
    return {
        "results": [_value(one) for one in found.hits],
        "counts": {str(one): count for one, count in found.counts.items()},
        "total": found.total,
        "similar": found.similar,
        "complete": found.complete,
    }


def find(state: State, question: str, kind: HitKind | None, limit: int, offset: int) -> Found:
    """Ask the index of this worker, for a caller who sees *state*."""
    index = current_registry().search_index
    return index.search(whole_of(state), state, question, kind=kind, limit=limit, offset=offset)


def _value(hit: Hit) -> dict[str, Any]:
    number = hit.version.number if hit.version else None
    return {"kind": hit.kind, "name": hit.name, "matched": hit.matched, "version": number}
