"""Reviews: what people say about a change that was refused or checked, who acts on it, and that it is handled."""

import re
from dataclasses import dataclass

from moorings_compat import Problem
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.errors import ReportNotFound, RequestInvalid
from moorings_registry.facts import CheckReviewed
from moorings_registry.modes import require_settable
from moorings_registry.names import REGISTRY_SCOPE, Subject
from moorings_registry.reviews import assignee_of, is_handled
from moorings_registry.state import State

LONGEST_COMMENT = 2_000
LONGEST_ASSIGNEE = 200
MOST_REVIEWS = 200
"""Of one check."""
_REPORT = re.compile(r"report:([1-9][0-9]{0,18})")
_CHECK = re.compile(r"check:[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class ReviewCheck:
    """Say something about a check; its members are described at `facts.CheckReviewed`.

    Whoever makes the command has found the kept check, and with it the subject; a report is looked up here.
    """

    about: str
    subject: Subject
    comment: str = ""
    assignee: str | None = None
    handled: bool | None = None


def review_check(state: State, command: ReviewCheck, dependencies: Dependencies) -> Decision:
    """Decide what is said; what is so already is nothing new.

    Raises:
        ReportNotFound: there is no such report of the subject.
        RequestInvalid: too long, too much, or nothing is said.
        OperationNotPermitted: the registry is read-only.
    """
    _require_known(state, command)
    said = state.reviews.get(command.about, ())
    comment, assignee = command.comment.strip(), command.assignee
    assignee = assignee.strip() if assignee is not None else None
    _require_short(comment, assignee or "", len(said))
    outcome = Outcome(subject=str(command.subject))
    if assignee == assignee_of(said):
        assignee = None
    handled = None if command.handled == is_handled(said) else command.handled
    if not comment and assignee is None and handled is None:
        if command.comment or command.assignee is not None or command.handled is not None:
            return Decision((), outcome)
        raise RequestInvalid("Nothing is said about the check", [Problem("", "give comment, assignee or handled")])
    require_settable(state, REGISTRY_SCOPE)
    by = dependencies.principal.name
    return Decision((CheckReviewed(command.about, str(command.subject), comment, assignee, handled, by),), outcome)


def _require_known(state: State, command: ReviewCheck) -> None:
    named = _REPORT.fullmatch(command.about)
    if named is not None:
        record = state.check_at(int(named[1]))
        if record is None or record.subject != command.subject:
            raise ReportNotFound(named[1])
    elif _CHECK.fullmatch(command.about) is None:
        raise RequestInvalid("The review is not about a report or a kept check", [Problem("/about", "unknown")])


def _require_short(comment: str, assignee: str, count: int) -> None:
    problems = [
        Problem(place, f"longer than {most} characters")
        for place, text, most in (("/comment", comment, LONGEST_COMMENT), ("/assignee", assignee, LONGEST_ASSIGNEE))
        if len(text) > most
    ]
    if count >= MOST_REVIEWS:
        problems.append(Problem("", f"the check has {MOST_REVIEWS} reviews already"))
    if problems:
        raise RequestInvalid("The review cannot be recorded", problems)
