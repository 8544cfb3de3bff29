"""The page that names every module: what it holds, in the words of its docstring.

The compatibility library comes in the order in which a check passes its modules, which is written here. The client and
the registry come floor by floor, the highest first, as the layer contracts in `pyproject.toml` have them.
"""

import ast
import tomllib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPAT = ROOT / "compat" / "moorings_compat"
PACKAGES = {"moorings": ROOT / "clients" / "moorings", "moorings_registry": ROOT / "registry" / "moorings_registry"}

_HEAD = """# Every module

What each module holds, rendered from its docstring by `make docs`. [The map](map.md) says which of them a
change touches.

Contents: [the path of a check](#the-path-of-a-check), [the client](#the-client), [the registry](#the-registry).
"""
_ABOUT_A_CHECK = """
## The path of a check

`check` takes a candidate, the history of its subject and a level. A format's folder reads both texts, finds what the
reader cannot read, proves it with a payload, says it in a sentence, and suggests an edit. The modules of
`moorings_compat` are listed in that order.
"""
CHECK = """
From a check to comparisons
    __init__ check levels policies formats schema limits
Conditions: rules of contracts, compared like schemas
    contracts conditions/__init__ conditions/compare conditions/clauses conditions/implication conditions/literals
    conditions/trials conditions/events/__init__ conditions/events/table conditions/events/port conditions/events/avro
    conditions/events/json_schema conditions/events/protobuf conditions/rules
    conditions/contract_tests conditions/compiling cel/__init__
    cel/expressions cel/engine cel/texts cel/formatting cel/values field_tags
Fields and consumers: a schema reduced to what is read of it, and what a change does to whoever reads that
    fields/__init__ fields/table fields/paths fields/tree fields/internal fields/avro fields/json_schema fields/protobuf
    field_pointers impact/__init__ impact/reads impact/change impact/evidence impact/payloads consumer_rules
    load_buckets
Mappings from one major to the next
    mappings/__init__ mappings/mapping mappings/reading mappings/paths mappings/conversions mappings/applying
    mappings/trial mappings/values/__init__ mappings/values/table mappings/values/port mappings/values/avro
    mappings/values/json_schema mappings/values/protobuf
What comes of it
    findings rules errors positions pointer_positions
Changes: what people did, between findings and every output
    changes/__init__ changes/changes changes/change changes/outline changes/outlines/__init__ changes/outlines/table
    changes/outlines/avro changes/outlines/json_schema changes/outlines/protobuf changes/pairing changes/matching
    changes/names_alike changes/moves changes/symbols changes/edit changes/attribution changes/paths changes/sentences
    changes/cautions
Changes: corrected texts
    changes/corrections/__init__ changes/corrections/correcting changes/corrections/port changes/corrections/json_texts
    changes/corrections/spots changes/corrections/avro changes/corrections/json_schema changes/corrections/protobuf
    changes/json_rewriting
Texts and digests
    json_text pointer_edits canonical_json identity
Avro: read
    avro/__init__ avro/parse avro/names avro/imports avro/definitions avro/logical avro/big_decimals
    avro/defaults avro/model avro/written_definitions avro/canonical avro/parsing avro/resolved avro/unresolved
Avro: compare
    avro/compare avro/walk avro/schema_pair avro/faults avro/match avro/branches avro/field_sources avro/records
    avro/unions avro/enums avro/named avro/primitives avro/logical_changes avro/rules
Avro: prove, explain, advise
    avro/witness avro/smallest_values avro/payload avro/codec avro/reference avro/semantic_shifts avro/type_labels
    avro/edits
JSON Schema: read
    json_schema/__init__ json_schema/parse json_schema/documents/__init__ json_schema/documents/drafts
    json_schema/documents/documents json_schema/documents/pointers json_schema/documents/resolving
    json_schema/documents/names
    json_schema/documents/metaschemas json_schema/documents/canonical json_schema/documents/bundle json_schema/model
    json_schema/declared_fields json_schema/projection
JSON Schema: nodes
    json_schema/compare json_schema/nodes/__init__ json_schema/nodes/graph json_schema/nodes/compiling
    json_schema/nodes/nodes json_schema/nodes/self_contained json_schema/nodes/strongly_connected
    json_schema/nodes/evaluating json_schema/nodes/validator json_schema/patterns/__init__
    json_schema/patterns/pattern_guard json_schema/patterns/ecma json_schema/patterns/ecma_characters
    json_schema/patterns/pattern_cursor json_schema/patterns/engine_patterns
    json_schema/patterns/code_points json_schema/patterns/regex_syntax json_schema/patterns/regex_terms
    json_schema/patterns/counted json_schema/patterns/regex_language
JSON Schema: common parts
    json_schema/worlds json_schema/reader_drops json_schema/reader_projecting json_schema/writer_closing
    json_schema/location_keys json_schema/common_parts json_schema/payload_completion json_schema/repeated_items
JSON Schema: search
    json_schema/solving/__init__ json_schema/solving/goals json_schema/solving/solver json_schema/solving/search
    json_schema/solving/violations json_schema/solving/disjoint_alternatives json_schema/solving/facts
    json_schema/solving/branches
    json_schema/solving/scalars json_schema/solving/numbers json_schema/solving/strings
    json_schema/solving/string_formats json_schema/solving/arrays json_schema/solving/array_slots
    json_schema/solving/objects json_schema/solving/property_names json_schema/solving/unevaluated
JSON Schema: prove
    json_schema/validator_cache json_schema/validation json_schema/payloads
JSON Schema: explain
    json_schema/explaining/__init__ json_schema/explaining/explainer json_schema/explaining/failing_assertions
    json_schema/explaining/writer_constraints json_schema/explaining/blame json_schema/explaining/witnesses
    json_schema/explaining/wording json_schema/rules/__init__ json_schema/rules/table json_schema/rules/entries
    json_schema/rules/any_value json_schema/rules/numbers json_schema/rules/strings json_schema/rules/arrays
    json_schema/rules/objects json_schema/rules/choices
JSON Schema: advise
    json_schema/explaining/reader_edits json_schema/explaining/writer_edits json_schema/explaining/source_edits
    json_schema/explaining/edit_trials
Protobuf: read
    protobuf/__init__ protobuf/parsing protobuf/imports protobuf/files protobuf/compiler protobuf/confluent_options
    protobuf/compiled protobuf/reflection protobuf/features protobuf/types protobuf/names protobuf/parts
    protobuf/common_types protobuf/field_tags
    protobuf/canonical protobuf/printer protobuf/options protobuf/literals
Protobuf: compare
    protobuf/compare protobuf/differences protobuf/walk protobuf/wire/__init__ protobuf/wire/gaps
    protobuf/wire/roots protobuf/wire/messages protobuf/wire/fields protobuf/wire/numbers protobuf/wire/enums
    protobuf/wire/presence protobuf/wire/encoding protobuf/proto_json/__init__ protobuf/proto_json/gaps
    protobuf/proto_json/rules protobuf/proto_json/forms protobuf/declared/__init__ protobuf/declared/pairs
    protobuf/declared/code protobuf/declared/hygiene
Protobuf: prove, explain, advise
    protobuf/witness protobuf/samples protobuf/wire/values protobuf/proto_json/values protobuf/source_positions
    protobuf/suggestions
Names of events, which are linted and not compared
    event_names/__init__ event_names/kinds event_names/lint event_names/splitting event_names/sentence
    event_names/judgement event_names/front event_names/ending event_names/inside event_names/without_past
    event_names/verdict event_names/reasons event_names/suggestion event_names/nouns event_names/verbs
    event_names/verb_table event_names/command_words event_names/content_words event_names/doubtful_words
    event_names/function_words event_names/word_group
"""
"""Titles, and below each the modules of `moorings_compat` that belong to it."""


