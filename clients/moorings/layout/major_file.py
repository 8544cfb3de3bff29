"""The file of one major beside its schema, ``OrderPlaced.v1.toml``: lifecycle, metadata, rules, and its migration.

What a file does not say is left as the registry has it; ``rules = []`` says that there are none.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moorings.layout.issues import Issue
from moorings.layout.toml_lines import line_of
from moorings.layout.toml_reader import Table, TomlReader
from moorings.upcasting.mapping_file import MappingInvalid, read_migration
from moorings_compat.mappings.mapping import Mapping as Migration

RULE_LISTS = {"rules": "domainRules", "migration_rules": "migrationRules", "encoding_rules": "encodingRules"}
"""The lists of a rule set: as files name them, and as the Confluent API does."""
MAPPING_ADVICE = "docs/replay.md describes mappings, step by step."
ENABLED_AT = ("ALL", "CLIENT", "GATEWAY", "SERVER", "NONE")

_NAME = re.compile(r"(?P<event>[A-Za-z_][A-Za-z0-9_]*)\.v(?P<major>[1-9][0-9]{0,5})\.toml")
KEYS = ("lifecycle", "metadata", *RULE_LISTS, "rules_enabled_at", "migration")
STATES = ("draft", "active", "deprecated", "retired")
_ABOUT_DEPRECATION = ("from", "sunset", "replacement", "page")
LIFECYCLE_KEYS = ("state", *_ABOUT_DEPRECATION)
_REPLACEMENT = re.compile(r"[^@\s]+(@[1-9][0-9]{0,5})?")
_PAGE = re.compile(r"https?://[^\s/]+\S*")
METADATA_KEYS = ("tags", "properties", "sensitive")
RULE_KEYS = (
    "name",
    "doc",
    "kind",
    "mode",
    "type",
    "tags",
    "params",
    "expr",
    "onSuccess",
    "onFailure",
    "disabled",
)
_MODES = {
    "domainRules": ("WRITE", "READ", "WRITEREAD"),
    "migrationRules": ("UPGRADE", "DOWNGRADE", "UPDOWN"),
    "encodingRules": ("WRITE", "READ", "WRITEREAD"),
}


@dataclass(frozen=True, slots=True)
class MajorFile:
    """What a file says about one major of an event; None where it says nothing."""

    path: Path
    domain: str
    event: str
    major: int
    lifecycle: Mapping[str, Any] | None = None
    """The body of ``PUT /v1/events/{subject}/majors/{major}/lifecycle``."""
    metadata: Mapping[str, Any] | None = None
    """As the registry has it: `tags`, `properties`, `sensitive`, each only where it is not empty."""
    rule_set: Mapping[str, Any] | None = None
    """As the Confluent API has it; each list only where it is not empty."""
    migration: Migration | None = None
    """How an event of the major before becomes one of this."""
    migration_reason: str = ""
    """Why there is not a mapping from the major before."""
    migration_steps: tuple[Mapping[str, Any], ...] = ()
    """The steps of the mapping, as the file has them."""

    @property
    def subject(self) -> str:
        return f"{self.domain}.{self.event}"

    def migration_settings(self) -> dict[str, Any] | None:
        """Return the body of ``PUT /v1/events/{subject}/majors/{major}/migration``; None where nothing is said."""
        if self.migration is None and not self.migration_reason:
            return None
        return {"steps": [dict(one) for one in self.migration_steps], "reason": self.migration_reason}

    @property
    def label(self) -> str:
        return f"{self.subject} v{self.major}"


def split_major_file_name(name: str) -> tuple[str, int] | None:
    """Split a file's name into event and major; None for a file that is not one of a major."""
    match = _NAME.fullmatch(name)
    return (match["event"], int(match["major"])) if match is not None else None


def major_file_name(event: str, major: int) -> str:
    return f"{event}.v{major}.toml"


def read_major_file(path: Path) -> tuple[MajorFile | None, list[Issue]]:
    """Read the file of a major; a value that cannot be used is an issue, and left out. None: it cannot be read."""
    event, major = split_major_file_name(path.name) or (path.stem, 1)
    reader = TomlReader(path, "MAJOR_FILE_INVALID")
    found = reader.load()
    if found is None:
        return None, reader.issues
    reader.only(found, KEYS)
    migration, reason = _migration(reader, found, f"{path.parent.name}.{event}", major)
    read = MajorFile(
        path,
        path.parent.name,
        event,
        major,
        _lifecycle(reader, found),
        _metadata(reader, found),
        _rule_set(reader, found),
        migration,
        reason,
        _steps(found) if migration is not None else (),
    )
    return read, reader.issues


def _lifecycle(reader: TomlReader, found: Table) -> Mapping[str, Any] | None:
    table = reader.table(found, "lifecycle")
    if table is None:
        return None
    reader.only(table, LIFECYCLE_KEYS, "lifecycle")
    state = reader.choice(table, "state", STATES, "lifecycle", default="active")
    lifecycle = {"state": state}
    for key in _ABOUT_DEPRECATION:
        if key not in table:
            continue
        is_day = key in ("from", "sunset")
        value = reader.day(table, key, "lifecycle") if is_day else reader.text(table, key, "lifecycle")
        if value and state in ("draft", "active"):
            message = f"lifecycle.{key} is set, but the major is {state}"
            reader.refuse(message, 'Write state = "deprecated".', "lifecycle", key)
        elif value:
            lifecycle[key] = value
    _require_forms(reader, lifecycle)
    return lifecycle


