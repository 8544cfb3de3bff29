"""Data contracts: the metadata and the rule set that travel with a schema, read strictly, written plainly, merged.

Both are kept as the JSON objects of the Confluent API, with known members alone and none that is null, so that two
requests that say the same get one guid. The registry checks their form; rules run in clients.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from moorings_compat import Problem
from moorings_compat.json_text import pointer
from moorings_registry.errors import MetadataInvalid, RuleSetInvalid

Json = dict[str, Any]

RULE_LISTS = {
    "migrationRules": ("UPGRADE", "DOWNGRADE", "UPDOWN"),
    "domainRules": ("WRITE", "READ", "WRITEREAD"),
    "encodingRules": ("WRITE", "READ", "WRITEREAD"),
}
"""The lists of a rule set, and the modes that a rule of each may have."""
KINDS = ("CONDITION", "TRANSFORM")
ENABLED_AT = ("ALL", "CLIENT", "GATEWAY", "SERVER", "NONE")
TWO_WAY_MODES = ("UPDOWN", "WRITEREAD")
MOST_RULES = 200

_RULE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_RULE_MEMBERS = ("name", "doc", "kind", "mode", "type", "expr", "onSuccess", "onFailure")


def read_metadata(sent: Any) -> Json | None:
    """Return *sent* as metadata: `tags`, `properties`, `sensitive`; None where it says nothing.

    Raises:
        MetadataInvalid: it does not have that form; says where.
    """
    if sent is None:
        return None
    problems: list[Problem] = []
    if not isinstance(sent, Mapping):
        raise MetadataInvalid("The metadata is not an object", [Problem("/metadata", "not an object")])
    metadata: Json = {}
    for name, read in (("tags", _tags), ("properties", _texts_by_name), ("sensitive", _texts)):
        value = sent.get(name)
        if value:
            metadata[name] = read(value, ("metadata", name), problems)
    if problems:
        raise MetadataInvalid(f"Invalid metadata: {problems[0]}", problems)
    return metadata or None


def require_nothing_secret(metadata: Mapping[str, Any] | None) -> None:
    """Pass, or refuse values of properties that `sensitive` names: the ledger would keep them in plain text.

    A name without a value is accepted.

    Raises:
        MetadataInvalid
    """
    properties = (metadata or {}).get("properties", {})
    secret = [name for name in (metadata or {}).get("sensitive", ()) if name in properties]
    if secret:
        names = ", ".join(repr(name[:200]) for name in secret[:5])
        raise MetadataInvalid(
            f"Marked sensitive: {names}. The ledger keeps metadata in plain text and is not encrypted: "
            "keep the value in a store of secrets, and its name there in the property",
            [Problem(pointer("metadata", "properties", name), "sensitive, and kept in plain text") for name in secret],
        )


def read_rule_set(sent: Any) -> Json | None:
    """Return *sent* as a rule set: lists of rules and `enableAt`; None where it says nothing.

    Raises:
        RuleSetInvalid: it does not have that form; says where.
    """
    if sent is None:
        return None
    if not isinstance(sent, Mapping):
        raise RuleSetInvalid("The rule set is not an object", [Problem("/ruleSet", "not an object")])
    problems: list[Problem] = []
    rule_set: Json = {}
    for list_name in RULE_LISTS:
        rules = sent.get(list_name)
        if rules:
            rule_set[list_name] = _rules(rules, list_name, problems)
    enabled_at = sent.get("enableAt")
    if enabled_at is not None:
        if enabled_at not in ENABLED_AT:
            problems.append(Problem("/ruleSet/enableAt", f"not one of {', '.join(ENABLED_AT)}"))
        rule_set["enableAt"] = enabled_at
    if not problems:
        problems.extend(_names_used_twice(rule_set))
    if problems:
        raise RuleSetInvalid(f"Invalid rule set: {problems[0]}", problems)
    return rule_set or None


def merge_metadata(*layers: Mapping[str, Any] | None) -> Json | None:
    """Lay metadata over one another, the last one on top: tags add up by path, properties by name."""
    tags: dict[str, list[str]] = {}
    properties: dict[str, str] = {}
    sensitive: list[str] = []
    for layer in layers:
        for path, names in (layer or {}).get("tags", {}).items():
            tags[path] = list(dict.fromkeys((*tags.get(path, ()), *names)))
        properties.update((layer or {}).get("properties", {}))
        sensitive.extend((layer or {}).get("sensitive", ()))
    merged = {"tags": tags, "properties": properties, "sensitive": list(dict.fromkeys(sensitive))}
    return {name: value for name, value in merged.items() if value} or None


def merge_rule_sets(*layers: Mapping[str, Any] | None) -> Json | None:
    """Lay rule sets over one another, the last one on top: a rule takes the place of one with its name."""
    merged: Json = {}
    for layer in layers:
        for list_name in RULE_LISTS:
            rules = (layer or {}).get(list_name)
            if rules:
                named = {one["name"] for one in rules}
                kept = [one for one in merged.get(list_name, ()) if one["name"] not in named]
                merged[list_name] = [*kept, *rules]
        if (layer or {}).get("enableAt"):
            merged["enableAt"] = (layer or {})["enableAt"]
    return merged or None


def without_rules(rule_set: Mapping[str, Any] | None, names: Iterable[str]) -> Json | None:
    """Return *rule_set* less the rules of these *names*."""
    gone = frozenset(names)
    left: Json = {}
    for key, value in (rule_set or {}).items():
        kept = [one for one in value if one["name"] not in gone] if key in RULE_LISTS else value
        if kept:
            left[key] = kept
    return left or None


def _tags(value: Any, steps: tuple[str, ...], problems: list[Problem]) -> Json:
    if not isinstance(value, Mapping):
        problems.append(Problem(pointer(*steps), "not an object of path patterns"))
        return {}
    return {path: _texts(names, (*steps, path), problems) for path, names in value.items() if names}


def _texts_by_name(value: Any, steps: tuple[str, ...], problems: list[Problem]) -> Json:
    if not isinstance(value, Mapping):
        problems.append(Problem(pointer(*steps), "not an object of strings"))
        return {}
    problems.extend(
        Problem(pointer(*steps, name), "not a string")
        for name, text in value.items()
        if text is not None and not isinstance(text, str)
    )
    return {name: text for name, text in value.items() if text is not None}


def _texts(value: Any, steps: tuple[str, ...], problems: list[Problem]) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        problems.append(Problem(pointer(*steps), "not a list of strings"))
        return []
    return list(dict.fromkeys(value))


def _rules(value: Any, list_name: str, problems: list[Problem]) -> list[Json]:
    if not isinstance(value, list):
        problems.append(Problem(pointer("ruleSet", list_name), "not a list of rules"))
        return []
    if len(value) > MOST_RULES:
        problems.append(Problem(pointer("ruleSet", list_name), f"more than {MOST_RULES} rules"))
        return []
    rules = []
    for index, sent in enumerate(value):
        where = ("ruleSet", list_name, str(index))
        if isinstance(sent, Mapping):
            rules.append(_rule(sent, where, RULE_LISTS[list_name], problems))
        else:
            problems.append(Problem(pointer(*where), "not an object"))
    return rules


def _rule(sent: Mapping[str, Any], where: tuple[str, ...], modes: tuple[str, ...], problems: list[Problem]) -> Json:
    found = dict(_wrong_members(sent, modes))
    problems.extend(Problem(pointer(*where, member), message) for member, message in found.items())
    rule: Json = {member: sent[member] for member in _RULE_MEMBERS if sent.get(member) is not None}
    if sent.get("tags"):
        rule["tags"] = _texts(sent["tags"], (*where, "tags"), problems)
    if sent.get("params"):
        rule["params"] = _texts_by_name(sent["params"], (*where, "params"), problems)
    if sent.get("disabled"):
        rule["disabled"] = True
    return rule


def _wrong_members(sent: Mapping[str, Any], modes: tuple[str, ...]) -> Iterable[tuple[str, str]]:
    """Yield each member of a rule that is not what it has to be, and what that is."""
    name, kind, disabled = sent.get("name"), sent.get("type"), sent.get("disabled")
    if not (isinstance(name, str) and _RULE_NAME.fullmatch(name)):
        yield "name", "not a letter or '_' followed by letters, digits, '_', '-' or '.'"
    if not (isinstance(kind, str) and kind.strip()):
        yield "type", "a rule needs a type, such as CEL"
    if sent.get("kind") not in (None, *KINDS):
        yield "kind", f"not one of {', '.join(KINDS)}"
    if sent.get("mode") not in modes:
        yield "mode", f"not one of {', '.join(modes)}"
    if disabled is not None and not isinstance(disabled, bool):
        yield "disabled", "not true or false"
    for member in ("doc", "expr"):
        if sent.get(member) is not None and not isinstance(sent[member], str):
            yield member, "not a string"
    for member in ("onSuccess", "onFailure"):
        message = _wrong_action(sent.get(member), sent.get("mode"))
        if message:
            yield member, message


def _wrong_action(action: Any, mode: Any) -> str:
    """One action, or two joined by a comma, which only a mode of two directions can tell apart."""
    if action is None:
        return ""
    if not isinstance(action, str):
        return "not a string"
    if "," in action and mode not in TWO_WAY_MODES:
        return f"two actions need a mode of two directions: {' or '.join(TWO_WAY_MODES)}"
    return "at most two actions: one for each direction" if action.count(",") > 1 else ""


def _names_used_twice(rule_set: Mapping[str, Any]) -> Iterable[Problem]:
    seen: set[str] = set()
    for list_name in RULE_LISTS:
        for index, rule in enumerate(rule_set.get(list_name, ())):
            if rule["name"] in seen:
                yield Problem(pointer("ruleSet", list_name, index, "name"), f"{rule['name']!r} names two rules")
            seen.add(rule["name"])
