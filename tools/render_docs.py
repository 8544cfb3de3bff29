"""Write what is rendered from code: `docs/rules.md` and others, and the registry's errors for `moorings explain`.

With --check, only compare.
"""

import json
import sys
from pathlib import Path
from typing import Any

from module_map import document as module_page
from werkzeug.test import Client

from moorings_compat import Rule, catalogue
from moorings_registry.http.confluent.documentation import document as confluent_page
from moorings_registry.http.native.documentation import document as native_page
from moorings_registry.http.statuses import STATUSES
from moorings_registry.testing import in_memory

ROOT = Path(__file__).resolve().parent.parent
ERRORS_OF_REGISTRY = "clients/moorings/cli/registry_errors.json"
"""The client does not import the registry, and explains its codes nevertheless."""
FORMS_OF_FACTS = "registry/moorings_registry/fact_forms.json"
"""What a fact is read by; the JSON Schemas of the ledger's facts are not installed."""
_OF_FORM = frozenset(("type", "enum", "const", "items", "properties", "required", "additionalProperties"))
"""Keywords that make up a form. Bounds and patterns do not: what exceeds them is not mistaken for something else."""


def main() -> int:
    """Return 1 when --check finds a page that is not what the code says."""
    stale = [name for name, text in rendered().items() if not _is(ROOT / name, text)]
    if "--check" in sys.argv:
        for name in stale:
            print(f"{name} is not what the code says; run `make docs`")
        return 1 if stale else 0
    for name in stale:
        (ROOT / name).write_text(rendered()[name])
        print(f"wrote {name}")
    return 0


def rendered() -> dict[str, str]:
    """Everything that is rendered, by its path."""
    code = {ERRORS_OF_REGISTRY: _errors_as_json(), FORMS_OF_FACTS: _forms_of_facts()}
    return {**{f"docs/{name}": text for name, text in pages().items()}, **code}


def pages() -> dict[str, str]:
    """Every rendered page by its file name."""
    return {
        "rules.md": _rules(),
        "errors.md": _errors(),
        "confluent-api.md": confluent_page(),
        "native-api.md": _native(),
        "modules.md": module_page(),
    }


def _native() -> str:
    """The page about the native API, from the document that an application serves."""
    return native_page(Client(in_memory()).get("/openapi.json").get_json())


def _forms_of_facts() -> str:
    """The form of each fact, one a line, by its name and version."""
    paths = sorted((ROOT / "schemas/moorings.registry").glob("*.schema.json"))
    forms = ((path.name.removesuffix(".schema.json"), _form(json.loads(path.read_text()))) for path in paths)
    lines = (f'"{name}":{json.dumps(form, separators=(",", ":"))}' for name, form in forms)
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _form(schema: Any) -> Any:
    """A schema of a fact without what does not belong to its form."""
    if not isinstance(schema, dict):
        return schema
    kept = {name: value for name, value in schema.items() if name in _OF_FORM}
    for name in ("items", "additionalProperties"):
        if name in kept:
            kept[name] = _form(kept[name])
    if "properties" in kept:
        kept["properties"] = {name: _form(value) for name, value in kept["properties"].items()}
    return kept


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def _rules() -> str:
    rules = sorted(catalogue().values(), key=lambda rule: (rule.format or "", rule.severity, rule.code))
    intro = (
        "# Rules\n\nEvery rule that a check applies, rendered from the catalogue by `make docs`; the same as\n"
        "`GET /v1/rules`, `moorings rules` and `moorings explain CODE`. A code never changes its meaning.\n"
    )
    return "\n".join([intro, *(_rule(rule) for rule in rules)])


def _rule(rule: Rule) -> str:
    example = f"\n\n    {rule.example}" if rule.example and "\n" not in rule.example else ""
    weight = str(rule.severity).replace("_", " ")
    return (
        f"## {rule.code}\n\n{rule.format or 'Any format'}, {weight}: {rule.title}.\n\n{rule.why}\n\n"
        f"Do instead: {rule.fix}\n\nSource: {rule.source}. Mirror: {rule.mirror or 'none'}.{example}\n"
    )


def _errors_as_json() -> str:
    listed = [
        {"code": kind.code, "title": kind.title, "fix": kind.fix, "audience": kind.audience, "status": row.native}
        for kind, row in sorted(STATUSES.items(), key=lambda pair: pair[0].code)
    ]
    return json.dumps(listed, indent=1, ensure_ascii=False) + "\n"


def _errors() -> str:
    rows = [
        f"| `{kind.code}` | {row.native} | {row.confluent}, {row.error_code} | {kind.audience} | "
        f"{'yes' if kind.retryable else 'no'} | {kind.title} | {kind.fix} |"
        for kind, row in sorted(STATUSES.items(), key=lambda pair: pair[0].code)
    ]
    intro = (
        "# Errors\n\nThe catalogue, rendered by `make docs`. Native answers are problem details (RFC 9457) with "
        "the code; Confluent\nanswers carry the status and the `error_code`. *Who* can fix it: the caller, the "
        "domain's owner, or the operator.\n\n"
        "| code | `/v1` | Confluent | who | retry | what | what to do |\n|---|---|---|---|---|---|---|\n"
    )
    return intro + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
