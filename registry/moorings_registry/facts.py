"""The ledger's vocabulary: what can have happened to a registry, one frozen value each, in the past tense.

A fact is stored as a JSON object: ``{"fact": "SchemaRegistered", "v": 1, ...}``. Its form never changes once written;
a new form gets the next `v`. The JSON Schemas are in ``schemas/moorings.registry/``; their forms, which is what members
there are, of which types, and the values of closed lists, are rendered into ``fact_forms.json`` by `make docs`.

A fact is read in exactly the form that this release knows, or not at all: a member that it would leave out may be what
matters. What is written is read in the same way before it is appended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

import jsonschema_rs
import orjson

from moorings_registry.errors import Refusal
from moorings_registry.errors.refusal import printable


class FactUnknown(Refusal):
    code = "FACT_UNKNOWN"
    title = "The ledger holds a fact that this release does not know"
    audience = "operator"
    fix = "Run the release that wrote the ledger, or a newer one."


@dataclass(frozen=True, slots=True)
class DomainRegistered:
    """A domain got its accountable owner."""

    domain: str
    owner: str
    contacts: list[str]
    description: str
    policy: Mapping[str, Any]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DomainOwnerChanged:
    """Another owner, other contacts or another description."""

    domain: str
    owner: str
    contacts: list[str]
    description: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DomainPolicyChanged:
    """The whole policy as it is from now on."""

    domain: str
    policy: Mapping[str, Any]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class EventDeclared:
    """What an event is, besides its schemas: the whole of it as it is from now on."""

    subject: str
    kind: str
    """``fact``, ``type`` or ``command``."""
    description: str
    classification: str
    """``public``, ``internal``, ``confidential`` or ``restricted``; empty where nobody said."""
    topics: list[str]
    """The Kafka topics that carry it."""
    handler: str
    """Of a command: the one application that acts on it; empty for other kinds."""
    name_reviewed: str
    """Why the name is right although the lint cannot tell; empty where nobody was asked."""
    replay: Mapping[str, Any] | None
    idempotency: Mapping[str, Any] | None
    expectations: Mapping[str, Any] | None
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class SchemaDefined:
    """A definition was seen for the first time, in whatever subject, accepted or refused."""

    guid: str
    format: str
    text: str
    references: list[Mapping[str, Any]]
    metadata: Mapping[str, Any] | None
    rule_set: Mapping[str, Any] | None
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class InvalidSchemaKept:
    """A definition that came from another registry is kept as it was there, although it is not a valid schema here."""

    guid: str
    reason: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DialectChosen:
    """A JSON Schema names a dialect of another party, and is read in the draft that its domain named then."""

    guid: str
    dialect: str
    """Such as ``draft-04``; where the default was chosen, nothing is recorded."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class SchemaAliased:
    """A definition that came from another registry is found by the guid that it had there, too."""

    guid: str
    alias: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class SchemaRegistered:
    """A definition became a version of a subject."""

    subject: str
    version: int
    id: int
    guid: str
    major: int
    revision: int
    group: str
    """The value of the metadata property that names the major on the Confluent API; empty where none does."""
    level: str
    """The compatibility level that it was held to."""
    compared: list[int]
    """The versions that it was compared with, newest first."""
    policy: Mapping[str, Any]
    """How findings were weighed, where it departs from the default (`moorings_compat.Policy`)."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class SchemaRefused:
    """A definition would have broken a promise."""

    subject: str
    guid: str
    major: int
    level: str
    verdict: str
    rules: list[str]
    """Codes of the rules that fired, sorted."""
    compared: list[int]
    """The versions that it was compared with, newest first."""
    policy: Mapping[str, Any]
    """How findings were weighed, where it departs from the default (`moorings_compat.Policy`)."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class VersionsSoftDeleted:
    """Versions were hidden; their ids still resolve."""

    subject: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class VersionsPermanentlyDeleted:
    """Versions were permanently deleted."""

    subject: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class VersionsRestored:
    """Soft-deleted versions came back under their numbers."""

    subject: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class RevisionsPurged:
    """Why versions of a registered domain were deleted permanently, and whether their major still answers for them.

    Precedes the `VersionsPermanentlyDeleted` of the same versions.
    """

    subject: str
    versions: list[int]
    reason: str
    waiver: int
    """The waiver that says that no stored event of them is left; 0: none, so every later revision of their majors is
    compared with them still."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WaiverGranted:
    """Two people suspended a rule of governance, until a date or for one change. Named by the position of its entry."""

    kind: str
    """``level``, ``import``, ``purge``, ``retire`` or ``finding``."""
    domain: str
    subject: str
    """The only subject that it is for; empty: every subject of the domain and of those below it."""
    major: int
    """The only major that it is for; 0: every major."""
    guid: str
    """Of kind ``finding``: the definition that may be registered."""
    reason: str
    requested_by: str
    approved_by: str
    until: str
    """The moment at which it ends, as entries have them; empty for kind ``finding``, which does not end."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WaiverUsed:
    """A waiver let the facts of this entry happen."""

    waiver: int
    domain: str
    """The domain that it allowed something in: its own, or one below it."""
    subject: str
    """The subject that it was about; empty: the domain as a whole."""
    version: int
    """The version that was registered under it; 0: it was about something else."""
    verdict: str
    """Of kind ``finding``: what the check of that version came to."""
    rules: list[str]
    """Codes of the rules that fired, sorted."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WaiverWithdrawn:
    """A waiver ended early."""

    waiver: int
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class MajorsHeld:
    """A policy asks for less from now on, and the majors that are open stay held to what they were promised under.

    `scope` is ``domain:`` and a domain, or a subject. An empty policy releases them: a waiver says so.
    """

    scope: str
    policy: Mapping[str, Any]
    """What they stay held to, as far as changed: ``level``, ``formats``, ``json_fields``, ``protobuf_level``,
    ``notice_days``, ``quiet_days``."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """The whole configuration of a scope as it is from now on; empty means none of its own.

    `scope` is a subject, a context as ``:.name:``, or empty for the registry as a whole.
    """

    scope: str
    config: Mapping[str, Any]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """The mode of a scope; empty means none of its own."""

    scope: str
    mode: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class FirstMajorLifecycleChanged:
    """The first form of `MajorLifecycleChanged`, before drafts and replacements."""

    subject: str
    major: int
    state: str
    sunset: str
    stored_as: ClassVar[str] = "MajorLifecycleChanged"
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class MajorLifecycleChanged:
    """A major became a draft, active, deprecated or retired."""

    subject: str
    major: int
    state: str
    sunset: str = ""
    """The day (YYYY-MM-DD) after which consumers must not rely on it; empty where none is set."""
    since: str = ""
    """The day from which it is deprecated; empty for one that is not."""
    replacement: str = ""
    """What to use instead, as a subject or as ``subject@major``; empty: the next major of the same event."""
    page: str = ""
    """The address of a page that says how to migrate."""
    v: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class MajorMigrationChanged:
    """How events of the major before become events of a major, or why there is not a mapping."""

    subject: str
    major: int
    steps: list[Mapping[str, Any]]
    """The steps of the mapping as files have them, in order; empty where there is none."""
    reason: str
    """Why there is not a mapping; empty where there is one, or where nobody said anything."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ResourceAssociated:
    """A resource, such as a topic, is described by a subject, on these terms from now on."""

    subject: str
    guid: str
    """Names the association, not a schema."""
    resource_name: str
    resource_namespace: str
    """The Kafka cluster's id."""
    resource_id: str
    resource_type: str
    association_type: str
    """``key`` or ``value``."""
    lifecycle: str
    """``STRONG``: the subject belongs to the resource alone; ``WEAK``: it is independent."""
    frozen: bool
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ResourceDissociated:
    """An association of a resource ended."""

    resource_name: str
    resource_id: str
    resource_type: str
    association_type: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterCreated:
    """An exporter was created and started: it keeps another registry in step."""

    name: str
    context_type: str
    """``AUTO``, ``CUSTOM``, ``NONE`` or ``DEFAULT``: how a source's context becomes a target's."""
    context: str
    """What is laid before the source's context; empty for ``NONE`` and ``DEFAULT``."""
    subjects: list[str]
    """Patterns of the subjects that are exported; ``*`` matches any characters."""
    rename_format: str
    """What a subject is called there: ``eu-${subject}``."""
    config: Mapping[str, Any]
    """Where to; never a secret."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterChanged:
    """The whole definition of an exporter as it is from now on; it exports from the beginning again."""

    name: str
    context_type: str
    context: str
    subjects: list[str]
    rename_format: str
    config: Mapping[str, Any]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterPaused:
    """An exporter was paused."""

    name: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterResumed:
    """An exporter was resumed where it stopped."""

    name: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterReset:
    """An exporter was restarted from the beginning of the ledger."""

    name: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterAdvanced:
    """The target is in step up to a position. Recorded rarely, so that a restart need not begin from the start."""

    name: str
    position: int
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExporterDeleted:
    """An exporter was deleted; its exports remain in the target."""

    name: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WaiverRequested:
    """A caller asked for a waiver, which holds once another one approves. Named by the position of its entry."""

    kind: str
    domain: str
    subject: str
    major: int
    guid: str
    reason: str
    requested_by: str
    """The name of the principal."""
    until: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WaiverApproved:
    """A caller other than the one who requested it approved a waiver."""

    waiver: int
    approved_by: str
    """The name of the principal."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class OwnerTransferOffered:
    """A domain was offered to another owner, who has to accept."""

    domain: str
    owner: str
    receiver: str
    """The name of the one principal who may accept; empty: whoever governs a domain of that owner."""
    offered_by: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class OwnerTransferAccepted:
    """The receiving side accepted a domain, which has another owner from now on."""

    domain: str
    owner: str
    accepted_by: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class OwnerTransferWithdrawn:
    """An offer of a domain was withdrawn or declined."""

    domain: str
    withdrawn_by: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class AccessGranted:
    """Callers may do something from now on. Named by the position of its entry."""

    issuer: str
    """The alias of the issuer that vouches for them; empty for callers without a credential."""
    principal: str
    """The name of the one principal; empty: every principal with the claims and the group below."""
    claims: Mapping[str, str]
    """Claims that have to equal these values."""
    group: str
    """A group that they have to be in; empty: none."""
    verbs: list[str]
    node: str
    expires: str
    """The moment at which it ends, as entries have them; empty where it does not."""
    because: str
    granted_by: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class AccessRevoked:
    """A grant ended early."""

    grant: int
    because: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """A caller was denied a write: the first time in an hour, for the same verb and node."""

    principal: str
    verb: str
    node: str
    hour: str
    first_at: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class AccessSealed:
    """The counts of who read what in an hour, as one node kept them beside the ledger, are complete."""

    hour: str
    kept_by: str
    rows: int
    digest: str
    """SHA-256 (hex) of the rows, one line of JSON each."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ConsumerDeclared:
    """An application declared what it reads, or renewed its declaration: the whole of it as it is from now on."""

    application: str
    team: str
    """The team that owns the application."""
    contact: str
    environment: str
    version: str
    """The version of the application that the declaration was made for; empty where it does not say."""
    reads: list[Mapping[str, Any]]
    """Each with `event`, `major`, `fields` (each a `path` and a `use`) and `tests` (`name`, `event`, `assertion`)."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ConsumerWithdrawn:
    """An application no longer reads any event."""

    application: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ApplicationDeployed:
    """A version of an application runs in an environment, in place of the one before it."""

    application: str
    environment: str
    version: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ApplicationHeld:
    """Who may change what is declared of an application from now on: the whole of it."""

    application: str
    principals: list[str]
    domains: list[str]
    """Whoever governs one of these may, too."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class SunsetReminded:
    """The sunset of a deprecated major is near, or over, and somebody still reads it. Changes nothing else."""

    subject: str
    major: int
    sunset: str
    days: int
    """At most so many days are left; 0: the sunset is over."""
    readers: list[str]
    """Applications that declare to read it, or were observed to."""
    further: int
    """Readers that are not named."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ChangeHeldBack:
    """Who reads what the definition refused in this entry would remove or break. Precedes its `SchemaRefused`."""

    subject: str
    guid: str
    readers: list[Mapping[str, Any]]
    """Each with `application`, `team`, `source` (declared or observed), `rule`, `path`, `message` and `payload`."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class CheckReviewed:
    """Somebody said what becomes of a change that was refused, or of one that a CI job checked."""

    about: str
    """``report:ID``, a report of the ledger, or ``check:ID``, a kept check."""
    subject: str
    """The event that it is about."""
    comment: str
    """Empty where nothing was said."""
    assignee: str | None
    """Who is to act on it from now on; empty for nobody, None where that stays as it was."""
    handled: bool | None
    """Whether nothing is left to be done; None where that stays as it was."""
    reviewed_by: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class KekRegistered:
    """A key encryption key was made known: where a key management service has it, never the key itself."""

    kek: str
    """Its name."""
    context: str
    kms_type: str
    """Such as ``aws-kms``, ``azure-kms``, ``gcp-kms``, ``hcvault`` or ``local-kms``."""
    kms_key_id: str
    """What the key management service calls it."""
    kms_props: Mapping[str, str]
    """How clients reach it; never a secret."""
    doc: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class KekChanged:
    """What is said of a key encryption key, as it is from now on."""

    kek: str
    context: str
    kms_props: Mapping[str, str]
    doc: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class KekSoftDeleted:
    """A key encryption key was hidden."""

    kek: str
    context: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class KekRestored:
    """A soft-deleted key encryption key came back."""

    kek: str
    context: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class KekPermanentlyDeleted:
    """The registry no longer knows a key encryption key."""

    kek: str
    context: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DekRegistered:
    """A version of a data encryption key of a subject was stored, wrapped by its key encryption key."""

    kek: str
    context: str
    """The context of the key encryption key."""
    subject: str
    version: int
    algorithm: str
    """``AES128_GCM``, ``AES256_GCM`` or ``AES256_SIV``."""
    encrypted_key_material: str
    """In base64; nobody reads it without the key management service."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DekVersionsSoftDeleted:
    """Versions of a data encryption key were hidden."""

    kek: str
    context: str
    subject: str
    algorithm: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DekVersionsRestored:
    """Soft-deleted versions of a data encryption key came back."""

    kek: str
    context: str
    subject: str
    algorithm: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DekVersionsPermanentlyDeleted:
    """The registry no longer serves versions of a data encryption key."""

    kek: str
    context: str
    subject: str
    algorithm: str
    versions: list[int]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class IssuersConfigured:
    """A node was given other issuers of tokens to trust: the whole list as it is from now on."""

    digest: str
    """SHA-256 (hex) of its issuers file; empty where it has none, and local callers need no sign-in."""
    issuers: list[Mapping[str, Any]]
    """Of each: `alias`, `kind` and `issuer`, its URL."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WebhookCreated:
    """Events of the registry are sent to a URL from now on. Named by the position of its entry."""

    url: str
    """Where they are posted; never a secret."""
    node: str
    """The part of the tree of names that they are about."""
    kinds: list[str]
    """The kinds of events that are sent; empty: all."""
    mode: str
    """``structured`` or ``binary``: how CloudEvents are written."""
    after: int
    """Events of entries that follow this position are sent."""
    grants: list[int]
    """What allowed its author to subscribe, by id; empty: the registry's operator. It stops when none is left."""
    created_by: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WebhookReplayed:
    """A webhook gets what followed a position again."""

    webhook: int
    after: int
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DeadLettersReplayed:
    """A webhook gets again what it did not take."""

    webhook: int
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WebhookAdvanced:
    """A webhook has everything up to a position. Recorded rarely, so that a lost count does not mean a flood."""

    webhook: int
    position: int
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WebhookRemoved:
    """A webhook ended."""

    webhook: int
    node: str
    because: str
    """Why: what somebody said, or that the receiver answered that it is gone."""
    v: ClassVar[int] = 1


