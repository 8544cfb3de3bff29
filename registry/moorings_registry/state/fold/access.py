"""How facts about access: grants, evidence, and whose tokens are trusted change the state."""

from immutables import Map

from moorings_registry import facts
from moorings_registry.state.fold.draft import Appliers, Draft
from moorings_registry.state.values import Grant


def _access_granted(draft: Draft, fact: facts.AccessGranted) -> None:
    entry = draft.entry
    draft.grants[entry.position] = Grant(
        id=entry.position,
        issuer=fact.issuer,
        principal=fact.principal,
        claims=fact.claims,
        group=fact.group,
        verbs=tuple(fact.verbs),
        node=fact.node,
        expires=fact.expires,
        because=fact.because,
        granted_by=fact.granted_by,
        granted_at=entry.recorded_at,
    )


def _access_revoked(draft: Draft, fact: facts.AccessRevoked) -> None:
    draft.grants.pop(fact.grant, None)


def _evidence(_draft: Draft, _fact: facts.AccessDenied | facts.AccessSealed) -> None:
    """Change nothing: the ledger keeps it for those who audit."""


def _issuers_configured(draft: Draft, fact: facts.IssuersConfigured) -> None:
    vars(draft)["issuers"] = Map({one["alias"]: one["kind"] for one in fact.issuers}).mutate()
    draft.issuers_digest = fact.digest


APPLY: Appliers = {
    facts.AccessGranted: _access_granted,
    facts.AccessRevoked: _access_revoked,
    facts.AccessDenied: _evidence,
    facts.AccessSealed: _evidence,
    facts.IssuersConfigured: _issuers_configured,
}
