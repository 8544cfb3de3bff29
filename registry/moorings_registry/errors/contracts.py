"""Names, kinds, topics and lives of events."""

from collections.abc import Sequence
from typing import Any

from moorings_compat import Problem
from moorings_registry.errors.refusal import LONGEST_PAYLOAD, Refusal, printable


class NameRefused(Refusal):
    code = "NAME_REFUSED"
    title = "Name violates the domain's policy"
    audience = "owner"
    fix = (
        "Name a fact in the past tense, such as OrderPlaced, and a command in the imperative, such as PlaceOrder, "
        "within the producing domain."
    )


class KindRefused(Refusal):
    code = "KIND_REFUSED"
    title = "The domain has no events of this kind"
    audience = "owner"
    fix = "Declare the event as a kind that the message names, or add its kind to `kinds` in the domain's policy."


class EventInvalid(Refusal):
    code = "EVENT_INVALID"
    title = "The event cannot be declared as requested"
    audience = "owner"
    fix = "Fix the locations listed in `errors`."


class EventOutsideDomains(Refusal):
    code = "EVENT_OUTSIDE_DOMAINS"
    title = "Only events of registered domains are declared"
    audience = "owner"
    fix = "Register the domain first, with PUT /v1/domains/{domain}, and name the event within it."

    def __init__(self, subject: object) -> None:
        super().__init__(f"'{printable(str(subject))}' belongs to no registered domain, so it cannot be declared")


class TopicTaken(Refusal):
    code = "TOPIC_TAKEN"
    title = "The topic belongs to other events"
    audience = "owner"
    fix = "Choose another topic, or agree with the owner of those events."

    def __init__(self, topic: str, why: str, place: str) -> None:
        message = f"Topic '{topic}' cannot be bound or named here: {why}"
        super().__init__(message, [Problem(place, message)] if place else ())


class TopicSubjectDiffers(Refusal):
    """A subject with the name of the topic holds something that is not a revision of the topic's events."""

    code = "TOPIC_SUBJECT_DIFFERS"
    title = "The topic already has schemas that its event does not have"
    audience = "owner"
    fix = "Register what the message names as a revision of the event first, or delete it, and bind the topic then."

    def __init__(self, name: object, version: int, events: Sequence[str], place: str) -> None:
        known = " or ".join(f"'{one}'" for one in events) or "what the topic carries"
        message = f"Version {version} of '{name}' is not a revision of {known}"
        super().__init__(message, [Problem(place, message)])


class TopicAmbiguous(Refusal):
    """The topic carries several events, so its own name does not say which one is meant."""

    code = "TOPIC_AMBIGUOUS"
    title = "The topic carries several events"
    fix = (
        "Set the client's subject name strategy to RecordNameStrategy or TopicRecordNameStrategy; the message has the "
        "names that these give."
    )

    def __init__(self, subject: object, topic: str, events: Sequence[Any]) -> None:
        """*events* are subjects that it carries, as far as the caller may know."""
        self.subject = subject
        self.topic = topic
        self.events = tuple(events)
        names = f", such as '{events[0].name}'" if events else ""
        both = f", such as '{topic}-{events[0].name}'" if events else ""
        super().__init__(
            f"Topic '{topic}' carries several events, and '{printable(str(subject))}' does not say which one: use the "
            f"name of the record{names}, or of topic and record{both}"
        )

    def among(self, events: Sequence[Any]) -> "TopicAmbiguous":
        """The same, for a caller who sees *events* alone."""
        return TopicAmbiguous(self.subject, self.topic, events)


class DeclaredFieldMissing(Refusal):
    """The schema lacks a field that the event's declaration points to."""

    code = "DECLARED_FIELD_MISSING"
    title = "The schema has no field that the event's declaration names"
    audience = "owner"
    fix = (
        "Keep the field, or change replay and idempotency of the event first: PUT /v1/events/{subject}. "
        "PUT /v1/domains/{domain}/contracts changes both together."
    )


