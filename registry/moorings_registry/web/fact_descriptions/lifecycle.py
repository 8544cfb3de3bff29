"""Facts about the lives of majors, as sentences."""

from moorings_registry import facts
from moorings_registry.state import MajorState
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, brief, event_phrase
from moorings_registry.web.labels import counted, listed


def _first_lifecycle_changed(fact: facts.FirstMajorLifecycleChanged, position: int) -> Sentence:
    return _lifecycle_changed(facts.MajorLifecycleChanged(fact.subject, fact.major, fact.state, fact.sunset), position)


def _lifecycle_changed(fact: facts.MajorLifecycleChanged, _position: int) -> Sentence:
    state = "a draft" if fact.state == MajorState.DRAFT else fact.state
    told = f" is {state}" + (f", with sunset on {fact.sunset}." if fact.sunset else ".")
    told += f" Its replacement is {fact.replacement}." if fact.replacement else ""
    return Sentence("past", "clock", (Phrase(f"Major {fact.major} of "), event_phrase(fact.subject), Phrase(told)))


def _migration_changed(fact: facts.MajorMigrationChanged, _position: int) -> Sentence:
    told = f"has {counted(len(fact.steps), 'step')}." if fact.steps else "was taken away."
    told = f"does not exist: {brief(fact.reason)}" if fact.reason else told
    which = f" from major {fact.major - 1} to {fact.major} "
    return Sentence("calm", "note", (Phrase("The mapping of "), event_phrase(fact.subject), Phrase(which + told)))


def _majors_held(fact: facts.MajorsHeld, _position: int) -> Sentence:
    scope = fact.scope.removeprefix("domain:")
    if not fact.policy:
        return Sentence(
            "warn", "note", (Phrase(f"A waiver released the open majors of {scope} from earlier policies."),)
        )
    kept = listed([f"{name} {value}" for name, value in fact.policy.items()])
    return Sentence("calm", "note", (Phrase(f"The open majors of {scope} stay held to {kept}."),))


def _sunset_reminded(fact: facts.SunsetReminded, _position: int) -> Sentence:
    further = [counted(fact.further, "more reader")] if fact.further else []
    who = listed([*(brief(one) for one in fact.readers[:3]), *further])
    if len(fact.readers) > 3:
        who = f"{listed([brief(one) for one in fact.readers[:3]])} and {len(fact.readers) - 3 + fact.further} more"
    reads = "reads" if len(fact.readers) + fact.further == 1 else "read"
    when = (
        f", the sunset of which was on {fact.sunset}." if not fact.days else f", the sunset of which is {fact.sunset}."
    )
    return Sentence(
        "past",
        "clock",
        (Phrase(f"{who} still {reads} major {fact.major} of "), event_phrase(fact.subject), Phrase(when)),
    )


TELLERS: Tellers = {
    facts.MajorsHeld: _majors_held,
    facts.FirstMajorLifecycleChanged: _first_lifecycle_changed,
    facts.MajorLifecycleChanged: _lifecycle_changed,
    facts.MajorMigrationChanged: _migration_changed,
    facts.SunsetReminded: _sunset_reminded,
}
