"""Whose an application is: its name belongs to the first caller who signs in and declares or deploys it.

Names of applications are not on the tree of names, so no grant covers them. Without this, whoever signs in could take
back what another application declares, and remove a field that it reads.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moorings_compat import Problem
from moorings_registry.access import ANYWHERE, Access, Permission, Verb, access_of, included, is_operator
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.errors import ApplicationOfOthers, ConsumerNotFound, NotAllowed, RequestInvalid, SignInNeeded
from moorings_registry.facts import ApplicationHeld
from moorings_registry.modes import require_settable
from moorings_registry.names import REGISTRY_SCOPE
from moorings_registry.principals import ANONYMOUS, Principal
from moorings_registry.state import Domain, State

_WRITING = frozenset((Verb.REGISTER, Verb.OPERATE))


@dataclass(frozen=True, slots=True)
class SetHolders:
    """Say who may change what is declared of an application: the whole of it. Also the way to hand it over."""

    application: str
    principals: tuple[str, ...]
    domains: tuple[str, ...]
    """Whoever governs one of these may change it, too."""


def set_holders(state: State, command: SetHolders, dependencies: Dependencies) -> Decision:
    """Decide who holds an application from now on.

    Raises:
        ConsumerNotFound: nothing is recorded under the name, or the caller does not see that.
        ApplicationOfOthers, SignInNeeded: the caller does not hold it.
        RequestInvalid: a principal of no issuer, or a domain that the caller does not see.
        OperationNotPermitted: the registry is read-only.
    """
    if not _is_taken(state, command.application):
        raise ConsumerNotFound(command.application)
    require_held(state, command.application, dependencies)
    problems = list(_problems(state, command, dependencies))
    if problems:
        raise RequestInvalid("The holders cannot be set as requested", problems)
    principals, domains = sorted(set(command.principals)), sorted(set(command.domains))
    standing = state.holders.get(command.application)
    if standing is not None and (standing.principals, standing.domains) == (tuple(principals), tuple(domains)):
        return Decision((), Outcome())
    require_settable(state, REGISTRY_SCOPE)
    return Decision((ApplicationHeld(command.application, principals, domains),), Outcome())


def claimed(state: State, application: str, dependencies: Dependencies) -> tuple[ApplicationHeld, ...]:
    """Pass whoever may change what is recorded of *application*; for a name that nobody has, that it is the caller's.

    Raises:
        ApplicationOfOthers: the caller does not hold it.
        SignInNeeded, NotAllowed: nobody knows who the caller is, or the token is limited to reading.
    """
    caller = dependencies.principal
    _require_writer(caller)
    if is_operator(caller):
        return ()
    if not _is_taken(state, application):
        return (ApplicationHeld(application, [caller.name], []),)
    if not _may_change(state, application, dependencies):
        raise _refusal(state, application, dependencies)
    return ()


def require_held(state: State, application: str, dependencies: Dependencies) -> None:
    """Pass whoever may remove what is recorded of *application*.

    Raises:
        ApplicationOfOthers, SignInNeeded, NotAllowed
        ConsumerNotFound: the caller does not even see it.
    """
    _require_writer(dependencies.principal)
    if not _may_change(state, application, dependencies):
        raise _refusal(state, application, dependencies, or_hidden=True)


def is_of_team(state: State, owners: Sequence[Domain], team: str, dependencies: Dependencies) -> bool:
    """Whether *team* owns one of the domains, and the caller may speak for it there: a team's name is a claim."""
    if is_operator(dependencies.principal):
        return any(one.owner == team for one in owners)
    access = _access(dependencies, state)
    return any(one.owner == team and access.allows(Verb.REGISTER, one.name) for one in owners)


def _require_writer(caller: Principal) -> None:
    """Pass, or refuse whoever did not sign in, and a token that is limited to reading: it was asked for as that.

    Raises:
        SignInNeeded, NotAllowed
    """
    if caller == ANONYMOUS:
        raise SignInNeeded
    if caller.scope is not None and not included(Permission.parse(one).verb for one in caller.scope) & _WRITING:
        raise NotAllowed(Verb.REGISTER, ANYWHERE, is_granted=True)


def _is_taken(state: State, application: str) -> bool:
    if application in state.holders or application in state.consumers:
        return True
    return any(name == application for name, _ in state.deployments)


def _may_change(state: State, application: str, dependencies: Dependencies) -> bool:
    """Whether the caller holds it, governs a domain that holds it, or operates the registry.

    What was recorded before callers signed in is nobody's, so it is for those who operate.
    """
    if is_operator(dependencies.principal):
        return True
    held = state.holders.get(application)
    if held is not None and dependencies.principal.name in held.principals:
        return True
    access = _access(dependencies, state)
    domains = held.domains if held is not None else ()
    return access.allows(Verb.OPERATE, ANYWHERE) or any(access.allows(Verb.GOVERN, one) for one in domains)


def _refusal(
    state: State, application: str, dependencies: Dependencies, *, or_hidden: bool = False
) -> ApplicationOfOthers | ConsumerNotFound:
    """The refusal, with the team to ask where the caller sees what the application reads.

    With *or_hidden*, an application that the caller does not see is one that is not there.
    """
    known = state.consumers.get(application)
    is_seen = known is not None and any(dependencies.sees(one.event) for one in known.reads)
    if or_hidden and not is_seen:
        return ConsumerNotFound(application)
    return ApplicationOfOthers(application, known.team if known is not None and is_seen else "")


def _problems(state: State, command: SetHolders, dependencies: Dependencies) -> Iterator[Problem]:
    for index, name in enumerate(command.principals):
        alias, _, subject = name.partition(":")
        if not subject:
            yield Problem(f"/principals/{index}", "not the alias of an issuer, a colon and a subject: github:repo/7")
        elif alias not in state.issuers:
            yield Problem(f"/principals/{index}", "this registry has no issuer with the alias before the colon")
    for index, domain in enumerate(command.domains):
        if domain not in state.domains or not _sees_domain(state, domain, dependencies):
            yield Problem(f"/domains/{index}", "the registry has no domain of this name")


def _sees_domain(state: State, domain: str, dependencies: Dependencies) -> bool:
    return is_operator(dependencies.principal) or _access(dependencies, state).view.sees_domain(domain)


def _access(dependencies: Dependencies, state: State) -> Access:
    return access_of(state.grants, dependencies.principal, dependencies.now())