Fact = (
    DomainRegistered
    | DomainOwnerChanged
    | DomainPolicyChanged
    | EventDeclared
    | SchemaDefined
    | SchemaAliased
    | InvalidSchemaKept
    | DialectChosen
    | SchemaRegistered
    | SchemaRefused
    | VersionsSoftDeleted
    | VersionsPermanentlyDeleted
    | VersionsRestored
    | RevisionsPurged
    | WaiverGranted
    | WaiverUsed
    | WaiverWithdrawn
    | MajorsHeld
    | ConfigChanged
    | ModeChanged
    | FirstMajorLifecycleChanged
    | MajorLifecycleChanged
    | MajorMigrationChanged
    | ResourceAssociated
    | ResourceDissociated
    | ExporterCreated
    | ExporterChanged
    | ExporterPaused
    | ExporterResumed
    | ExporterReset
    | ExporterAdvanced
    | ExporterDeleted
    | WaiverRequested
    | WaiverApproved
    | OwnerTransferOffered
    | OwnerTransferAccepted
    | OwnerTransferWithdrawn
    | AccessGranted
    | AccessRevoked
    | AccessDenied
    | AccessSealed
    | ConsumerDeclared
    | ConsumerWithdrawn
    | ApplicationDeployed
    | ApplicationHeld
    | SunsetReminded
    | ChangeHeldBack
    | CheckReviewed
    | IssuersConfigured
    | WebhookCreated
    | WebhookReplayed
    | DeadLettersReplayed
    | WebhookAdvanced
    | WebhookRemoved
    | KekRegistered
    | KekChanged
    | KekSoftDeleted
    | KekRestored
    | KekPermanentlyDeleted
    | DekRegistered
    | DekVersionsSoftDeleted
    | DekVersionsRestored
    | DekVersionsPermanentlyDeleted
)

