"""The kinds of events of the registry: which facts become events, who may see them, and what they hold.

An event has the name of its fact, except that each step in the life of a major has a name of its own. What only the
registry itself needs (a text that was seen first, the position of an exporter) becomes none.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from moorings_compat import Problem
from moorings_registry import facts
from moorings_registry.access import Node
from moorings_registry.entries import Entry
from moorings_registry.errors import RequestInvalid, SubjectInvalid
from moorings_registry.names import Scope, Subject
from moorings_registry.registry_events.readers import Reader
from moorings_registry.state import State

_LIVES = {
    "draft": "ContractDrafted",
    "active": "ContractActivated",
    "deprecated": "ContractDeprecated",
    "retired": "ContractRetired",
}
_DOMAIN_SCOPE = "domain:"


@dataclass(frozen=True, slots=True)
class About:
    """What a fact is about: a subject, else a domain, else a node; else the registry as a whole, or callers."""

    subject: Subject | None = None
    domain: str = ""
    node: str = ""

    def is_told_to(self, reader: Reader) -> bool:
        """Whether *reader* may know of it: of a node whoever governs it, of the registry who may read the ledger."""
        if self.subject is not None:
            return reader.reads(self.subject)
        if self.domain:
            return reader.sees_domain(self.domain)
        return reader.audits or (bool(self.node) and reader.includes(Node.parse(self.node)))

    @property
    def name(self) -> str:
        return str(self.subject or self.domain or self.node)


@dataclass(frozen=True, slots=True)
class Telling:
    """A fact as one reader may see it."""

    kind: str
    fact: facts.Fact
    """As far as they may know of it."""
    about: str
    domain: str
    data: Mapping[str, Any]
    summary: str = ""
    """What is said instead of the sentence of the fact; empty for that."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one type of fact becomes an event."""

    about: Callable[[Any, Entry, State], About]
    members: tuple[str, ...] = ()
    """The members of the fact that an event has, too."""
    narrow: Callable[[Any, State, Reader], Any] | None = None
    """The fact as far as a reader may know of it; None where nothing is left."""
    more: Callable[[Any, Entry], Mapping[str, Any]] = lambda _fact, _entry: {}
    """What an event holds besides."""
    summary: Callable[[Any], str] = lambda _fact: ""


def told_to(fact: facts.Fact, entry: Entry, state: State, reader: Reader) -> Telling | None:
    """*fact* as *reader* may see it; None where they may not."""
    kind = _KINDS.get(type(fact))
    if kind is None:
        return None
    shown = kind.narrow(fact, state, reader) if kind.narrow is not None else fact
    if shown is None:
        return None
    about = kind.about(shown, entry, state)
    if not about.is_told_to(reader):
        return None
    data = {name: getattr(shown, name) for name in kind.members} | dict(kind.more(shown, entry))
    domain = about.domain or ((about.subject.domain or "") if about.subject is not None else "")
    return Telling(_name(fact), shown, about.name, domain, data, kind.summary(shown))


def kinds_asked_for(names: Iterable[str], member: str) -> tuple[str, ...]:
    """*names* as kinds of events, without repetitions; *member* is where they were sent.

    Raises:
        RequestInvalid: one is not a kind; says which one it is probably meant to be, and where they are listed.
    """
    asked = tuple(dict.fromkeys(names))
    problems = [
        Problem(f"/{member}/{at}", f"not a kind of event: {one[:80]!r}{_meant(one)}; /admin/webhooks#kinds lists them")
        for at, one in enumerate(asked)
        if one not in EVENT_KINDS
    ]
    if problems:
        raise RequestInvalid("A kind of event is not known", problems)
    return asked


def _meant(name: str) -> str:
    """The kind that *name* is nearest to, as a question; empty where none is near."""
    lower = {one.lower(): one for one in EVENT_KINDS}
    close = get_close_matches(name[:80].lower(), lower, n=1, cutoff=0.6)
    return f"; did you mean {lower[close[0]]}?" if close else ""


def _name(fact: facts.Fact) -> str:
    if isinstance(fact, facts.FirstMajorLifecycleChanged | facts.MajorLifecycleChanged):
        return _LIVES[fact.state]
    return type(fact).__name__


# What facts are about.


def _subject(fact: Any, _entry: Entry, _state: State) -> About:
    return About(Subject.parse(fact.subject))


def _kek(fact: Any, _entry: Entry, _state: State) -> About:
    """A key encryption key lies on the tree of names by its own."""
    return About(Subject(fact.kek, fact.context))


def _domain(fact: Any, _entry: Entry, _state: State) -> About:
    return About(domain=fact.domain)


def _waived(
    fact: facts.WaiverGranted | facts.WaiverRequested | facts.WaiverUsed, _entry: Entry, _state: State
) -> About:
    return About(Subject.parse(fact.subject), fact.domain) if fact.subject else About(domain=fact.domain)


def _known_waiver(fact: facts.WaiverApproved | facts.WaiverWithdrawn, _entry: Entry, state: State) -> About:
    waiver = state.waivers.get(fact.waiver)
    if waiver is None:  # the state is what a reader sees, who does not see it
        return About()
    return About(Subject.parse(waiver.subject) if waiver.subject else None, waiver.domain)


