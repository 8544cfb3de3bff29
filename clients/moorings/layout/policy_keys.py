"""The keys of ``[policy]`` in a `domain.toml`, and what each may say."""

from collections.abc import Mapping
from typing import Any

from moorings.layout.toml_reader import Table, TomlReader
from moorings_compat import Dialect, JsonFields, Level, ProtobufLevel
from moorings_compat.event_names import EventKind

CHOICES: Mapping[str, tuple[str, ...]] = {
    "level": tuple(Level),
    "names": ("past_tense", "any"),
    "formats": ("asserted", "annotations"),
    "json_fields": tuple(JsonFields),
    "type_names": ("event", "any"),
    "internal": ("strip", "flag"),
    "json_dialect": tuple(Dialect),
    "protobuf_level": tuple(ProtobufLevel),
}
"""Keys with one of several values."""
KINDS = tuple(EventKind)
DEFAULT_KINDS = (EventKind.FACT, EventKind.TYPE)
DAYS = ("notice_days", "quiet_days")
"""Keys with a number of days."""
POLICY_KEYS = (*CHOICES, *DAYS, "kinds", "complete")


def read_policy(reader: TomlReader, found: Table) -> Mapping[str, Any]:
    """Return what a domain's own policy sets; what cannot be used is an issue, and left out."""
    table = reader.table(found, "policy")
    if table is None:
        return {}
    reader.only(table, POLICY_KEYS, "policy")
    policy: dict[str, Any] = {}
    for key, allowed in CHOICES.items():
        chosen = reader.choice(table, key, allowed, "policy", default="") if key in table else ""
        if chosen:
            policy[key] = chosen
    for key in DAYS:
        days = reader.count(table, key, "policy")
        if days is not None:
            policy[key] = days
    if "kinds" in table:
        kinds = reader.texts(table, "kinds", "policy", example="fact")
        for kind in kinds:
            if kind not in KINDS:
                reader.refuse(f"policy.kinds has {kind!r}", f"Choose from {', '.join(KINDS)}.", "policy", "kinds")
        policy["kinds"] = [kind for kind in dict.fromkeys(kinds) if kind in KINDS]
    if "complete" in table:
        policy["complete"] = reader.flag(table, "complete", "policy", default=True)
    return policy
