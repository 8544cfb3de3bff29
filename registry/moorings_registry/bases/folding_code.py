"""Which code folds entries into a state, as a digest: what another code has folded is not used.

It is computed from the sources, so nobody has to remember to raise a number. Comments, docstrings and layout are left
out: a release that changes only those uses the bases of the one before.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

FOLDING = (
    "moorings_registry.bases.codecs",
    "moorings_registry.bases.file",
    "moorings_registry.bases.layered",
    "moorings_registry.bases.layered_checks",
    "moorings_registry.bases.tables",
    "moorings_registry.bases.writing",
    "moorings_registry.entries",
    "moorings_registry.facts",
    "moorings_registry.facts.access",
    "moorings_registry.facts.associations",
    "moorings_registry.facts.checks",
    "moorings_registry.facts.consumers",
    "moorings_registry.facts.domains",
    "moorings_registry.facts.encryption_keys",
    "moorings_registry.facts.exporters",
    "moorings_registry.facts.lifecycle",
    "moorings_registry.facts.schemas",
    "moorings_registry.facts.settings",
    "moorings_registry.facts.vocabulary",
    "moorings_registry.facts.waivers",
    "moorings_registry.facts.webhooks",
    "moorings_registry.names",
    "moorings_registry.state.append_only",
    "moorings_registry.state.checks",
    "moorings_registry.state.consumers",
    "moorings_registry.state.declarations",
    "moorings_registry.state.fold",
    "moorings_registry.state.fold.access",
    "moorings_registry.state.fold.applying",
    "moorings_registry.state.fold.associations",
    "moorings_registry.state.fold.checks",
    "moorings_registry.state.fold.consumers",
    "moorings_registry.state.fold.domains",
    "moorings_registry.state.fold.draft",
    "moorings_registry.state.fold.encryption_keys",
    "moorings_registry.state.fold.exporters",
    "moorings_registry.state.fold.lifecycle",
    "moorings_registry.state.fold.schemas",
    "moorings_registry.state.fold.settings",
    "moorings_registry.state.fold.waivers",
    "moorings_registry.state.fold.webhooks",
    "moorings_registry.state.keys",
    "moorings_registry.state.state",
    "moorings_registry.state.values",
    "moorings_registry.state.webhooks",
    "moorings_compat.canonical_json",
    "moorings_compat.event_names.kinds",
    "moorings_compat.fields.paths",
    "moorings_compat.findings",
    "moorings_compat.impact.reads",
    "moorings_compat.levels",
    "moorings_compat.schema",
)
"""The modules that decide what a state is made of, and how it is stored."""
_FORMS = "fact_forms.json"
"""Which facts are read at all."""


@cache
def fold_version() -> str:
    """The digest of the code in `FOLDING`; empty where there are no sources to see, and so no base is to be trusted."""
    digest = hashlib.sha256()
    for name in FOLDING:
        source = _source(name)
        if source is None:
            return ""
        digest.update(name.encode() + b"\0" + _code(source).encode() + b"\0")
    digest.update(files("moorings_registry").joinpath(_FORMS).read_bytes())
    return digest.hexdigest()


def _source(name: str) -> bytes | None:
    spec = find_spec(name)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    try:
        return Path(spec.origin).read_bytes()
    except OSError:
        return None


def _code(source: bytes) -> str:
    """What the code of a module does, as text."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if field == "body" and isinstance(value, list):
                node.body = list(_without_docstrings(value))  # type: ignore[attr-defined]  # it has that field
    return ast.dump(tree)


def _without_docstrings(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Leave out texts that stand alone: docstrings of modules, classes, functions and members."""
    for statement in body:
        alone = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not alone:
            yield statement