class TypeNameRefused(Refusal):
    code = "TYPE_NAME_REFUSED"
    title = "Type name violates the domain's policy"
    audience = "owner"
    fix = "Give the type inside the schema the name of the event, or set type_names to any in the domain's policy."

    def __init__(self, subject: object, event: str, names: Sequence[str]) -> None:
        shown = ", ".join(f"'{name[:200]}'" for name in names[:5])
        kind = "the type" if len(names) == 1 else "the types"
        verb = "is" if len(names) == 1 else "are"
        needed = f"it has to be named '{event}'" if len(names) == 1 else f"one has to be named '{event}'"
        super().__init__(f"{kind} inside the schema of '{subject}' {verb} named {shown}: {needed}")
        self.names = tuple(names)


class MajorUnknown(Refusal):
    code = "MAJOR_UNKNOWN"
    title = "Major not found"
    fix = "Name a major that is there; a registration may open the next one, too."

    def __init__(self, subject: object, major: int, newest: int) -> None:
        there = "has one major, 1" if newest == 1 else f"has majors 1 to {newest}"
        super().__init__(
            f"Subject '{subject}' {there}; major {major} is neither there nor the next one"
            if newest
            else f"Subject '{subject}' has no versions yet, so its first major is 1, not {major}"
        )


class MajorRetired(Refusal):
    code = "MAJOR_RETIRED"
    title = "Major retired"
    audience = "owner"
    fix = "Use the major that the message names, or a newer one; a waiver of kind retire brings a retired major back."

    def __init__(self, subject: object, major: int, instead: str = "") -> None:
        super().__init__(f"{retired_text(subject, major)} and accepts no new revisions{instead}")


def retired_text(subject: object, major: int) -> str:
    """The beginning of a sentence about a retired major."""
    return f"Major {major} of '{printable(str(subject))}' is retired"


class LifecycleInvalid(Refusal):
    code = "LIFECYCLE_INVALID"
    title = "The lifecycle cannot be set as requested"
    audience = "owner"
    fix = "Fix the locations listed in `errors`."


class MigrationInvalid(Refusal):
    code = "MIGRATION_INVALID"
    title = "Not a mapping between majors"
    audience = "owner"
    fix = "Fix the locations listed in `errors`; docs/replay.md describes every step."


class MigrationUnfit(Refusal):
    """The event in the message is made up."""

    code = "MIGRATION_UNFIT"
    title = "The mapping does not lead to valid events of the next major"
    audience = "owner"
    fix = "Change the mapping with PUT /v1/events/{subject}/majors/{major}/migration so that it fits both schemas."

    def __init__(self, subject: object, major: int, fault: str, payload: str) -> None:
        shown = payload if len(payload) <= LONGEST_PAYLOAD else f"{payload[:LONGEST_PAYLOAD]}..."
        mapping = f"The mapping from major {major - 1} to {major} of '{printable(str(subject))}'"
        super().__init__(f"{mapping} fails ({fault}) for the event {shown}")


class RetirementBlocked(Refusal):
    code = "RETIREMENT_BLOCKED"
    title = "The major cannot be retired yet"
    audience = "owner"
    fix = "Remove what `errors` lists, wait until the earliest day, or have a waiver of kind retire granted."

    def __init__(self, subject: object, major: int, problems: Sequence[Problem], earliest: str) -> None:
        blocked = f"Major {major} of '{printable(str(subject))}' cannot be retired yet: {problems[0].message}"
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        day = f". The earliest day is {earliest}" if earliest else ""
        super().__init__(f"{blocked}{more}{day}", problems)


class MajorNotRetired(Refusal):
    code = "MAJOR_NOT_RETIRED"
    title = "Versions of a major that is not retired are not deleted"
    audience = "owner"
    fix = (
        "Deprecate and retire the major: `moorings deprecate` and `moorings retire`, or "
        "PUT /v1/events/{subject}/majors/{major}. A waiver of kind retire lets its versions be deleted before."
    )

    def __init__(self, subject: object, major: int, domain: str) -> None:
        super().__init__(
            f"Major {major} of '{printable(str(subject))}' is in use and domain '{domain}' keeps its promises, so its "
            f"versions cannot be deleted: retire it with `moorings retire {printable(str(subject))}@{major}`"
        )
