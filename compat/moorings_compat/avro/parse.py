"""Reading an Avro schema from its text: strict, each problem with its location, references resolved.

What the specification allows is accepted, and what it forbids is refused, also where the codec underneath would let
it through (duplicate fields, ill-formed names, unions in unions, redefinitions, defaults that do not fit). Three
things are read the way that the implementations read them: a record may be called ``error``; an object may name a
defined type (``{"type": "shop.Money"}``); a default may fit any branch of a union. An invalid logical type is ignored,
as the specification asks (see `logical`).
"""

from collections.abc import Sequence

from moorings_compat.avro.canonical import canonical_text, identity_text, in_order, stored_text
from moorings_compat.avro.defaults import default_problems
from moorings_compat.avro.definitions import DefinitionReader
from moorings_compat.avro.imports import imported_types
from moorings_compat.avro.model import AvroModel, model_of
from moorings_compat.avro.names import is_full_name
from moorings_compat.avro.payload import nested_types
from moorings_compat.errors import Problem, ReferenceMissing, SchemaInvalid
from moorings_compat.json_text import read_nested_json
from moorings_compat.limits import Limits
from moorings_compat.schema import Format, ResolvedReference, Schema

_MOST_PROBLEMS = 50
_LONGEST_WORD = 200


def parse(text: str, references: Sequence[ResolvedReference], limits: Limits) -> Schema:
    """Read, validate and resolve *text*, which may name the types of all *references* and of their references.

    Raises:
        SchemaInvalid: with every problem that was found, at most fifty.
        ReferenceMissing: the only problems are names that neither the text nor a reference defines.
        SchemaLimitExceeded: too large, too many types within each other (references inlined), or too many references.
    """
    read = read_nested_json(_quoted(text), limits)
    known, problems = imported_types(references, limits)
    definitions = DefinitionReader(known)
    definitions.problems.extend(problems)
    root = definitions.node(read.value, "", "")
    model = AvroModel(root, definitions.types, definitions.may_lack_values or _may_lack_values(references))
    if not definitions.problems and not definitions.missing:
        definitions.problems.extend(default_problems(model, definitions.defaults))
    _refuse(definitions)
    if read.is_nested or references:
        limits.allow("the number of types within each other", nested_types(model), limits.depth)
    ordered, has_fractions = in_order(read.value), read.has_fractions
    return Schema(
        format=Format.AVRO,
        text=stored_text(text, read.value, has_fractions=has_fractions),
        identity=identity_text(ordered, has_fractions=has_fractions),
        canonical=canonical_text(ordered, has_fractions=has_fractions),
        references=tuple(references),
        model=model,
    )


def _quoted(text: str) -> str:
    """Return *text*, unless it is a bare word: a likely slip that the message of a JSON parser would not name."""
    word = text.strip()
    if len(word) <= _LONGEST_WORD and is_full_name(word) and word not in ("null", "true", "false"):
        raise SchemaInvalid(Problem("line 1, column 1", f'not JSON: a type name needs quotes: "{word}"'))
    return text


def _may_lack_values(references: Sequence[ResolvedReference]) -> bool:
    return any(model_of(one.schema).may_lack_values for one in references if one.schema.format is Format.AVRO)


def _refuse(definitions: DefinitionReader) -> None:
    missing = definitions.missing
    if definitions.problems:
        raise SchemaInvalid(*(definitions.problems + missing)[:_MOST_PROBLEMS])
    if missing:
        raise ReferenceMissing(*missing[:_MOST_PROBLEMS])
