"""Removing versions of a registered domain permanently: why, and whether their majors still answer for them."""

from itertools import groupby

from moorings_registry.commands.decision import Dependencies
from moorings_registry.errors import ReasonNeeded
from moorings_registry.facts import Fact, MajorsHeld, RevisionsPurged, WaiverUsed
from moorings_registry.names import Subject
from moorings_registry.policy import effective_level, owning_domains
from moorings_registry.state import State, Version, WaiverKind
from moorings_registry.waivers import open_waiver

LONGEST_REASON = 500


def purge_facts(
    state: State, subject: Subject, versions: tuple[Version, ...], reason: str, dependencies: Dependencies
) -> tuple[Fact, ...]:
    """The facts that go before the permanent delete of *versions*; none outside the registered domains.

    Raises:
        ReasonNeeded: the subject lies in a registered domain, and *reason* is empty or too long.
    """
    owners = owning_domains(state, subject)
    if not owners or not versions:
        return ()
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise ReasonNeeded(subject, owners[0].name)
    facts: list[Fact] = []
    for major, of_major in groupby(sorted(versions, key=lambda one: (one.major, one.number)), lambda one: one.major):
        numbers = [one.number for one in of_major]
        domain = subject.domain or owners[0].name
        waiver = open_waiver(state, WaiverKind.PURGE, domain, dependencies.now(), subject=subject, major=major)
        if waiver is not None:
            facts.append(WaiverUsed(waiver.id, domain, str(subject), 0, "", []))
        facts.append(RevisionsPurged(str(subject), numbers, reason.strip(), waiver.id if waiver else 0))
    return (*facts, *_held_to_its_own_level(state, subject, versions, dependencies))


def _held_to_its_own_level(
    state: State, subject: Subject, versions: tuple[Version, ...], dependencies: Dependencies
) -> tuple[MajorsHeld, ...]:
    """The settings of a subject leave with its last version; its majors stay held to a level of its own."""
    held = state.subject(subject)
    leaves_some = held is not None and len(held.versions) > len(versions)
    if leaves_some or "compatibility" not in state.configs.get(str(subject), {}):
        return ()
    return (MajorsHeld(str(subject), {"level": str(effective_level(state, subject, dependencies.settings))}),)
