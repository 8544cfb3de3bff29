"""What a definition gets from where it is registered: a text that it leaves out, its normal form, its contract."""

from dataclasses import replace

from moorings_compat import Problem
from moorings_registry.commands.candidate import Candidate, Draft, read_candidate
from moorings_registry.commands.contracts import require_conditions_compile
from moorings_registry.errors import FieldReserved, SchemaInvalid
from moorings_registry.lifecycle import latest_in_use
from moorings_registry.names import Subject
from moorings_registry.policy import config_value
from moorings_registry.schema_cache import SchemaCache
from moorings_registry.schema_contents.field_names import field_names
from moorings_registry.schema_contents.metadata import merge_metadata, merge_rule_sets, require_nothing_secret
from moorings_registry.state import Definition, State

RESERVED = "confluent:reserved"
"""The metadata property that lists field names that must stay unused, joined by commas."""


def complete(state: State, subject: Subject, draft: Draft) -> Draft:
    """Fill in what *draft* leaves to the subject.

    Without a text, but with metadata or rules, it stands for the latest version's text. The setting ``normalize``
    counts like the wish for it.

    Raises:
        SchemaInvalid: neither of them has a text.
    """
    draft = as_compared(state, subject, draft)
    if draft.text:
        return draft
    latest = _latest(state, subject)
    if latest is None or (draft.metadata is None and draft.rule_set is None):
        raise SchemaInvalid("there is no schema in the request", [Problem("/schema", "empty")])
    return replace(draft, format=latest.format, text=latest.text, references=latest.references)


def as_compared(state: State, subject: Subject, draft: Draft) -> Draft:
    """Return *draft*, to be read in its normal form where it asks for that or the setting ``normalize`` does."""
    if draft.normalize or not config_value(state, subject, "normalize"):
        return draft
    return replace(draft, normalize=True)


def under_contract(state: State, subject: Subject, draft: Draft, *, inherits: bool) -> Draft:
    """Lay the subject's defaults under the metadata and rules of *draft*, and its overrides over them.

    With *inherits*, what a draft does not mention comes from the latest version.
    """
    latest = _latest(state, subject) if inherits else None
    metadata = merge_metadata(
        config_value(state, subject, "defaultMetadata"),
        latest.metadata if draft.metadata is None and latest else draft.metadata,
        config_value(state, subject, "overrideMetadata"),
    )
    rule_set = merge_rule_sets(
        config_value(state, subject, "defaultRuleSet"),
        latest.rule_set if draft.rule_set is None and latest else draft.rule_set,
        config_value(state, subject, "overrideRuleSet"),
    )
    if metadata is None and rule_set is None and draft.metadata is None and draft.rule_set is None:
        return draft
    # An empty object stays one: the search for a version that is there already has to see that none was asked for.
    return replace(
        draft,
        metadata=metadata if metadata or draft.metadata is None else {},
        rule_set=rule_set if rule_set or draft.rule_set is None else {},
    )


def prepare(
    state: State, subject: Subject, draft: Draft, schema_cache: SchemaCache, *, inherits: bool = True
) -> Candidate:
    """Read *draft* as it would be registered under *subject*.

    Raises:
        What `complete`, `read_candidate`, `require_nothing_secret`, `require_fields_allowed` and
        `require_conditions_compile` raise.
    """
    whole = under_contract(state, subject, complete(state, subject, draft), inherits=inherits)
    candidate = read_candidate(state, whole, subject, schema_cache)
    require_nothing_secret(candidate.metadata)
    require_fields_allowed(state, subject, candidate)
    require_conditions_compile(state, subject, candidate)
    return candidate


def require_fields_allowed(state: State, subject: Subject, candidate: Candidate) -> None:
    """Pass, or refuse names of fields that the contract keeps unused. Only where ``validateFields`` asks for it.

    Raises:
        FieldReserved: such a field is declared, or a name is no longer kept.
    """
    if not config_value(state, subject, "validateFields"):
        return
    reserved = _reserved(candidate.metadata)
    used = sorted(reserved & field_names(candidate.schema))
    if used:
        raise FieldReserved(
            subject,
            f"fields with the reserved names {', '.join(used)}",
            [Problem("", f"the field {name} is reserved") for name in used],
        )
    latest = _latest(state, subject)
    freed = sorted(_reserved(latest.metadata) - reserved) if latest else []
    if freed:
        raise FieldReserved(
            subject,
            f"the reserved names {', '.join(freed)} of the previous version are missing",
            [Problem("/metadata/properties", f"{RESERVED} does not list {name} any more") for name in freed],
        )


def _reserved(metadata: object) -> set[str]:
    listed = metadata.get("properties", {}).get(RESERVED, "") if isinstance(metadata, dict) else ""
    return {name.strip() for name in listed.split(",") if name.strip()}


def _latest(state: State, subject: Subject) -> Definition | None:
    held = state.subject(subject)
    latest = latest_in_use(held) if held else None
    return state.definitions[latest.guid] if latest else None