def document() -> str:
    """Write the page, in Markdown.

    Raises:
        LookupError: a module of the compatibility library is in no group; says which.
    """
    parts = [_HEAD, _ABOUT_A_CHECK]
    groups = _groups()
    for title, files in groups.items():
        parts += [f"\n### {title}\n", *_table(files)]
    lost = sorted(set(COMPAT.rglob("*.py")).difference(*groups.values()))
    if lost:
        names = ", ".join(str(one.relative_to(ROOT)) for one in lost)
        raise LookupError(f"not in CHECK of tools/module_map.py: {names}")
    parts += ["\n## The client\n", *_floors("moorings")]
    parts += ["\n## The registry\n", *_floors("moorings_registry")]
    return "".join(parts)


def _groups() -> dict[str, list[Path]]:
    groups: dict[str, list[Path]] = {}
    title = ""
    for line in filter(None, CHECK.splitlines()):
        if line.startswith(" "):
            groups[title] += [COMPAT / f"{name}.py" for name in line.split()]
        else:
            title = line
            groups[title] = []
    return groups


def _floors(package: str) -> Iterator[str]:
    """Write the modules of *package* floor by floor; each imports only what is on floors below it."""
    for floor in layers_of(package):
        names = [name.strip() for name in floor.split("|")]
        titles = ", ".join(f"`{name}`" for name in names)
        yield f"\n### {titles}\n"
        yield from _table(chain.from_iterable(_files(PACKAGES[package] / name) for name in names))


def layers_of(package: str) -> list[str]:
    """The floors of *package*, the highest first; modules of one floor are separated by bars."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    found: list[str] = next(one["layers"] for one in contracts if one.get("containers") == [package])
    return found


def _files(module: Path) -> list[Path]:
    """The files of a module or a package, those of its folders after its own."""
    if not module.is_dir():
        return [module.with_suffix(".py")]
    return sorted(module.rglob("*.py"), key=lambda one: (len(one.parts), one.parent, one.name))


def _table(files: Iterable[Path]) -> Iterator[str]:
    yield "\n| module | holds |\n|---|---|\n"
    for file in files:
        yield f"| `{file.relative_to(ROOT)}` | {_first_paragraph(file)} |\n"


def _first_paragraph(file: Path) -> str:
    text = ast.get_docstring(ast.parse(file.read_text())) or ""
    return " ".join(text.split("\n\n")[0].split()).replace("|", "\\|")