def _require_forms(reader: TomlReader, lifecycle: Mapping[str, str]) -> None:
    replacement, page = lifecycle.get("replacement", ""), lifecycle.get("page", "")
    if replacement and not _REPLACEMENT.fullmatch(replacement):
        advice = 'Write a subject or subject@major: "shop.orders.OrderPlaced@2".'
        reader.refuse(f"lifecycle.replacement is {replacement!r}, not a major", advice, "lifecycle", "replacement")
    if page and not _PAGE.fullmatch(page):
        advice = 'Write it whole: "https://wiki.example/orders".'
        reader.refuse("lifecycle.page is not an http or https address", advice, "lifecycle", "page")


def _metadata(reader: TomlReader, found: Table) -> Mapping[str, Any] | None:
    table = reader.table(found, "metadata")
    if table is None:
        return None
    reader.only(table, METADATA_KEYS, "metadata")
    tags = reader.table(table, "tags", "metadata") or {}
    properties = reader.table(table, "properties", "metadata") or {}
    metadata = {
        "tags": {
            path: list(names) for path in tags if (names := reader.texts(tags, path, "metadata", "tags", example="PII"))
        },
        "properties": {name: reader.text(properties, name, "metadata", "properties") for name in properties},
        "sensitive": list(dict.fromkeys(reader.texts(table, "sensitive", "metadata", example="iban"))),
    }
    return {name: value for name, value in metadata.items() if value}


def _rule_set(reader: TomlReader, found: Table) -> Mapping[str, Any] | None:
    if not any(key in found for key in (*RULE_LISTS, "rules_enabled_at")):
        return None
    rule_set: dict[str, Any] = {}
    seen: set[str] = set()
    for key, list_name in RULE_LISTS.items():
        rules = [
            _rule(reader, rule, list_name, key, number, seen)
            for number, rule in enumerate(reader.tables(found, key) or ())
        ]
        if rules:
            rule_set[list_name] = rules
    if "rules_enabled_at" in found:
        rule_set["enableAt"] = reader.choice(found, "rules_enabled_at", ENABLED_AT, default="ALL")
    return rule_set


def _rule(reader: TomlReader, rule: Table, list_name: str, key: str, number: int, seen: set[str]) -> dict[str, Any]:
    """Read one rule; its form is checked as far as the registry would refuse it."""
    place = (key, number)
    reader.only(rule, RULE_KEYS, *place)
    texts = {one: reader.text(rule, one, *place) for one in RULE_KEYS if one in rule and one not in _OTHER_FORMS}
    name = texts.get("name", "")
    if not name:
        reader.refuse("the rule has no name", 'Write name = "...".', *place)
    elif name in seen:
        reader.refuse(f"{name!r} names two rules", "Give each rule a name of its own.", *place, "name")
    seen.add(name)
    if not texts.get("type"):
        reader.refuse("the rule has no type", 'Write type = "CEL", or "CEL_FIELD" for rules about fields.', *place)
    if texts.get("mode") not in _MODES[list_name]:
        message = "the rule has no mode" if "mode" not in texts else f"unknown mode {texts['mode']!r}"
        reader.refuse(message, f"Choose one of {', '.join(_MODES[list_name])}.", *place, "mode")
    if texts.get("kind", "CONDITION") not in ("CONDITION", "TRANSFORM"):
        reader.refuse(f"unknown kind {texts['kind']!r}", "Choose one of CONDITION, TRANSFORM.", *place, "kind")
    read: dict[str, Any] = {one: value for one, value in texts.items() if value}
    tags = reader.texts(rule, "tags", *place, example="PII")
    params = reader.table(rule, "params", *place) or {}
    if tags:
        read["tags"] = list(dict.fromkeys(tags))
    if params:
        read["params"] = {one: reader.text(params, one, *place, "params") for one in params}
    if reader.flag(rule, "disabled", *place, default=False):
        read["disabled"] = True
    return read


def _steps(found: Table) -> tuple[Mapping[str, Any], ...]:
    return tuple(found["migration"].get("step", ()))


def _require_json(reader: TomlReader, steps: tuple[Mapping[str, Any], ...]) -> None:
    """Refuse values of steps that JSON does not have, in which a registry keeps them."""
    for number, step in enumerate(steps):
        try:
            json.dumps(step, allow_nan=False)
        except (TypeError, ValueError):
            message = f"step {number + 1} has a value that a registry cannot keep: a date, a time or an infinite number"
            advice = "Write it as a text, and convert it in the next step: text_to_date, text_to_moment."
            keys = migration_keys(number + 1)
            reader.refuse(message, advice, *keys, code="MAPPING_INVALID")


def migration_keys(step: int) -> tuple[str | int, ...]:
    """Return the keys of a step of the migration, from 1, or of the whole for 0."""
    return ("migration", "step", step - 1) if step else ("migration",)


_OTHER_FORMS = ("tags", "params", "disabled")
"""The keys of a rule that are not texts."""


def _migration(reader: TomlReader, found: Table, subject: str, major: int) -> tuple[Migration | None, str]:
    table = reader.table(found, "migration")
    if table is None:
        return None, ""
    reason = reader.text(table, "reason", "migration")
    if major == 1:
        reader.refuse("the first major has a migration", "Move it to the major that it leads to.", "migration")
        return None, ""
    if reason and "step" in table:
        reader.refuse("migration has steps and a reason why there are none", "Keep one of them.", "migration")
    elif reason:
        reader.only(table, ("reason",), "migration")
    if reason:
        return None, reason
    _require_json(reader, _steps(found) if isinstance(table.get("step", []), list) else ())
    try:
        return read_migration(table, subject, major, source=str(reader.path)), ""
    except MappingInvalid as invalid:
        for problem in invalid.problems:
            line = line_of(reader.lines, migration_keys(problem.step))
            reader.issues.append(
                Issue(reader.path, "MAPPING_INVALID", str(problem), MAPPING_ADVICE, place=problem.place, line=line)
            )
        return None, ""
