"""Every code that the product prints, for `moorings explain`: rules, lint, events, the client, the registry."""

import json
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any

from moorings.cli.code_texts import CODE_TEXTS
from moorings_compat import Rule


@dataclass(frozen=True, slots=True)
class Explained:
    """One meaning of a code: a few are printed in two places."""

    code: str
    printed_by: str
    title: str
    paragraphs: tuple[tuple[str, str], ...]
    """``why``, ``fix`` and the like, each with its text."""
    fields: dict[str, Any]
    """The same as JSON."""


def meanings_of(code: str, rules: dict[str, Rule]) -> list[Explained]:
    """Return every meaning of *code*; nothing for one that is never printed."""
    found = []
    if code in rules:
        found.append(_of_rule(rules[code]))
    if code in CODE_TEXTS:
        text = CODE_TEXTS[code]
        found.append(Explained(code, text.kind, text.title, (("fix", text.fix),), asdict(text)))
    error = registry_errors().get(code)
    if error is not None:
        paragraphs = (
            ("fix", error["fix"]),
            ("who can fix it", error["audience"]),
            ("HTTP status", str(error["status"])),
        )
        found.append(Explained(code, "the registry", error["title"], paragraphs, {"kind": "the registry", **error}))
    return found


def known_codes(rules: dict[str, Rule]) -> list[str]:
    """Return every code, sorted."""
    return sorted({*rules, *CODE_TEXTS, *registry_errors()})


def registry_errors() -> dict[str, dict[str, Any]]:
    """Return the registry's catalogue of errors by code, as the file has it that `make docs` renders."""
    text = files("moorings.cli").joinpath("registry_errors.json").read_text("utf-8")
    return {str(one["code"]): one for one in json.loads(text)}


def _of_rule(rule: Rule) -> Explained:
    texts = (("why", rule.why), ("fix", rule.fix), ("example", rule.example), ("source", rule.source))
    mirror = (("the opposite change", rule.mirror),) if rule.mirror else ()
    printed_by = f"{rule.format or 'every format'}, {rule.severity}"
    return Explained(rule.code, printed_by, rule.title, tuple((n, t) for n, t in (*texts, *mirror) if t), asdict(rule))
