"""The words, tones and icons that the pages use for the values of the registry.

A tone is a class of the style sheet. Nothing is shown by its colour alone: every tone comes with an icon and a word.
"""

from dataclasses import dataclass
from typing import Any

from moorings_compat import Format, Level, Promise, Severity, Verdict
from moorings_compat.event_names import EventKind
from moorings_compat.impact import ImpactStatus
from moorings_registry.check_keeping import Fate
from moorings_registry.deprecation_calendar import DateKind
from moorings_registry.inbox import InboxKind
from moorings_registry.questions import Said
from moorings_registry.state import MajorState, WaiverKind


@dataclass(frozen=True, slots=True)
class Sign:
    """A word with the tone and the icon that go with it."""

    word: str
    tone: str
    icon: str
    hint: str = ""


VERDICTS: dict[str, Sign] = {
    Verdict.COMPATIBLE: Sign("Compatible", "good", "check", "Proven: whatever is written can be read."),
    Verdict.BREAKING: Sign("Breaking", "bad", "cross", "Refuted: a payload shows that a promise would break."),
    Verdict.UNDECIDED: Sign("Undecided", "open", "question", "Neither proven nor refuted, and refused like a break."),
    Verdict.UNCHECKED: Sign("Unchecked", "open", "question", "Nothing was compared, so nothing is proven."),
}
WAIVED = Sign("Waived", "bad", "warn", "Two people let it break the revisions before it.")
UNMET = Sign("Not met", "bad", "cross", "It was accepted under less than its major is held to now.")
ALLOWED = Sign("Allowed", "good", "check")
NOT_ALLOWED = Sign("Not allowed", "bad", "cross")
GRANT_IN_FORCE = Sign("In force", "good", "check")
GRANT_ENDED = Sign("Ended", "calm", "archive")
WAIVER_OPEN = Sign("Open", "bad", "warn", "A rule of governance is suspended.")
WAIVER_WAITS = Sign("Waits", "open", "clock", "It suspends nothing until somebody else approves it.")
WAIVER_ENDED = Sign("Ended", "calm", "archive")
WAIVER_UNUSED = Sign("Never used", "bad", "question", "It ended, or will end, without having been used.")
WEBHOOK_STATES: dict[str, Sign] = {
    "current": Sign("Current", "good", "check", "The receiver has everything."),
    "delivering": Sign("Delivering", "calm", "replay"),
    "failing": Sign("Failing", "bad", "warn", "The last attempt failed, and is repeated."),
    "stopped": Sign("Stopped", "past", "archive", "Its author may no longer know what happens there."),
}
WAIVER_KINDS: dict[str, str] = {
    WaiverKind.LEVEL: "a policy or level that asks for less",
    WaiverKind.IMPORT: "imports, unchecked",
    WaiverKind.PURGE: "permanently deleted revisions stop counting",
    WaiverKind.RETIRE: "a major that is retired early, or brought back",
    WaiverKind.FINDING: "one change that breaks its major",
}
CONSUMER_DECLARED = Sign("Declared", "good", "check", "It says itself what it reads.")
CONSUMER_EXPIRED = Sign("Expired", "past", "clock", "Not renewed for 180 days; it counts nevertheless.")
CONSUMER_OBSERVED = Sign("Observed", "open", "question", "Its client reports that it reads; nobody knows which fields.")
ANSWERS: dict[str, Sign] = {
    Said.YES: Sign("Yes", "good", "check"),
    Said.NO: Sign("No", "bad", "cross"),
    Said.UNKNOWN: Sign("Unknown", "open", "question", "Absence of data is not safety."),
}
IMPACTS: dict[str, Sign] = {
    ImpactStatus.BROKEN: Sign("Broken", "bad", "cross", "A payload shows that it cannot read its fields."),
    ImpactStatus.UNKNOWN: Sign("Unknown", "open", "question", "Nobody knows whether it reads what changes."),
    ImpactStatus.AFFECTED: Sign("Affected", "past", "warn", "Something changes for it, and no payload breaks it."),
    ImpactStatus.UNAFFECTED: Sign("Unaffected", "good", "check", "All that it reads stays the same."),
}
ABOVE_EXPECTED = Sign("Above", "bad", "warn", "More than the event is planned for.")
ENGINES_DISAGREE = Sign("Engines disagree", "open", "swap", "A consumer with the other engine sees another result.")
ACCEPTED = Sign("Accepted", "good", "check")
REFUSED = Sign("Refused", "bad", "cross")

