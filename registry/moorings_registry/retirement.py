"""What keeps a major from being retired, and until when. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from moorings_registry.drift.port import KEPT_DAYS
from moorings_registry.last_use import LAST_USE_DAYS
from moorings_registry.lifecycle import DAY, Use, days_after
from moorings_registry.names import Subject
from moorings_registry.policy import QUIET_DAYS, days_of_major
from moorings_registry.state import MajorState, State

MOST_LISTED = 20
"""Blockers of one kind that are listed."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason against retiring a major."""

    code: str
    """It never changes its meaning."""
    message: str
    until: str = ""
    """The day on which it ends by itself; empty where somebody has to do something."""


def blockers(
    state: State,
    subject: Subject,
    major: int,
    uses: Sequence[Use] | None,
    now: str,
    sees: Callable[[Subject], bool] = lambda _subject: True,
    used_since: str = "",
) -> tuple[Blocker, ...]:
    """List what keeps *major* from being retired at *now*; empty where it may be. Nothing does outside the domains.

    *uses* is who was seen to use it; None where nobody can say now, which is a reason of its own. Since *used_since*
    nobody is missing there; empty where that is known of the days of the counts alone. *sees* says which other subjects
    may be named.
    """
    return (
        *_deprecation(state, subject, major, now),
        *_referrers(state, subject, major, sees),
        *_archives(state, subject, major),
        *_consumers(state, subject, major),
        *_unknown_use(state, subject, major, now, uses, used_since),
        *_uses(state, subject, major, now, uses or ()),
    )


def earliest(found: Sequence[Blocker], now: str) -> str:
    """The day from which a major may be retired; empty where somebody has to do something before."""
    if any(not one.until for one in found):
        return ""
    return max((one.until for one in found), default=now[:DAY])


def _deprecation(state: State, subject: Subject, major: int, now: str) -> Iterator[Blocker]:
    held = state.subject(subject)
    life = held.life(major) if held else None
    if life is None or life.state is MajorState.DRAFT:
        return
    if life.state is not MajorState.DEPRECATED:
        yield Blocker("NOT_DEPRECATED", f"Major {major} is {life.state}: deprecate it first, with a sunset")
    elif not life.sunset:
        yield Blocker("SUNSET_MISSING", f"Major {major} is deprecated without a sunset")
    elif now[:DAY] <= life.sunset:
        ends = days_after(life.sunset, 1)
        yield Blocker("SUNSET_AHEAD", f"The sunset of major {major} is {life.sunset}", ends)


def _referrers(state: State, subject: Subject, major: int, sees: Callable[[Subject], bool]) -> Iterator[Blocker]:
    held = state.subject(subject)
    found: dict[tuple[Subject, int], None] = {}
    for version in held.active if held else ():
        if version.major != major:
            continue
        for place in state.referrers.get((subject, version.number), ()):
            referrer, by = state.version_at(place), state.subject(place[0])
            if referrer is None or by is None or referrer.deleted or (place[0], referrer.major) == (subject, major):
                continue
            if by.life(referrer.major).state is not MajorState.RETIRED:
                found[place[0], referrer.major] = None
    named = [one for one in found if sees(one[0])]
    if len(named) < len(found):
        yield Blocker("REFERRED_TO", "An event that you may not see refers to it and is not retired")
    for name, number in named[:MOST_LISTED]:
        yield Blocker("REFERRED_TO", f"Major {number} of '{name}' refers to it and is not retired")


def _archives(state: State, subject: Subject, major: int) -> Iterator[Blocker]:
    """Archived events outlive their major: what is replayed has to become the next one.

    Nothing is asked of the last major, which stored events stay readable as, nor of a draft, which is not written for
    others.
    """
    declared, held = state.declarations.get(subject), state.subject(subject)
    replay = declared.replay if declared else None
    after = major + 1
    if held is None or replay is None or not replay.replayable or after not in held.majors:
        return
    if MajorState.DRAFT in (held.life(major).state, held.life(after).state):
        return
    mapping = held.migrations.get(after)
    if mapping is None or not mapping.steps:
        said = f": {mapping.reason}" if mapping else ""
        source = f" from {replay.source}" if replay.source else ""
        message = f"Its events are replayed{source}, and there is no mapping from major {major} to major {after}{said}"
        yield Blocker("ARCHIVE_UNMAPPED", message)


def _consumers(state: State, subject: Subject, major: int) -> Iterator[Blocker]:
    """Those who declare to read it; a declaration that nobody renewed counts, too."""
    for consumer, _ in state.consumers_of(subject, major)[:MOST_LISTED]:
        yield Blocker(
            "DECLARED_CONSUMER", f"Application '{consumer.application}' of team {consumer.team} declares to read it"
        )


def _unknown_use(
    state: State, subject: Subject, major: int, now: str, uses: Sequence[Use] | None, used_since: str
) -> Iterator[Blocker]:
    """What keeps everybody from saying whether the major was used in all the days that the policy asks for."""
    quiet = days_of_major(state, subject, major, QUIET_DAYS)
    if uses is None:
        yield Blocker("USE_UNKNOWN", "The counts of use cannot be read now, so nobody can say whether it is used")
    elif quiet > LAST_USE_DAYS:
        yield Blocker(
            "USE_UNKNOWN",
            f"The policy asks for {quiet} days without use, and the last use is kept for {LAST_USE_DAYS}: "
            "nobody can say whether it was used before",
        )
    elif quiet > KEPT_DAYS:
        known_from = used_since[:DAY] or days_after(now, -KEPT_DAYS)
        if known_from > max(days_after(now, -quiet), _begun(state, subject, major)):
            yield Blocker(
                "USE_UNKNOWN",
                f"The policy asks for {quiet} days without use, and use is known since {known_from}: "
                "nobody can say whether it was used before",
                days_after(known_from, quiet),
            )


def _begun(state: State, subject: Subject, major: int) -> str:
    """The day on which the first revision of a major was registered: nobody used it before."""
    held = state.subject(subject)
    return min((one.registered_at[:DAY] for one in held.versions if one.major == major), default="") if held else ""


def _uses(state: State, subject: Subject, major: int, now: str, uses: Sequence[Use]) -> Iterator[Blocker]:
    quiet = days_of_major(state, subject, major, QUIET_DAYS)
    seen = sorted((one for one in uses if now[:DAY] < days_after(one.last_seen, quiet)), key=lambda one: one.last_seen)
    for one in seen[::-1][:MOST_LISTED]:
        who = f"Application '{one.application}'" if one.application else "An application that gives no name"
        did = "wrote" if one.direction == "produce" else "read"
        ends = days_after(one.last_seen, quiet)
        yield Blocker("IN_USE", f"{who} {did} it on {one.last_seen[:DAY]}, less than {quiet} days ago", ends)
