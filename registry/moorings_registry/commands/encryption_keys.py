"""Encryption keys: which keys of key management services are known, and the wrapped keys of subjects.

The registry keeps wrapped keys alone. It neither makes nor unwraps one, so whatever needs a plain key is refused.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moorings_compat import Problem
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.encryption_keys import dek_label, deks_of, kek_for, kek_label, kek_of, subjects_of
from moorings_registry.errors import (
    KeyExists,
    KeyGenerationRefused,
    KeyInvalid,
    KeyNotFound,
    KeyNotSoftDeleted,
    KeyReferenced,
    KeySoftDeleted,
    TooManyKeys,
)
from moorings_registry.facts import (
    DekRegistered,
    DekVersionsPermanentlyDeleted,
    DekVersionsRestored,
    DekVersionsSoftDeleted,
    Fact,
    KekChanged,
    KekPermanentlyDeleted,
    KekRegistered,
    KekRestored,
    KekSoftDeleted,
)
from moorings_registry.modes import require_settable, require_writable
from moorings_registry.names import Scope, Subject
from moorings_registry.state import Dek, DekAlgorithm, Kek, State

MOST_KEKS = 10_000
MOST_DEKS = 10_000
"""Versions of all algorithms that one KEK wraps for one subject: a key a day for 27 years."""
LARGEST_VERSION = 2**31 - 1
LARGEST_MATERIAL_BYTES = 8_192
"""A wrapped key is a few hundred bytes at most."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}", re.ASCII)
_KMS_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}", re.ASCII)
_SECRET = re.compile(r"secret|passw|passphrase|token|credential|access.?key|private.?key|api.?key", re.IGNORECASE)
"""Names of properties with which clients reach a key management service, and which nobody else may know."""
_WITH_USER = re.compile(r"://[^/?#]*@")
_USER = "a URL with a user, and the ledger keeps no secrets; set it in the clients"
_MOST_PROPERTIES = 50
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class CreateKek:
    """Make a key of a key management service known."""

    name: str
    context: str
    kms_type: str
    kms_key_id: str
    kms_props: Mapping[str, Any]
    doc: str
    shared: bool


@dataclass(frozen=True, slots=True)
class ChangeKek:
    """Say something else of a KEK; None keeps what is said."""

    name: str
    context: str
    kms_props: Mapping[str, Any] | None = None
    doc: str | None = None
    shared: bool | None = None


@dataclass(frozen=True, slots=True)
class DeleteKek:
    """Hide a KEK; or with *permanent*, forget one that is hidden."""

    name: str
    context: str
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class RestoreKek:
    """Bring a soft-deleted KEK back."""

    name: str
    context: str


@dataclass(frozen=True, slots=True)
class CreateDek:
    """Keep a wrapped key of a subject."""

    kek: str
    subject: Subject
    algorithm: DekAlgorithm
    version: int
    encrypted_key_material: str
    """In base64; empty: the registry is to make the key."""


@dataclass(frozen=True, slots=True)
class DeleteDek:
    """Hide a version of a key, or all of them; or with *permanent*, forget what is hidden."""

    kek: str
    subject: Subject
    algorithm: DekAlgorithm
    version: int | None = None
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class RestoreDek:
    """Bring a soft-deleted version of a key back, or all of them."""

    kek: str
    subject: Subject
    algorithm: DekAlgorithm
    version: int | None = None


KeyCommand = CreateKek | ChangeKek | DeleteKek | RestoreKek | CreateDek | DeleteDek | RestoreDek


def create_kek(state: State, command: CreateKek, _dependencies: Dependencies) -> Decision:
    """Decide a new KEK.

    Raises:
        KeyInvalid, KeyExists, KeyGenerationRefused, TooManyKeys, OperationNotPermitted
    """
    _require_kek(command)
    require_settable(state, Scope(command.context))
    if (command.context, command.name) in state.keks:
        raise KeyExists(kek_label(command.name, command.context))
    if len(state.keks) >= MOST_KEKS:
        raise TooManyKeys(f"There are {MOST_KEKS:,} KEKs already, which is the maximum")
    props = dict(command.kms_props)
    made = KekRegistered(command.name, command.context, command.kms_type, command.kms_key_id, props, command.doc)
    return Decision((made,), Outcome(subject=command.name, created=True))