def _held(fact: facts.MajorsHeld, _entry: Entry, _state: State) -> About:
    if fact.scope.startswith(_DOMAIN_SCOPE):
        return About(domain=fact.scope.removeprefix(_DOMAIN_SCOPE))
    return About(Subject.parse(fact.scope))


def _scope(fact: facts.ConfigChanged | facts.ModeChanged, _entry: Entry, _state: State) -> About:
    """A subject; settings of a context or of the registry are for those who read the ledger."""
    return About(Scope.of_key(fact.scope).subject)


def _node(fact: Any, _entry: Entry, _state: State) -> About:
    return About(node=fact.node)


def _registry(_fact: Any, _entry: Entry, _state: State) -> About:
    return About()


def _first_read(fact: facts.ConsumerDeclared, _entry: Entry, _state: State) -> About:
    """The first event that it reads, of those that are left; one that reads nothing is for auditors."""
    return About(Subject.parse(fact.reads[0]["event"])) if fact.reads else About()


def _deployed(fact: facts.ApplicationDeployed, _entry: Entry, state: State) -> About:
    consumer = state.consumers.get(fact.application)
    return About(consumer.reads[0].event) if consumer is not None and consumer.reads else About()


# What readers may know of them.


def _readable_reads(fact: facts.ConsumerDeclared, _state: State, reader: Reader) -> facts.ConsumerDeclared | None:
    reads = [one for one in fact.reads if reader.reads(Subject.parse(one["event"]))]
    return replace(fact, reads=reads) if reads or reader.audits else None


def _readable_deployment(fact: facts.ApplicationDeployed, state: State, reader: Reader) -> facts.Fact | None:
    consumer = state.consumers.get(fact.application)
    reads = consumer.reads if consumer is not None else ()
    return fact if reader.audits or (reads and reader.reads(reads[0].event)) else None


def _readable_replacement(fact: facts.MajorLifecycleChanged, _state: State, reader: Reader) -> facts.Fact:
    try:
        named = Subject.parse(fact.replacement.partition("@")[0]) if fact.replacement else None
    except SubjectInvalid:
        named = None
    return fact if named is not None and reader.reads(named) else replace(fact, replacement="")


# What events hold besides members of facts.


def _numbered(name: str) -> Callable[[Any, Entry], Mapping[str, Any]]:
    """What is named by the position of its entry, as *name*."""
    return lambda _fact, entry: {name: entry.position}


def _reads(fact: facts.ConsumerDeclared, _entry: Entry) -> Mapping[str, Any]:
    return {"reads": [{"event": one["event"], "major": one["major"]} for one in fact.reads]}


def _readers(fact: facts.ChangeHeldBack, _entry: Entry) -> Mapping[str, Any]:
    told = ("application", "team", "source", "rule", "path", "message")
    return {"readers": [{name: one.get(name, "") for name in told} for one in fact.readers]}


def _settings(fact: facts.ConfigChanged, _entry: Entry) -> Mapping[str, Any]:
    """The names alone: values may hold metadata that is not for everybody."""
    return {"settings": sorted(fact.config)}


def _settings_summary(fact: facts.ConfigChanged) -> str:
    what = f"of {fact.scope}" if fact.scope else "of the registry"
    return f"The settings {what} changed: {', '.join(sorted(fact.config)) or 'none of its own is left'}."


def _webhook_summary(fact: facts.WebhookCreated) -> str:
    return f"A webhook was created for {fact.node}."


_VERSIONS = _Kind(_subject, ("subject", "versions"))
_LIFE = ("subject", "major", "state", "sunset")
_OFFER = ("domain", "owner")
_KEK = _Kind(_kek, ("kek", "context"))
_DEK = _Kind(_subject, ("subject", "kek", "context", "algorithm", "versions"))
_EXPORTER = _Kind(_registry, ("name",))
_WAIVER = ("kind", "domain", "subject", "major", "guid", "reason", "requested_by", "until")

