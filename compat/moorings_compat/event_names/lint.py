"""The lint of the names of events: a name in, a verdict with its reason and a better name out."""

from moorings_compat.event_names.judgement import judge_words
from moorings_compat.event_names.reasons import case_sentence, sentence
from moorings_compat.event_names.splitting import is_pascal_case, shown, split_name
from moorings_compat.event_names.suggestion import suggest
from moorings_compat.event_names.verbs import LONGEST_WORD
from moorings_compat.event_names.verdict import NameVerdict, Verdict


def judge_event_name(event_name: str) -> NameVerdict:
    """Judge whether *event_name* is the name of a fact in the past tense.

    *event_name* is the last part of the subject, without a ``-key`` or ``-value`` suffix; of any length and of any
    characters. The words are judged alike in every style (order_placed, order.placed); that a name is not in
    PascalCase is `NameVerdict.case_problem`. Linear in its length.
    """
    parts = split_name(event_name)
    judged = judge_words([part.lower() for part in parts])
    fits = is_pascal_case(event_name)
    needed = judged.verdict is not Verdict.FACT or not fits
    suggestion = suggest(parts, judged) if needed else None
    word, last = (shown(parts[at], LONGEST_WORD) if parts else "''" for at in (judged.at, -1))
    return NameVerdict(
        judged.verdict,
        judged.reason,
        sentence(judged.verdict, judged.reason, name=shown(event_name), word=word, last=last, suggestion=suggestion),
        suggestion,
        None if fits else case_sentence(shown(event_name), suggestion),
    )


def past_tense_problem(event_name: str) -> str | None:
    """Say in one sentence what is wrong with *event_name* as the name of a fact; None when nothing is known to be."""
    judged = judge_event_name(event_name)
    if judged.case_problem:
        return judged.case_problem
    return judged.sentence if judged.verdict is Verdict.NOT_A_FACT else None
