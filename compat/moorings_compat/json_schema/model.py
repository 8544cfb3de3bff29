"""The model of a parsed JSON Schema: its document, and what is compiled from it when it is first needed."""

from functools import cached_property
from typing import Any

import jsonschema_rs

from moorings_compat.json_schema.declared_fields import Declared, declared_at
from moorings_compat.json_schema.documents.bundle import (
    bundle_document,
    bundle_for_engine,
    has_patterns_in_other_words,
)
from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.nodes.graph import Graph, reachable
from moorings_compat.json_schema.nodes.nodes import Node
from moorings_compat.json_schema.patterns.ecma import NOTHING
from moorings_compat.json_schema.patterns.engine_patterns import engine_pattern
from moorings_compat.json_schema.validation import compile_validator
from moorings_compat.schema import ResolvedReference, Schema


class Model:
    """The parts of one schema; all but the document are made once, when they are first needed."""

    def __init__(self, document: Document, references: tuple[ResolvedReference, ...], characters: int) -> None:
        """*characters* is the length of the text."""
        self.document = document
        self.references = references
        self.size: int = characters + sum(model_of(one.schema).size for one in references)
        """Characters of the text and of all that it refers to."""

    @cached_property
    def bundled(self) -> Any:
        """One self-contained document: the referenced ones are embedded."""
        return bundle_document(self.document)

    @cached_property
    def declared(self) -> Declared:
        """What the schema declares."""
        return declared_at(self.document.places[()])

    @cached_property
    def root_with_formats(self) -> Node:
        """The schema as nodes, `format` asserted."""
        return Graph(self.document, formats=True).root

    @cached_property
    def root_without_formats(self) -> Node:
        """The schema as nodes, `format` an annotation; the same nodes where no format is used."""
        if not any("format" in one.words for one in reachable(self.document)):
            return self.root_with_formats
        return Graph(self.document, formats=False).root

    def root(self, *, formats: bool) -> Node:
        """Return the schema as nodes; *formats* says whether `format` is asserted."""
        return self.root_with_formats if formats else self.root_without_formats

    def validator(self, *, formats: bool) -> jsonschema_rs.Validator:
        """Return the compiled validator, made once; *formats* says whether `format` is asserted."""
        return self.validator_with_formats if formats else self.validator_without_formats

    @cached_property
    def validator_with_formats(self) -> jsonschema_rs.Validator:
        return self.compile_validator(formats=True)

    @cached_property
    def validator_without_formats(self) -> jsonschema_rs.Validator:
        return self.compile_validator(formats=False)

    def compile_validator(self, *, formats: bool, proving: bool = False) -> jsonschema_rs.Validator:
        """Compile a validator that is not kept.

        A pattern that cannot be run is not checked; where values have to be *proven* valid, no string matches it.
        """

        def written(pattern: str) -> str:
            read = engine_pattern(pattern)
            return NOTHING if proving and read.not_run else read.text

        in_other_words = has_patterns_in_other_words(self.document)
        bundled = bundle_for_engine(self.document, written) if in_other_words else self.bundled
        return compile_validator(bundled, self.document, formats=formats)

    @cached_property
    def patterns_not_run(self) -> bool:
        """Some pattern of the schema, or of what it refers to, is not checked."""
        return any(one.patterns_not_run for one in reachable(self.document))

    def kept_validator(self, *, formats: bool) -> jsonschema_rs.Validator | None:
        """Return the validator that `validator` would, if it has been compiled."""
        kept = vars(self).get("validator_with_formats" if formats else "validator_without_formats")
        return kept if isinstance(kept, jsonschema_rs.Validator) else None


def model_of(schema: Schema) -> Model:
    """Return the model that this folder's `parse` made of *schema*."""
    assert isinstance(schema.model, Model), "a Schema of format JSON comes from moorings_compat.parse"
    return schema.model


def bundled(schema: Schema) -> Any:
    """Return the schema as one self-contained document, decoded: declared references are embedded in it."""
    return model_of(schema).bundled


def declared(schema: Schema) -> Declared:
    """Return what *schema* declares at each location of its values, collected when it is first asked for."""
    return model_of(schema).declared


def validator(schema: Schema, *, formats: bool = True) -> jsonschema_rs.Validator:
    """Return the compiled validator of *schema*, the same one on every call; it never fetches anything.

    Patterns run with a backtracking limit, so that they cannot hang; `contentEncoding`, `contentMediaType` and
    `contentSchema` are annotations in every draft; *formats* says whether `format` refuses values.
    """
    return model_of(schema).validator(formats=formats)