_KINDS: dict[type, _Kind] = {
    facts.DomainRegistered: _Kind(_domain, ("domain", "owner", "policy")),
    facts.DomainOwnerChanged: _Kind(_domain, _OFFER),
    facts.DomainPolicyChanged: _Kind(_domain, ("domain", "policy")),
    facts.EventDeclared: _Kind(_subject, ("subject", "kind", "classification", "topics", "handler")),
    facts.SchemaRegistered: _Kind(
        _subject, ("subject", "version", "id", "guid", "major", "revision", "level", "compared")
    ),
    facts.SchemaRefused: _Kind(_subject, ("subject", "guid", "major", "level", "verdict", "rules", "compared")),
    facts.VersionsSoftDeleted: _VERSIONS,
    facts.VersionsPermanentlyDeleted: _VERSIONS,
    facts.VersionsRestored: _VERSIONS,
    facts.RevisionsPurged: _Kind(_subject, ("subject", "versions", "reason", "waiver")),
    facts.WaiverGranted: _Kind(_waived, (*_WAIVER, "approved_by"), more=_numbered("waiver")),
    facts.WaiverUsed: _Kind(_waived, ("waiver", "domain", "subject", "version", "verdict", "rules")),
    facts.WaiverWithdrawn: _Kind(_known_waiver, ("waiver",)),
    facts.MajorsHeld: _Kind(_held, ("scope", "policy")),
    facts.ConfigChanged: _Kind(_scope, ("scope",), more=_settings, summary=_settings_summary),
    facts.ModeChanged: _Kind(_scope, ("scope", "mode")),
    facts.FirstMajorLifecycleChanged: _Kind(_subject, _LIFE),
    facts.MajorLifecycleChanged: _Kind(
        _subject, (*_LIFE, "since", "replacement", "page"), narrow=_readable_replacement
    ),
    facts.MajorMigrationChanged: _Kind(
        _subject, ("subject", "major", "reason"), more=lambda fact, _: {"steps": len(fact.steps)}
    ),
    facts.ResourceAssociated: _Kind(
        _subject,
        ("subject", "resource_name", "resource_type", "association_type", "lifecycle", "frozen"),
    ),
    facts.ResourceDissociated: _Kind(_registry, ("resource_name", "resource_id", "resource_type", "association_type")),
    facts.ExporterCreated: _EXPORTER,
    facts.ExporterChanged: _EXPORTER,
    facts.ExporterPaused: _EXPORTER,
    facts.ExporterResumed: _EXPORTER,
    facts.ExporterReset: _EXPORTER,
    facts.ExporterDeleted: _EXPORTER,
    facts.WaiverRequested: _Kind(_waived, _WAIVER, more=_numbered("waiver")),
    facts.WaiverApproved: _Kind(_known_waiver, ("waiver", "approved_by")),
    facts.OwnerTransferOffered: _Kind(_domain, (*_OFFER, "offered_by")),
    facts.OwnerTransferAccepted: _Kind(_domain, (*_OFFER, "accepted_by")),
    facts.OwnerTransferWithdrawn: _Kind(_domain, ("domain", "withdrawn_by")),
    facts.AccessGranted: _Kind(
        _node,
        ("issuer", "principal", "claims", "group", "verbs", "node", "expires", "because", "granted_by"),
        more=_numbered("grant"),
    ),
    facts.AccessRevoked: _Kind(_registry, ("grant", "because")),
    facts.AccessDenied: _Kind(_registry, ("principal", "verb", "node", "hour", "first_at")),
    facts.ConsumerDeclared: _Kind(
        _first_read,
        ("application", "team", "environment", "version"),
        narrow=_readable_reads,
        more=_reads,
    ),
    facts.ConsumerWithdrawn: _Kind(_registry, ("application",)),
    facts.ApplicationDeployed: _Kind(_deployed, ("application", "environment", "version"), narrow=_readable_deployment),
    facts.ChangeHeldBack: _Kind(_subject, ("subject", "guid"), more=_readers),
    facts.CheckReviewed: _Kind(_subject, ("about", "subject", "comment", "assignee", "handled", "reviewed_by")),
    facts.ApplicationHeld: _Kind(_registry, ("application",)),
    facts.CheckReviewed: _Kind(_subject, ("about", "subject", "comment", "assignee", "handled", "reviewed_by")),
    facts.SunsetReminded: _Kind(_subject, ("subject", "major", "sunset", "days", "readers", "further")),
    facts.KekRegistered: _KEK,
    facts.KekChanged: _KEK,
    facts.KekSoftDeleted: _KEK,
    facts.KekRestored: _KEK,
    facts.KekPermanentlyDeleted: _KEK,
    facts.DekRegistered: _Kind(_subject, ("subject", "kek", "context", "version", "algorithm")),
    facts.DekVersionsSoftDeleted: _DEK,
    facts.DekVersionsRestored: _DEK,
    facts.DekVersionsPermanentlyDeleted: _DEK,
    facts.IssuersConfigured: _Kind(_registry, ("digest", "issuers")),
    facts.WebhookCreated: _Kind(
        _node, ("node", "kinds", "created_by"), more=_numbered("webhook"), summary=_webhook_summary
    ),
    facts.WebhookRemoved: _Kind(_node, ("webhook", "node", "because")),
}
"""By the type of the fact. Those that are not here are for the registry alone."""

NOT_TOLD = (
    facts.SchemaDefined,
    facts.SchemaAliased,
    facts.InvalidSchemaKept,
    facts.DialectChosen,
    facts.ExporterAdvanced,
    facts.AccessSealed,
    facts.WebhookReplayed,
    facts.DeadLettersReplayed,
    facts.WebhookAdvanced,
)
"""The facts that become no event; a test holds them and `_KINDS` together."""

TOLD = frozenset(_KINDS)
"""The facts that become events."""
_OF_LIVES = {facts.FirstMajorLifecycleChanged, facts.MajorLifecycleChanged}
EVENT_KINDS = tuple(sorted({*_LIVES.values(), *(one.__name__ for one in TOLD - _OF_LIVES)}))
"""The names of all kinds, sorted."""
