"""The lives of majors: draft, active, deprecated, retired."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from moorings_compat import Problem
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.preconditions import Expected, major_to_change
from moorings_registry.errors import (
    LifecycleInvalid,
    RetirementBlocked,
    WaiverNeeded,
)
from moorings_registry.facts import Fact, MajorLifecycleChanged, WaiverUsed
from moorings_registry.lifecycle import DAY, Use, days_after, replacement_of
from moorings_registry.names import Subject
from moorings_registry.policy import NOTICE_DAYS, days_of_major, owning_domains
from moorings_registry.retirement import blockers, earliest
from moorings_registry.state import Lifecycle, MajorState, State, Waiver, WaiverKind
from moorings_registry.waivers import open_waiver

LONGEST_REPLACEMENT = 600
LONGEST_PAGE = 500
_ADDRESS = re.compile(r"https?://[!#-;=?-~]+", re.ASCII)
"""Characters that a URI may have, and that need no quoting in a header or an attribute."""


@dataclass(frozen=True, slots=True)
class SetMajorLifecycle:
    """Make a major a draft, active, deprecated or retired; the members are described at `facts.MajorLifecycleChanged`.

    A retired major keeps what its deprecation said.
    """

    subject: Subject
    major: int
    state: MajorState
    sunset: str = ""
    expected: Expected = None
    """The etags (`etags.event_etag`) of which one has to hold."""
    since: str = ""
    """Empty: today, or the day that it is deprecated since."""
    replacement: str = ""
    page: str = ""
    uses: tuple[Use, ...] | None = ()
    """Who was seen to use it, which counts when it is retired; None where nobody can say now."""
    used_since: str = ""
    """Since when every use is known; empty: for as long as counts are kept."""


def set_major_lifecycle(state: State, command: SetMajorLifecycle, dependencies: Dependencies) -> Decision:
    """Decide the life of a major.

    In a registered domain a sunset keeps the notice that the policy asks for, retiring waits for it and for everybody
    who uses the major, and a retired major stays retired; a waiver of kind ``retire`` suspends all three.

    Raises:
        SubjectNotFound, MajorUnknown
        LifecycleInvalid: a member cannot be what was requested; says which, and why.
        RetirementBlocked: something keeps the major from being retired; lists all of it.
        WaiverNeeded: the major is retired.
        OperationNotPermitted: the subject is read-only.
    """
    held = major_to_change(state, command.subject, command.major, command.expected)
    before, now = held.life(command.major), dependencies.now()
    after = _completed(command, before, now)
    outcome = Outcome(subject=str(command.subject))
    waiver = _waiver(state, command, now)
    problems = [
        *_problems(state, command, before, after, now, waived=waiver is not None),
        *_what_instead(state, command, before, dependencies.sees),
    ]
    if problems:
        asked = f"The lifecycle of major {command.major} of '{command.subject}' cannot be set as requested"
        raise LifecycleInvalid(f"{asked}: {problems[0].message}", problems)
    if replace(after, announced="") == replace(before, announced=""):
        return Decision((), outcome)
    used = _suspended(state, command, before, dependencies, waiver)
    fact = MajorLifecycleChanged(
        str(command.subject), command.major, str(after.state), after.sunset, after.since, after.replacement, after.page
    )
    return Decision((*used, fact), outcome)


def _completed(command: SetMajorLifecycle, before: Lifecycle, now: str) -> Lifecycle:
    """The life that *command* asks for, with what it leaves to the registry."""
    if command.state is MajorState.DEPRECATED:
        since = command.since or before.since or now[:DAY]
        return Lifecycle(command.state, command.sunset, since, command.replacement, command.page)
    if command.state is not MajorState.RETIRED:
        return Lifecycle(command.state)
    return Lifecycle(
        command.state,
        before.sunset,
        before.since or now[:DAY],
        command.replacement or before.replacement,
        command.page or before.page,
    )


def _waiver(state: State, command: SetMajorLifecycle, now: str) -> Waiver | None:
    """The open waiver that suspends the rules of lifecycle for the major; None outside the registered domains."""
    owners = owning_domains(state, command.subject)
    if not owners:
        return None
    domain = command.subject.domain or owners[0].name
    return open_waiver(state, WaiverKind.RETIRE, domain, now, subject=command.subject, major=command.major)


def _suspended(
    state: State, command: SetMajorLifecycle, before: Lifecycle, dependencies: Dependencies, waiver: Waiver | None
) -> tuple[Fact, ...]:
    """The fact that a waiver was used, where only that allows the change; none outside the registered domains.

    Raises:
        RetirementBlocked, WaiverNeeded: there is no waiver.
    """
    owners, now = owning_domains(state, command.subject), dependencies.now()
    if not owners:
        return ()
    returns = before.state is MajorState.RETIRED and command.state is not MajorState.RETIRED
    retires = command.state is MajorState.RETIRED and before.state is not MajorState.RETIRED
    asked = (state, command.subject, command.major, command.uses, now, dependencies.sees)
    found = blockers(*asked, command.used_since) if retires else ()
    short = command.state is MajorState.DEPRECATED and bool(list(_notice(state, command, before, now)))
    if not (returns or found or short):
        return ()
    if waiver is None and returns:
        what = f"Bringing back major {command.major} of '{command.subject}', which is retired,"
        raise WaiverNeeded(WaiverKind.RETIRE, owners[0].name, what)
    if waiver is None:
        day = earliest(found, now)
        problems = [Problem("", one.message) for one in found]
        raise RetirementBlocked(command.subject, command.major, problems, day)
    return (WaiverUsed(waiver.id, command.subject.domain or owners[0].name, str(command.subject), 0, "", []),)


def _problems(
    state: State, command: SetMajorLifecycle, before: Lifecycle, after: Lifecycle, now: str, *, waived: bool
) -> Iterator[Problem]:
    if command.state in (MajorState.DRAFT, MajorState.ACTIVE):
        yield from _out_of_place(command)
    drafts = command.state is MajorState.DRAFT and before.state is not MajorState.DRAFT
    if drafts and owning_domains(state, command.subject):
        yield Problem("/state", f"major {command.major} is {before.state}, and a draft begins with its registration")
    if command.state is MajorState.RETIRED and command.sunset not in ("", before.sunset):
        yield Problem("/sunset", "the sunset of a major that is retired cannot change")
    if command.state is MajorState.DEPRECATED:
        if before.state is MajorState.DRAFT:
            yield Problem("/state", f"major {command.major} is a draft: activate it, or retire it")
        yield from _days(command, before, after, now)
        if not waived:
            yield from _notice(state, command, before, now)


def _out_of_place(command: SetMajorLifecycle) -> Iterator[Problem]:
    members = {
        "from": command.since,
        "sunset": command.sunset,
        "replacement": command.replacement,
        "page": command.page,
    }
    for name, value in members.items():
        if value:
            yield Problem(f"/{name}", f"a major that is {command.state} has no {name}: leave it out")


def _days(command: SetMajorLifecycle, before: Lifecycle, after: Lifecycle, now: str) -> Iterator[Problem]:
    today, sunset = now[:DAY], command.sunset
    if after.since != before.since and after.since < today:
        yield Problem("/from", f"{after.since} lies in the past")
    if not sunset or sunset == before.sunset:
        return
    if sunset < today:
        yield Problem("/sunset", f"{sunset} lies in the past")
    elif sunset < before.announced:
        yield Problem("/sunset", f"{sunset} is earlier than the sunset that was announced, {before.announced}")
    elif sunset < after.since:
        yield Problem("/sunset", f"{sunset} is earlier than {after.since}, from which the major is deprecated")


def _notice(state: State, command: SetMajorLifecycle, before: Lifecycle, now: str) -> Iterator[Problem]:
    """What is wrong where a new sunset leaves less time than the policy asks for."""
    sunset, since = command.sunset, command.since or before.since or now[:DAY]
    if not sunset or sunset == before.sunset or (before.announced and sunset >= before.announced):
        return
    notice = days_of_major(state, command.subject, command.major, NOTICE_DAYS)
    first = days_after(max(since, now[:DAY]), notice)
    if sunset < first:
        yield Problem("/sunset", f"{sunset} leaves less than {notice} days of notice: the earliest is {first}")


def _what_instead(
    state: State, command: SetMajorLifecycle, before: Lifecycle, sees: Callable[[Subject], bool]
) -> Iterator[Problem]:
    if command.replacement and command.replacement != before.replacement:
        named = Lifecycle(replacement=command.replacement)
        found = (
            replacement_of(state, command.subject, named) if len(command.replacement) <= LONGEST_REPLACEMENT else None
        )
        if found is None or not sees(found.subject):
            yield Problem(
                "/replacement",
                "names no major of this registry that is in use; it is written as subject or subject@major",
            )
        elif (found.subject, found.major) == (command.subject, command.major):
            yield Problem("/replacement", "a major cannot replace itself")
    if command.page and (len(command.page) > LONGEST_PAGE or not _ADDRESS.fullmatch(command.page)):
        yield Problem("/page", f"not an http or https address of at most {LONGEST_PAGE} characters")