def change_kek(state: State, command: ChangeKek, _dependencies: Dependencies) -> Decision:
    """Decide what is said of a KEK from now on; the same again is nothing new.

    Raises:
        KeyNotFound, KeyInvalid, KeyGenerationRefused, OperationNotPermitted
    """
    before = kek_of(state, command.name, command.context)
    require_settable(state, Scope(command.context))
    if command.shared:
        raise _not_shared(command.name)
    props = dict(before.kms_props if command.kms_props is None else command.kms_props)
    doc = before.doc if command.doc is None else command.doc
    problems = [*_props_problems(props), *_doc_problems(doc)]
    if problems:
        raise _invalid(kek_label(command.name), problems)
    same = (props, doc) == (dict(before.kms_props), before.doc)
    facts = () if same else (KekChanged(command.name, command.context, props, doc),)
    return Decision(facts, Outcome(subject=command.name))


def delete_kek(state: State, command: DeleteKek, _dependencies: Dependencies) -> Decision:
    """Decide to hide a KEK, or to forget a hidden one.

    Raises:
        KeyNotFound, KeySoftDeleted, KeyNotSoftDeleted, KeyReferenced, OperationNotPermitted
    """
    kek, label = kek_of(state, command.name, command.context, deleted=True), kek_label(command.name, command.context)
    require_settable(state, Scope(command.context))
    if kek.deleted and not command.permanent:
        raise KeySoftDeleted(label)
    if command.permanent and not kek.deleted:
        raise KeyNotSoftDeleted(label)
    wraps = subjects_of(state, kek.place, deleted=command.permanent)
    if wraps:
        raise KeyReferenced(label, len(wraps))
    deleting = KekPermanentlyDeleted if command.permanent else KekSoftDeleted
    return Decision((deleting(command.name, command.context),), Outcome(subject=command.name))


def restore_kek(state: State, command: RestoreKek, _dependencies: Dependencies) -> Decision:
    """Decide to bring a KEK back.

    Raises:
        KeyNotFound, KeyNotSoftDeleted, OperationNotPermitted
    """
    kek = kek_of(state, command.name, command.context, deleted=True)
    require_settable(state, Scope(command.context))
    if not kek.deleted:
        raise KeyNotSoftDeleted(kek_label(command.name, command.context))
    return Decision((KekRestored(command.name, command.context),), Outcome(subject=command.name))


def create_dek(state: State, command: CreateDek, _dependencies: Dependencies) -> Decision:
    """Decide to keep a wrapped key.

    Raises:
        KeyNotFound, KeySoftDeleted, KeyInvalid, KeyExists, KeyGenerationRefused, TooManyKeys, OperationNotPermitted
    """
    kek = _active_kek(state, command.kek, command.subject)
    require_writable(state, command.subject)
    _require_dek(command)
    label = dek_label(command.kek, command.subject, command.algorithm, command.version)
    known = deks_of(state, command.kek, command.subject)
    if any((one.algorithm, one.version) == (command.algorithm, command.version) for one in known):
        raise KeyExists(label)
    if len(known) >= MOST_DEKS:
        raise TooManyKeys(f"KEK '{command.kek}' wraps {MOST_DEKS:,} keys of this subject, which is the maximum")
    made = DekRegistered(
        kek=kek.name,
        context=kek.context,
        subject=str(command.subject),
        version=command.version,
        algorithm=str(command.algorithm),
        encrypted_key_material=command.encrypted_key_material,
    )
    return Decision((made,), Outcome(subject=str(command.subject), created=True))


def delete_dek(state: State, command: DeleteDek, _dependencies: Dependencies) -> Decision:
    """Decide to hide versions of a key, or to forget hidden ones.

    Raises:
        KeyNotFound, KeySoftDeleted, KeyNotSoftDeleted, OperationNotPermitted
    """
    meant, label = _meant(state, command), dek_label(command.kek, command.subject, command.algorithm, command.version)
    require_writable(state, command.subject)
    if command.permanent:
        if not all(one.deleted for one in meant):
            raise KeyNotSoftDeleted(label)
        return _of_versions(DekVersionsPermanentlyDeleted, meant)
    active = [one for one in meant if not one.deleted]
    if not active:
        raise KeySoftDeleted(label)
    return _of_versions(DekVersionsSoftDeleted, active)


def restore_dek(state: State, command: RestoreDek, _dependencies: Dependencies) -> Decision:
    """Decide to bring versions of a key back.

    Raises:
        KeyNotFound, KeySoftDeleted, KeyNotSoftDeleted, OperationNotPermitted
    """
    hidden = [one for one in _meant(state, command) if one.deleted]
    require_writable(state, command.subject)
    if not hidden:
        raise KeyNotSoftDeleted(dek_label(command.kek, command.subject, command.algorithm, command.version))
    _active_kek(state, command.kek, command.subject)
    return _of_versions(DekVersionsRestored, hidden)


