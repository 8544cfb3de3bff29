"""Names of events: facts in the past tense, in PascalCase (``OrderPlaced``, never ``PlaceOrder``)."""

from moorings_compat.event_names.kinds import EventKind, kind_name_problem
from moorings_compat.event_names.lint import judge_event_name, past_tense_problem
from moorings_compat.event_names.verdict import NameVerdict, Reason, Verdict

__all__ = [
    "EventKind",
    "NameVerdict",
    "Reason",
    "Verdict",
    "judge_event_name",
    "kind_name_problem",
    "past_tense_problem",
]