HANDLED = Sign("Handled", "good", "check", "Nothing is left to be done.")
NOT_HANDLED = Sign("Open", "open", "question", "Nobody has marked it as handled.")
ABOVE_USUAL = Sign("Above its usual", "bad", "warn", "Today or yesterday has more than twice what a day usually has.")
INBOX_KINDS: dict[str, Sign] = {
    InboxKind.TRANSFER: Sign("Domain offered", "open", "people"),
    InboxKind.WAIVER: Sign("Waiver asked for", "open", "question"),
    InboxKind.REFUSED: Sign("Refused", "bad", "cross"),
    InboxKind.CHECKED: Sign("Check fails", "bad", "cross"),
    InboxKind.SUNSET: Sign("Sunset with readers", "past", "clock"),
    InboxKind.DRIFT: Sign("Drift", "bad", "warn"),
    InboxKind.EXPIRING: Sign("Waiver ends", "past", "clock"),
    InboxKind.UNMET: Sign("Policy not met", "bad", "warn"),
    InboxKind.UNOWNED: Sign("No owner", "open", "people"),
}
NEXT_ACTIONS: dict[str, str] = {
    InboxKind.TRANSFER: "accept or decline",
    InboxKind.WAIVER: "approve or deny",
    InboxKind.REFUSED: "read the report, answer it",
    InboxKind.CHECKED: "read the report, answer it",
    InboxKind.SUNSET: "see who still reads it",
    InboxKind.DRIFT: "see where it drifts",
    InboxKind.EXPIRING: "see what it was used for",
    InboxKind.UNMET: "see which revisions",
    InboxKind.UNOWNED: "find an owner for them",
}
"""What there is to do next about what waits."""
FATES: dict[str, Sign] = {
    Fate.REGISTERED: Sign("Registered", "good", "check", "The candidate is a version of its event now."),
    Fate.SUPERSEDED: Sign("Superseded", "calm", "archive", "The branch has another candidate since."),
    Fate.OUTDATED: Sign("Outdated", "past", "clock", "A revision was registered since that it was not compared with."),
    Fate.OPEN: Sign("Open", "open", "question", "Neither registered nor superseded yet."),
}

SEVERITIES: dict[str, Sign] = {
    Severity.BREAK: Sign("Break", "bad", "cross", "A payload is refused or misread."),
    Severity.UNDECIDED: Sign("Undecided", "open", "question", "Could not be decided."),
    Severity.CHANGES_MEANING: Sign("Changes meaning", "open", "swap", "Readable, but with another meaning."),
    Severity.WARNING: Sign("Warning", "calm", "warn", "Valid, but should be reviewed."),
}

TOLERATED = Sign("Tolerated", "calm", "note", "A policy tolerates it.")
BROKEN: dict[str, str] = {
    Promise.REPLAY_SAFE: "stored events of",
    Promise.CONSUMERS_SAFE: "today's consumers of",
}

LIVES: dict[str, Sign] = {
    MajorState.DRAFT: Sign("Draft", "open", "question", "Checked, and written inside its domain alone."),
    MajorState.ACTIVE: Sign("Active", "good", "check"),
    MajorState.DEPRECATED: Sign("Deprecated", "past", "clock", "Still served; consumers should migrate."),
    MajorState.RETIRED: Sign("Retired", "calm", "archive", "Accepts no new revisions."),
}
DECLARED = Sign("Declared", "calm", "note", "It has no version yet.")
KINDS: dict[str, Sign] = {
    EventKind.FACT: Sign("Fact", "calm", "check", "Something that happened."),
    EventKind.TYPE: Sign("Type", "calm", "note", "A schema that others refer to, never produced by itself."),
    EventKind.COMMAND: Sign("Command", "calm", "swap", "What is to be done, by exactly one handler."),
}
CALENDAR_DATES: dict[str, Sign] = {
    DateKind.DEPRECATION: Sign("Deprecated from", "calm", "clock", "Consumers should migrate."),
    DateKind.SUNSET: Sign("Sunset", "past", "archive", "The last day on which consumers may rely on it."),
}
SUNSET_OVER = Sign("Over", "bad", "warn", "The sunset has passed, and the major is not retired.")
DELETED = Sign("Deleted", "calm", "archive", "Hidden; its id still resolves.")

FORMATS: dict[str, str] = {Format.AVRO: "Avro", Format.JSON: "JSON Schema", Format.PROTOBUF: "Protobuf"}

PROMISES: dict[str, Sign] = {
    Promise.REPLAY_SAFE: Sign("Replay-safe", "calm", "replay", "New readers read stored events."),
    Promise.CONSUMERS_SAFE: Sign("Consumers-safe", "calm", "people", "Today's readers read new events."),
}

_BACKWARD = "new readers read stored events"
_FORWARD = "today's readers read new events"
LEVELS: dict[str, str] = {
    Level.NONE: "Nothing is checked.",
    Level.BACKWARD: f"Against the revision before: {_BACKWARD}.",
    Level.BACKWARD_TRANSITIVE: f"Over all revisions of the major: {_BACKWARD}.",
    Level.FORWARD: f"Against the revision before: {_FORWARD}.",
    Level.FORWARD_TRANSITIVE: f"Over all revisions of the major: {_FORWARD}.",
    Level.FULL: f"Against the revision before: {_BACKWARD}, and {_FORWARD}.",
    Level.FULL_TRANSITIVE: f"Over all revisions of the major: {_BACKWARD}, and {_FORWARD}.",
}

