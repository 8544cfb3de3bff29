"""What a caller may command, and what its commands come to.

Permissions are asked for what a command really touches, and what the caller does not see is not there when it is
decided.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from moorings_registry.access import Verb, access_of, is_operator
from moorings_registry.access_counts import AccessCounts
from moorings_registry.authorization import Authorization
from moorings_registry.callers import Caller
from moorings_registry.command_permissions import Need, needs_of, needs_of_facts, without_hidden_references
from moorings_registry.commands import Command, Decision, Dependencies, decide, with_subjects_meant
from moorings_registry.errors import (
    NotAllowed,
    ReferenceNotFound,
    Refusal,
    SignInNeeded,
    SubjectInvalid,
    TopicAmbiguous,
)
from moorings_registry.names import Subject, domain_and_ancestors
from moorings_registry.principals import ANONYMOUS, LOCAL_PRINCIPAL, Principal
from moorings_registry.state import State

_MOST_NEEDS = 20
"""Permissions that an entry names; a batch may take many."""


def owner_to_ask(seen: State, target: str) -> str:
    """The owner of the nearest domain of *target* in *seen*, what the caller sees; empty where there is none.

    It goes by the name alone, so what is hidden is answered like what is missing.
    """
    try:
        domain = target if target in seen.domains else Subject.parse(target).domain or ""
    except SubjectInvalid:
        domain = ""
    return next((seen.domains[name].owner for name in domain_and_ancestors(domain) if name in seen.domains), "")


class CallersCommands:
    """Asks and decides for callers, on any state."""

    def __init__(self, authorization: Authorization, access_counts: AccessCounts, dependencies: Dependencies) -> None:
        self._authorization = authorization
        self._access_counts = access_counts
        self._dependencies = dependencies

    def meant(self, state: State, command: Command, principal: Principal) -> Command:
        """*command* about the subjects that the names of topics in it lead to, if *principal* may do that there.

        Whoever may not see where a name leads learns nothing of it: the refusal speaks of the name.

        Raises:
            NotAllowed, SignInNeeded, TopicAmbiguous, and what `needs_of` raises.
        """
        try:
            meant = with_subjects_meant(state, command)
        except TopicAmbiguous as ambiguous:
            self._require_permitted(state, command, principal)
            seen = self._authorization.visible(state, principal)
            raise ambiguous.among([one for one in ambiguous.events if one in seen.declarations]) from None
        if meant == command:
            self._require_permitted(state, command, principal)
            return command
        try:
            self._require_permitted(state, meant, principal)
        except NotAllowed as denied:
            seen = self._authorization.visible(state, principal)
            if with_subjects_meant(seen, command) == meant:
                raise
            asked = getattr(command, "subject", None) or getattr(command, "scope", None)
            raise self.denial(state, principal, Verb(denied.verb), str(getattr(asked, "key", asked))) from None
        return meant

    def _require_permitted(self, state: State, command: Command, principal: Principal) -> None:
        if is_operator(principal):
            return
        self._require(state, principal, needs_of(state, self._authorization.visible(state, principal), command))

    def _require(self, state: State, principal: Principal, needs: Iterable[Need]) -> None:
        for need in needs:
            if not self._authorization.allows(principal, need.verb, need.target):
                raise self.denial(state, principal, need.verb, need.named or need.target)

    def denial(self, state: State, principal: Principal, verb: Verb, target: str) -> Refusal:
        """The refusal of a caller who lacks *verb* on *target*, with whom to ask where the caller may know that."""
        if principal == ANONYMOUS:
            return SignInNeeded()
        if verb is not Verb.READ:
            self._access_counts.deny(principal.name, verb, target)
        if principal.scope is not None and self._grants_alone_allow(state, principal, verb, target):
            return NotAllowed(verb, target, is_granted=True)
        return NotAllowed(verb, target, owner_to_ask(self._authorization.visible(state, principal), target))

    def _grants_alone_allow(self, state: State, principal: Principal, verb: Verb, target: str) -> bool:
        """Whether it is the scope of the caller's token that lacks a permission."""
        return access_of(state.grants, _unlimited(principal), self._dependencies.now()).allows(verb, target)

    def decide(self, state: State, command: Command, principal: Principal) -> Decision:
        """Decide for *principal*, from whom references to what it does not see are hidden."""
        if principal is LOCAL_PRINCIPAL:
            return decide(state, command, self._dependencies)
        dependencies = replace(self._dependencies, principal=principal)
        if is_operator(principal):
            return decide(state, command, dependencies)
        seen = self._authorization.visible(state, principal)

        def sees(subject: Subject) -> bool:
            """Whether the caller sees it, or it only begins with this command."""
            shown = subject in seen.declarations or seen.subject(subject) is not None
            return shown or not (subject in state.declarations or state.subject(subject) is not None)

        dependencies = replace(dependencies, sees=sees)
        deciding, hidden = without_hidden_references(state, seen, command)
        lost = ReferenceNotFound(hidden.name, hidden.subject, hidden.version) if hidden is not None else None
        try:
            decision = decide(deciding, command, dependencies)
        except ReferenceNotFound as refusal:  # what is hidden goes by the name that the caller gave it
            raise lost or refusal from None
        except TopicAmbiguous as ambiguous:
            raise ambiguous.among([one for one in ambiguous.events if one in seen.declarations]) from None
        except NotAllowed as denied:  # a grant or a webhook, whose author has to hold what it is about
            if principal != ANONYMOUS:
                self._access_counts.deny(principal.name, Verb(denied.verb), denied.node)
            if principal.scope is not None and _allows(
                deciding, command, replace(dependencies, principal=_unlimited(principal))
            ):
                raise NotAllowed(denied.verb, denied.node, is_granted=True, is_node=denied.is_node) from None
            raise
        if lost is not None:
            raise lost
        self._require(state, principal, needs_of_facts(state, command, decision.facts))
        return decision

    def provenance(self, state: State, command: Command, caller: Caller) -> dict[str, Any] | None:
        """How a caller who signed in was known, and what allowed the write; None for the operator."""
        principal = caller.principal
        if is_operator(principal):
            return None
        needs = needs_of(state, self._authorization.visible(state, principal), command)
        reasons = (self._authorization.reason(principal, one.verb, one.target) for one in needs)
        grants = sorted({one.id for one in reasons if one is not None})
        return {
            "issuer": principal.issuer,
            "evidence": principal.evidence,
            "details": dict(principal.provenance),
            "needed": [{"verb": str(one.verb), "node": one.target} for one in needs[:_MOST_NEEDS]],
            "grants": grants[:_MOST_NEEDS],
        }


def _unlimited(principal: Principal) -> Principal:
    """The caller with a token that carries all of what is granted."""
    return replace(principal, scope=None)


def _allows(state: State, command: Command, dependencies: Dependencies) -> bool:
    """Whether the caller of *dependencies* has the permissions that deciding *command* asks for."""
    try:
        decide(state, command, dependencies)
    except NotAllowed:
        return False
    except Refusal:
        return True
    return True