def _active_kek(state: State, name: str, subject: Subject) -> Kek:
    """The KEK that wraps a subject's keys.

    Raises:
        KeyNotFound, KeySoftDeleted
    """
    try:
        return kek_for(state, name, subject)
    except KeyNotFound:
        hidden = kek_for(state, name, subject, deleted=True)
        raise KeySoftDeleted(kek_label(hidden.name, hidden.context)) from None


def _meant(state: State, command: DeleteDek | RestoreDek) -> list[Dek]:
    listed = deks_of(state, command.kek, command.subject, command.algorithm)
    meant = [one for one in listed if command.version in (None, one.version)]
    if not meant:
        raise KeyNotFound(dek_label(command.kek, command.subject, command.algorithm, command.version))
    return meant


def _of_versions(kind: Callable[..., Fact], deks: Iterable[Dek]) -> Decision:
    """A fact for each place that has some of *deks*: an event's may lie under the names of its topics."""
    places: dict[tuple[str, str, Subject], list[Dek]] = {}
    for one in deks:
        places.setdefault(one.place, []).append(one)
    facts = tuple(
        kind(kek, context, str(subject), str(listed[0].algorithm), [one.version for one in listed])
        for (context, kek, subject), listed in places.items()
    )
    return Decision(facts, Outcome(subject=next(iter(places))[1]))


def _require_kek(command: CreateKek) -> None:
    problems = []
    if not _NAME.fullmatch(command.name):
        what = "not 1 to 200 letters, digits, '_', '.' and '-', without '.' or '-' in front"
        problems.append(Problem("/name", what))
    if not _KMS_TYPE.fullmatch(command.kms_type):
        problems.append(Problem("/kmsType", "not the type of a key management service, such as 'aws-kms'"))
    if not command.kms_key_id or len(command.kms_key_id) > _LONGEST or not command.kms_key_id.isprintable():
        problems.append(Problem("/kmsKeyId", f"not 1 to {_LONGEST:,} printable characters"))
    elif _WITH_USER.search(command.kms_key_id):
        problems.append(Problem("/kmsKeyId", _USER))
    problems += [*_props_problems(command.kms_props), *_doc_problems(command.doc)]
    if problems:
        raise _invalid("KEK", problems)
    if command.shared:
        raise _not_shared(command.name)


def _props_problems(props: Mapping[str, Any]) -> Iterable[Problem]:
    if len(props) > _MOST_PROPERTIES:
        yield Problem("/kmsProps", f"more than {_MOST_PROPERTIES} properties")
        return
    for name, value in props.items():
        if not isinstance(value, str) or len(value) > _LONGEST or len(name) > _LONGEST:
            yield Problem("/kmsProps", f"a property that is not a text of at most {_LONGEST:,} characters")
        elif _SECRET.search(name):
            what = "a property named like a secret, which the ledger does not keep; set it in the clients"
            yield Problem("/kmsProps", what)
        elif _WITH_USER.search(value):
            yield Problem("/kmsProps", _USER)


def _doc_problems(doc: str) -> Iterable[Problem]:
    if len(doc) > _LONGEST:
        yield Problem("/doc", f"more than {_LONGEST:,} characters")


def _require_dek(command: CreateDek) -> None:
    """Pass a wrapped key that may be kept.

    Raises:
        KeyGenerationRefused, KeyInvalid
    """
    if not command.encrypted_key_material:
        raise KeyGenerationRefused(
            "The request has no encryptedKeyMaterial, and the registry makes no keys: wrap one with the KEK and send it"
        )
    problems = []
    if not 1 <= command.version <= LARGEST_VERSION:
        problems.append(Problem("/version", f"not an integer from 1 to {LARGEST_VERSION}"))
    try:
        size = len(base64.b64decode(command.encrypted_key_material, validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not 0 < size <= LARGEST_MATERIAL_BYTES:
        problems.append(Problem("/encryptedKeyMaterial", f"not 1 to {LARGEST_MATERIAL_BYTES:,} bytes in base64"))
    if problems:
        raise _invalid("DEK", problems)


def _invalid(what: str, problems: list[Problem]) -> KeyInvalid:
    return KeyInvalid(f"{what}: {problems[0]}", problems)


def _not_shared(name: str) -> KeyGenerationRefused:
    return KeyGenerationRefused(
        f"KEK '{name}' cannot be shared: the registry would have to make and unwrap keys, and has no access to a KMS"
    )
