"""Grants: who may do what from now on, and no longer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from moorings_compat import Problem
from moorings_registry.access import (
    ANY_PRINCIPAL,
    EVERYTHING,
    GRANTABLE,
    ONE_SEGMENT,
    PRESETS,
    ROOT_ONLY,
    WHOLE,
    Node,
    Preset,
    Verb,
    access_of,
    included,
    is_operator,
    matches,
)
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.entries import moment_text
from moorings_registry.errors import GrantInvalid, GrantNotFound, GrantToOneself, NotAllowed
from moorings_registry.facts import AccessGranted, AccessRevoked
from moorings_registry.principals import ANONYMOUS
from moorings_registry.state import Grant, State

LONGEST_BECAUSE = 2_000
LONGEST_VALUE = 512
MOST_CLAIMS = 20
_WRITING = frozenset((Verb.REGISTER, Verb.GOVERN, Verb.OPERATE, Verb.AUDIT))
"""What a careless grant does harm with."""
_CHANGING = frozenset(("actor", "email", "login", "name", "nickname", "preferred_username", "unique_name", "upn"))
"""Claims that people change, or that somebody else may have tomorrow."""
_ANY_KIND = Preset(workload=(ANY_PRINCIPAL,), has_own_claims=True, has_groups=True, has_paths=True)
"""For issuers of a kind that nobody can tell yet."""


@dataclass(frozen=True, slots=True)
class GrantAccess:
    """Let callers do something; its members are described at `facts.AccessGranted`."""

    issuer: str
    verbs: tuple[str, ...]
    node: str
    because: str
    principal: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    expires: datetime | None = None
    knows_issuers: bool = True
    """Whether the issuer has to be one that the registry was configured with: False before it was ever served."""


@dataclass(frozen=True, slots=True)
class RevokeAccess:
    """End a grant early."""

    id: int
    because: str = ""


def grant_access(state: State, command: GrantAccess, dependencies: Dependencies) -> Decision:
    """Decide a grant; one that is in force already is nothing new.

    Raises:
        GrantInvalid: it lacks what keeps others from taking the caller's place, or contradicts itself.
        NotAllowed: its author may not do that, or not govern the node.
        GrantToOneself
    """
    problems = list(_problems(state, command, dependencies.now()))
    if problems:
        raise GrantInvalid("The grant cannot be stored as requested", problems)
    node = Node.parse(command.node)
    fact = _fact(command, node, dependencies.principal.name)
    _require_own(state, fact, node, dependencies)
    outcome = Outcome(domain=str(node), created=True)
    return Decision((), outcome) if same_grant(state, fact) else Decision((fact,), outcome)


def _fact(command: GrantAccess, node: Node, granted_by: str) -> AccessGranted:
    return AccessGranted(
        issuer=command.issuer,
        principal=command.principal,
        claims=dict(command.claims),
        group=command.group,
        verbs=[str(one) for one in GRANTABLE if one in command.verbs],
        node=str(node),
        expires=moment_text(command.expires.astimezone(UTC)) if command.expires else "",
        because=command.because.strip(),
        granted_by=granted_by,
    )


def latest_grant(state: State, command: GrantAccess) -> Grant:
    """The grant that *command* led to, or a later one that says the same.

    Raises:
        GrantNotFound: it was revoked in the meantime.
    """
    found = same_grant(state, _fact(command, Node.parse(command.node), ""))
    if found is None:
        raise GrantNotFound(0)
    return found


def same_grant(state: State, fact: AccessGranted) -> Grant | None:
    """The grant that says the same as *fact*, the newest one; None where there is none."""
    asked = (fact.issuer, fact.principal, fact.claims, fact.group, tuple(fact.verbs), fact.node, fact.expires)
    for id in sorted(state.grants, reverse=True):
        one = state.grants[id]
        if (one.issuer, one.principal, one.claims, one.group, one.verbs, one.node, one.expires) == asked:
            return one
    return None


def revoke_access(state: State, command: RevokeAccess, dependencies: Dependencies) -> Decision:
    """Decide the end of a grant.

    Raises:
        GrantNotFound: there is none, or its node is not the caller's to govern.
    """
    grant = state.grants.get(command.id)
    access = access_of(state.grants, dependencies.principal, dependencies.now())
    if grant is None or not access.holds(Verb.GOVERN, Node.parse(grant.node)):
        raise GrantNotFound(command.id)
    return Decision((AccessRevoked(command.id, command.because.strip()),), Outcome(domain=grant.node))


def _require_own(state: State, fact: AccessGranted, node: Node, dependencies: Dependencies) -> None:
    """Pass, or refuse what its author does not hold, or would hold by it."""
    author = dependencies.principal
    if is_operator(author):
        return
    access = access_of(state.grants, author, dependencies.now())
    for verb in (Verb.GOVERN, *(Verb(one) for one in fact.verbs)):
        if not access.holds(verb, node):
            raise NotAllowed(verb, fact.node, is_node=True)
    grant = Grant(0, fact.issuer, fact.principal, fact.claims, fact.group, tuple(fact.verbs), fact.node, "", "", "", "")
    if matches(grant, author):
        raise GrantToOneself


def _problems(state: State, command: GrantAccess, now: str) -> Iterator[Problem]:
    if not command.because.strip() or len(command.because) > LONGEST_BECAUSE:
        yield Problem("/because", f"because must have 1 to {LONGEST_BECAUSE} characters")
    yield from _node_and_verbs(command)
    if command.expires is not None and moment_text(command.expires.astimezone(UTC)) <= now:
        yield Problem("/expires", "expires lies in the past")
    if command.issuer == ANONYMOUS.issuer:
        yield from _anonymous(command)
        return
    kind = state.issuers.get(command.issuer, "")
    if not kind and command.knows_issuers:
        yield Problem("/issuer", "no issuer with this alias is configured")
        return
    yield from _match(command, kind)
    yield from _claims(command, kind)
    if kind:
        yield from _identifiers(command, PRESETS[kind])
        yield from _writers(command, PRESETS[kind], now)


def _node_and_verbs(command: GrantAccess) -> Iterator[Problem]:
    unknown = [one for one in command.verbs if one not in tuple(GRANTABLE)]
    if unknown or not command.verbs:
        yield Problem("/verbs", f"verbs must be one or more of {', '.join(GRANTABLE)}")
    try:
        node = Node.parse(command.node)
    except ValueError as error:
        yield Problem("/node", str(error))
        return
    for verb in ROOT_ONLY:
        if verb in command.verbs and node != WHOLE:
            yield Problem("/node", f"{verb} is granted for the whole registry alone, on node {EVERYTHING}")


def _anonymous(command: GrantAccess) -> Iterator[Problem]:
    """What is wrong with a grant to callers without a credential: they read named nodes at most."""
    if command.principal != ANONYMOUS.name or command.claims or command.group:
        yield Problem("/issuer", f"issuer is empty, which is for principal {ANONYMOUS.name} alone, without claims")
    if set(command.verbs) - {Verb.READ}:
        yield Problem("/verbs", "callers without a credential may be granted read alone")
    if command.node.endswith(f"/{EVERYTHING}") or command.node == EVERYTHING:
        yield Problem("/node", "callers without a credential may be granted named nodes alone")


def _match(command: GrantAccess, kind: str) -> Iterator[Problem]:
    """What is wrong with the match itself: empty, with wildcards, of another issuer."""
    preset = _preset(kind)
    if not (command.principal or command.claims or command.group):
        yield Problem("/principal", "the grant matches every caller of the issuer: name a principal, claims or a group")
    if command.principal and not command.principal.startswith(f"{command.issuer}:"):
        yield Problem("/principal", "the principal is not one of the issuer: its name must begin with the alias")
    if command.principal and not _is_usable(command.principal, preset):
        yield Problem("/principal", "wildcard in a principal")
    if command.group and not preset.has_groups:
        yield Problem("/group", f"issuers of kind {kind} have no groups")
    if "*" in command.group or len(command.group) > LONGEST_VALUE:
        yield Problem("/group", "wildcard in a group, or too long")


def _claims(command: GrantAccess, kind: str) -> Iterator[Problem]:
    """What is wrong with the claims: unknown ones, and values that are more than one value."""
    preset = _preset(kind)
    if len(command.claims) > MOST_CLAIMS:
        yield Problem("/claims", f"more than {MOST_CLAIMS} claims")
    for name, value in command.claims.items():
        if name in _CHANGING or not (preset.has_own_claims or name in preset.claims):
            known = ", ".join(preset.claims) or "none"
            yield Problem(f"/claims/{name}", f"not a claim to go by; those are {known}")
        if not value or len(value) > LONGEST_VALUE or not value.isprintable():
            yield Problem(f"/claims/{name}", f"a claim must have 1 to {LONGEST_VALUE} printable characters")
        elif "*" in value:
            yield Problem(f"/claims/{name}", "wildcard in a claim: claims are compared character by character")


def _is_usable(principal: str, preset: Preset) -> bool:
    """Whether the name has no wildcard, or where principals are paths one that stands for the last segment."""
    if len(principal) > LONGEST_VALUE or not principal.isprintable():
        return False
    if "*" not in principal:
        return True
    folder = principal.removesuffix(ONE_SEGMENT)
    is_path = preset.has_paths and principal.endswith(ONE_SEGMENT) and "*" not in folder
    return is_path and folder.count("/") >= 1


def _identifiers(command: GrantAccess, preset: Preset) -> Iterator[Problem]:
    """What is missing of the identifiers that the issuer's kind asks for."""
    named = _named(command)
    if named.isdisjoint(preset.workload) and not (preset.has_groups and command.group):
        yield Problem("/claims", f"no id of the workload: name one of {', '.join(_shown(preset.workload))}")
    if preset.tenant and named.isdisjoint(preset.tenant):
        yield Problem("/claims", f"no id of the tenant: name one of {', '.join(preset.tenant)}")


def _writers(command: GrantAccess, preset: Preset, now: str) -> Iterator[Problem]:
    """What is missing of what the issuer's kind asks of those who may do more than read."""
    if not _WRITING & included(Verb(one) for one in command.verbs if one in tuple(GRANTABLE)):
        return
    for group in preset.writers:
        if _named(command).isdisjoint(group):
            yield Problem("/claims", f"more than read takes one of {', '.join(group)}")
    for name in ("ref_protected", "environment_protected"):
        if command.claims.get(name, "true") != "true":
            yield Problem(f"/claims/{name}", f"more than read takes {name} true")
    latest = datetime.fromisoformat(now) + timedelta(days=preset.review_days)
    if preset.review_days and (command.expires is None or command.expires > latest):
        what = f"more than read takes a day of review: expires, at most {preset.review_days} days away"
        yield Problem("/expires", what)


def _named(command: GrantAccess) -> set[str]:
    return {*command.claims, *((ANY_PRINCIPAL,) if command.principal else ())}


def _preset(kind: str) -> Preset:
    return PRESETS[kind] if kind else _ANY_KIND


def _shown(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"/{one}" if one == ANY_PRINCIPAL else one for one in names)