_NAMES: dict[type[Fact], str] = {kind: getattr(kind, "stored_as", kind.__name__) for kind in Fact.__args__}
FACTS: dict[tuple[str, int], type[Fact]] = {(_NAMES[kind], kind.v): kind for kind in Fact.__args__}
_FIELDS = {kind: tuple(one.name for one in fields(kind)) for kind in Fact.__args__}


def to_json(fact: Fact) -> dict[str, Any]:
    """Write *fact* as the JSON object that the ledger keeps."""
    kind = type(fact)
    return {"fact": _NAMES[kind], "v": kind.v, **{name: getattr(fact, name) for name in _FIELDS[kind]}}


def from_json(stored: Mapping[str, Any]) -> Fact:
    """Read a stored fact.

    Raises:
        FactUnknown: a newer release wrote it: its kind, its version or its form is not one of those here.
    """
    name, v = stored.get("fact"), stored.get("v")
    kind = FACTS.get((name, v)) if isinstance(name, str) and type(v) is int else None
    if kind is None:
        raise FactUnknown(f"Fact {printable(str(name))} v{printable(str(v))} is not known to this release")
    form = _form(f"{name}.v{v}")
    if not form.is_valid(stored):
        where = "/".join(str(part) for part in next(form.iter_errors(stored)).instance_path)
        at = f", at /{printable(where)}" if where else ""
        raise FactUnknown(f"Fact {name} v{v} has another form than this release knows{at}")
    return kind(**{name: stored[name] for name in _FIELDS[kind]})


@cache
def _form(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_forms()[name])


@cache
def _forms() -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(files("moorings_registry").joinpath("fact_forms.json").read_bytes())
    return read
