"""The kinds of events, and what is wrong with a name as the name of one: facts, types and commands."""

from enum import StrEnum

from moorings_compat.event_names.lint import judge_event_name
from moorings_compat.event_names.splitting import is_pascal_case, shown, split_name
from moorings_compat.event_names.verbs import LONGEST_WORD, is_verb
from moorings_compat.event_names.verdict import Reason, Verdict


class EventKind(StrEnum):
    """What a contract is about."""

    FACT = "fact"
    """Something that happened, named in the past tense."""
    TYPE = "type"
    """A schema that others refer to; never produced by itself."""
    COMMAND = "command"
    """What somebody wants done, named in the imperative, for exactly one handler."""


def kind_name_problem(event_name: str, kind: EventKind, *, reviewed: bool = False) -> str | None:
    """Say in one sentence what is wrong with *event_name* as the name of a *kind*; None when nothing is known to be.

    *reviewed* says that somebody answered what the lint cannot tell; a name that is wrong for certain stays wrong.
    """
    if kind is EventKind.FACT:
        return _fact_problem(event_name, reviewed=reviewed)
    if kind is EventKind.COMMAND:
        return _command_problem(event_name, reviewed=reviewed)
    return None


def _fact_problem(event_name: str, *, reviewed: bool) -> str | None:
    judged = judge_event_name(event_name)
    if judged.case_problem:
        return judged.case_problem
    asked = judged.verdict is Verdict.ASK and not reviewed
    return judged.sentence if asked or judged.verdict is Verdict.NOT_A_FACT else None


def _command_problem(event_name: str, *, reviewed: bool) -> str | None:
    name = shown(event_name)
    if not is_pascal_case(event_name):
        return f"{name} is not in PascalCase: ASCII letters and digits, each word with a capital, such as PlaceOrder"
    judged, words = judge_event_name(event_name), split_name(event_name)
    if judged.verdict is Verdict.FACT:
        return f"{name} is not a command: it says what happened; name what is to be done, such as PlaceOrder"
    is_known = judged.reason is Reason.COMMAND or (len(words) > 1 and is_verb(words[0].lower()))
    if is_known or reviewed:
        return None
    front = shown(words[0], LONGEST_WORD)
    return (
        f"{name} may or may not be a command: {front} in front is not known as a verb; begin with the verb, such as "
        "PlaceOrder, or say in the event file that it names something to be done"
    )