JSON_FIELDS: dict[str, str] = {
    "declared": "Writers write declared fields alone, and readers leave out what they do not declare.",
    "open": "Writers may write anything that validates, and readers validate it as it is.",
}

INTERNAL_FIELDS: dict[str, str] = {
    "strip": "Clients of applications outside the domain leave fields with the tag internal out.",
    "flag": "Clients of applications outside the domain read fields with the tag internal, and warn.",
}

TYPE_NAMES: dict[str, str] = {
    "event": "The type inside a schema has the name of its event.",
    "any": "The type inside a schema may have any name.",
}

POLICY_KEYS: dict[str, str] = {
    "level": "Level",
    "names": "Names of events",
    "formats": "JSON formats",
    "protobuf_level": "Protobuf level",
    "json_fields": "JSON fields",
    "json_dialect": "Foreign JSON dialects",
    "type_names": "Names of types",
    "internal": "Internal fields",
    "complete": "Facts are complete",
    "notice_days": "Days of notice",
    "quiet_days": "Days without use",
    "kinds": "Kinds of events",
}
"""What the pages call the members of a policy."""

_POLICY_VALUES: dict[str, dict[str, str]] = {
    "names": {"past_tense": "facts in the past tense, such as OrderPlaced", "any": "any name"},
    "formats": {"asserted": "format refuses values", "annotations": "format refuses nothing"},
    "protobuf_level": {
        "wire": "bytes on the wire stay readable",
        "json": "bytes and ProtoJSON stay readable",
        "source": "bytes, ProtoJSON and generated code stay as they are",
    },
    "json_fields": {
        "declared": "only declared fields are written and read",
        "open": "anything that validates is written and read",
    },
    "type_names": {"event": "the type has the name of its event", "any": "any name"},
    "internal": {
        "strip": "left out for readers outside the domain",
        "flag": "readers outside the domain get them, and a warning",
    },
    "complete": {
        "True": "facts say how they are replayed, identified and sized",
        "False": "facts need not say how they are replayed, identified and sized",
    },
    "json_dialect": {},
}
_DAYS_SAID = {
    "notice_days": "at least {} between deprecation and sunset",
    "quiet_days": "{} without use before a major is retired",
}


def policy_said(key: str, value: Any) -> str:
    """What a member of a policy asks for, in plain words, with the value that files and the API have."""
    if key in _DAYS_SAID:
        return _DAYS_SAID[key].format(counted(value, "day"))
    if key == "kinds":
        return listed([f"{one}s" for one in value]) if value else "none"
    if key == "json_dialect":
        return f"read as {value}"
    if key == "level":
        return f"{value}. {LEVELS[value]}"
    words = _POLICY_VALUES[key][str(value)]
    return words if isinstance(value, bool) else f"{words} ({value})"


_WEIGHED: dict[tuple[str, object], str] = {
    ("conditions", True): "conditions of rules count",
    ("formats_asserted", False): "formats of JSON Schema refuse nothing",
    ("lenient", True): "optional properties may come and go in open JSON models",
}
_WEIGHED_BY = {"json_fields": "fields of JSON events are", "protobuf_level": "Protobuf is compared as"}


def weighed(key: str, value: object) -> str:
    """Say how one member of a recorded policy (`policy.policy_record`) weighed the findings of a check."""
    return _WEIGHED.get((key, value)) or f"{_WEIGHED_BY.get(key, key)} {value}"


NAMINGS: dict[str, str] = {
    "past_tense": "Events are named as facts in the past tense, such as OrderPlaced.",
    "any": "Any name is allowed; meant for shared types.",
}


def titled(text: str) -> str:
    """Begin *text* with a capital, unless its first word is a name that has to stay as it is (``oneOf``, ``$ref``)."""
    first = text.partition(" ")[0]
    plain = first.isascii() and first.replace("'", "").isalpha() and first.islower()
    return text[:1].upper() + text[1:] if plain else text


def counted(count: int, noun: str, plural: str = "") -> str:
    """Write *count* with its noun: ``1 event``, ``1,204 events``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listed(words: list[str], most: int = 6) -> str:
    """Join *words* the way a sentence does: ``1.0, 1.1 and 1.2``; beyond *most* the rest is counted."""
    if len(words) > most:
        return f"{', '.join(words[: most - 1])} and {len(words) - most + 1} more"
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


VERBS = {
    "read": "see, compare and check schemas",
    "register": "add subjects and revisions",
    "govern": "change lifecycles, policies, owners and grants",
    "operate": "run the registry: modes, exporters, settings",
    "audit": "see who did and may do what",
}
"""What each verb allows, in few words."""
