"""The errors that rules add: an event for the dead letters, and an action that fails."""

from collections.abc import Mapping

from moorings.errors import EventInvalid, EventUnreadable, MooringsError
from moorings.rules.rule_set import Rule
from moorings.violations import Violation


class ActionFailed(MooringsError):
    """An action of the service raised a Python error, which is the cause of this one."""

    code = "RULE_ACTION_FAILED"

    def __init__(self, subject: str, rule: str, action: str) -> None:
        super().__init__(f"{subject}: the action {action} of rule {rule} failed")
        self.subject = subject
        self.rule = rule
        self.action = action


class EventForDeadLetters(MooringsError):
    """A rule sends the event to the dead letters (`onFailure` DLQ).

    On produce it is an `EventInvalid` too, on consume an `EventUnreadable`: `violations` has every reason. The error
    holds nothing of the event itself, which its caller has.
    """

    subject: str
    violations: tuple[Violation, ...]
    rule: str
    """The name of the first rule that sends it there."""
    mode: str
    """``WRITE``, ``READ``, ``UPGRADE`` or ``DOWNGRADE``."""
    topic: str | None
    """The topic that the rule's `dlq.topic` names; None where it names none."""
    params: Mapping[str, str]
    """The rule's settings."""

    def _note(self, rule: Rule, mode: str) -> None:
        self.rule = rule.name
        self.mode = mode
        self.topic = rule.params.get("dlq.topic") or None
        self.params = dict(rule.params)


class InvalidForDeadLetters(EventInvalid, EventForDeadLetters):
    """On produce."""

    code = "EVENT_FOR_DEAD_LETTERS"

    def __init__(self, base: EventInvalid, rule: Rule, mode: str) -> None:
        super().__init__(base.subject, base.version, base.violations)
        self._note(rule, mode)


class UnreadableForDeadLetters(EventUnreadable, EventForDeadLetters):
    """On consume."""

    code = "EVENT_FOR_DEAD_LETTERS"

    def __init__(self, base: EventUnreadable, rule: Rule, mode: str) -> None:
        super().__init__(
            base.subject, base.writer_version, base.reader_version, base.reason, base.path, base.violations
        )
        self._note(rule, mode)
