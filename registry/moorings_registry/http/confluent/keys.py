"""Encryption keys, as serializers with rules of the types ENCRYPT and ENCRYPT_PAYLOAD ask for them.

The registry keeps wrapped keys and what wrapped them. It has no access to a key management service, so whatever would
need a plain key is refused (40370).
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from moorings_compat import Problem
from moorings_registry.commands import (
    ChangeKek,
    Command,
    CreateDek,
    CreateKek,
    DeleteDek,
    DeleteKek,
    RestoreDek,
    RestoreKek,
)
from moorings_registry.encryption_keys import (
    LATEST,
    dek_label,
    deks_of,
    find_dek,
    kek_for,
    kek_of,
    subject_of_keys,
    subjects_of,
)
from moorings_registry.errors import (
    KeyExists,
    KeyGenerationRefused,
    KeyInvalid,
    KeyNotFound,
    KeyNotSoftDeleted,
    KeyReferenced,
    KeySoftDeleted,
    OperationNotPermitted,
    SubjectInvalid,
    TooManyKeys,
    VersionInvalid,
)
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import INTEGERS, STRINGS
from moorings_registry.http.confluent.key_shapes import (
    DekBody,
    DekOfSubjectBody,
    DekQuery,
    DekShape,
    DeleteDekQuery,
    DeleteKekQuery,
    KekBody,
    KekQuery,
    KekShape,
    KeksQuery,
    ListedDeksQuery,
    ListedSubjectsQuery,
    NewDekQuery,
    NewKekBody,
    ReadKekQuery,
    WrittenDekQuery,
)
from moorings_registry.http.confluent.query_shapes import page
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import current_context, subject_named
from moorings_registry.http.requests import consult, current_caller, current_registry, current_state
from moorings_registry.names import Subject, context_name
from moorings_registry.state import Dek, DekAlgorithm, Kek, State
from moorings_registry.version_selectors import read_version


def list_keks(query: Mapping[str, Any]) -> Answer:
    """List the names of the KEKs of a context, sorted."""
    state, context, prefixes = current_state(), _context(query), tuple(query["subject_prefix"])
    named = [
        kek.name
        for kek in state.keks.values()
        if kek.context == context
        and (query["deleted"] or not kek.deleted)
        and (not prefixes or any(str(one).startswith(prefixes) for one in subjects_of(state, kek.place, deleted=True)))
    ]
    return Answer(page(sorted(named), query))


def create_kek(query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Make a key of a key management service known, under a name."""
    context = _context(query)
    command = CreateKek(
        name=body["name"],
        context=context,
        kms_type=body["kms_type"],
        kms_key_id=body["kms_key_id"],
        kms_props=body["kms_props"] or {},
        doc=body["doc"] or "",
        shared=body["shared"] or False,
    )
    return _kek_written(command, context)


def show_kek(kek: str, query: Mapping[str, Any]) -> Answer:
    """Show a KEK."""
    context = _context(query)
    return Answer(consult(lambda state: _shown_kek(kek_of(state, kek, context, deleted=query["deleted"]))))


def change_kek(kek: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Change the properties and the documentation of a KEK; absent members stay."""
    context = _context(query)
    return _kek_written(ChangeKek(kek, context, body["kms_props"], body["doc"], body["shared"]), context)


def delete_kek(kek: str, query: Mapping[str, Any]) -> Answer:
    """Soft-delete a KEK that wraps no active key; with `permanent`, delete permanently one that wraps none at all."""
    return _executed(DeleteKek(kek, _context(query), query["permanent"]))


def restore_kek(kek: str, query: Mapping[str, Any]) -> Answer:
    """Restore a soft-deleted KEK."""
    return _executed(RestoreKek(kek, _context(query)))


def refuse_test(kek: str, query: Mapping[str, Any]) -> NoReturn:
    """Refuse: the registry has no access to the key management service."""
    consult(lambda state: kek_of(state, kek, _context(query)))
    raise KeyGenerationRefused("The registry has no access to a key management service, so it tests no key of one")


def list_subjects(kek: str, query: Mapping[str, Any]) -> Answer:
    """List the subjects whose keys a KEK wraps, sorted."""
    state, deleted = current_state(), query["deleted"]
    found = kek_of(state, kek, _context(query), deleted=deleted)
    return Answer(page([str(one) for one in subjects_of(state, found.place, deleted=deleted)], query))


def create_dek(kek: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Store a version of a subject's key, wrapped by the KEK; without `version`, version 1."""
    return _create_dek(kek, body["subject"], query, body)


def create_dek_of_subject(kek: str, subject: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Store a version of a subject's key, wrapped by the KEK; without `version`, version 1."""
    return _create_dek(kek, subject, query, body)


def show_dek(kek: str, subject: str, query: Mapping[str, Any]) -> Answer:
    """Show version 1 of a subject's key."""
    return _show_dek(kek, subject, 1, query)


def show_dek_version(kek: str, subject: str, version: str, query: Mapping[str, Any]) -> Answer:
    """Show a version of a subject's key."""
    return _show_dek(kek, subject, read_version(version), query)


def list_versions(kek: str, subject: str, query: Mapping[str, Any]) -> Answer:
    """List the versions of a subject's key, oldest first."""
    deleted, algorithm = query["deleted"], _algorithm(query["algorithm"])

    def listed(state: State) -> list[int]:
        meant = subject_of_keys(state, subject_named(subject))
        kek_for(state, kek, meant, deleted=deleted)
        numbers = [one.version for one in deks_of(state, kek, meant, algorithm) if deleted or not one.deleted]
        if not numbers:
            raise KeyNotFound(dek_label(kek, subject_named(subject), algorithm))
        return numbers

    return Answer(page(consult(listed), query))


def delete_dek(kek: str, subject: str, query: Mapping[str, Any]) -> Answer:
    """Soft-delete every version of a subject's key; with `permanent`, delete permanently what is soft-deleted."""
    return _delete_dek(kek, subject, None, query)


def delete_dek_version(kek: str, subject: str, version: str, query: Mapping[str, Any]) -> Answer:
    """Soft-delete a version of a subject's key; with `permanent`, delete permanently one that is soft-deleted."""
    return _delete_dek(kek, subject, version, query)


def restore_dek(kek: str, subject: str, query: Mapping[str, Any]) -> Answer:
    """Restore every soft-deleted version of a subject's key."""
    return _restore_dek(kek, subject, None, query)


def restore_dek_version(kek: str, subject: str, version: str, query: Mapping[str, Any]) -> Answer:
    """Restore a soft-deleted version of a subject's key."""
    return _restore_dek(kek, subject, version, query)


def _kek_written(command: CreateKek | ChangeKek, context: str) -> Answer:
    _, state = current_registry().execute(command, current_caller())
    return Answer(_shown_kek(kek_of(state, command.name, context, deleted=True)), written=state)


def _executed(command: Command) -> Answer:
    _, state = current_registry().execute(command, current_caller())
    return Answer(written=state)


def _create_dek(kek: str, name: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    if query["rewrap"]:
        raise KeyGenerationRefused("The registry does not rewrap keys: it would have to unwrap them with the KMS first")
    if body["key_material"] is not None:
        problem = Problem("/keyMaterial", "a plain key; send `encryptedKeyMaterial`, wrapped with the KEK")
        raise KeyInvalid(f"DEK: {problem}", [problem])
    named = subject_named(name)
    if body["subject"] is not None and subject_named(body["subject"]) != named:
        problem = Problem("/subject", "not the subject of the path")
        raise KeyInvalid(f"DEK: {problem}", [problem])
    algorithm = _algorithm(body["algorithm"])
    version = 1 if body["version"] is None else body["version"]
    meant = subject_of_keys(current_state(), named)
    command = CreateDek(kek, meant, algorithm, version, body["encrypted_key_material"] or "")
    _, state = current_registry().execute(command, current_caller())
    written = find_dek(state, kek, subject_of_keys(state, named), algorithm, version, deleted=True)
    return Answer(_shown_dek(written, named), written=state)


def _show_dek(kek: str, name: str, version: int, query: Mapping[str, Any]) -> Answer:
    named, deleted, algorithm = subject_named(name), query["deleted"], _algorithm(query["algorithm"])

    def found(state: State) -> Dek:
        meant = subject_of_keys(state, named)
        kek_for(state, kek, meant, deleted=deleted)
        return find_dek(state, kek, meant, algorithm, version, deleted=deleted)

    return Answer(_shown_dek(consult(found), named))


def _delete_dek(kek: str, name: str, version: str | None, query: Mapping[str, Any]) -> Answer:
    subject, algorithm, number = _one_meant(kek, name, version, query, deleted=query["permanent"])
    return _executed(DeleteDek(kek, subject, algorithm, number, query["permanent"]))


def _restore_dek(kek: str, name: str, version: str | None, query: Mapping[str, Any]) -> Answer:
    subject, algorithm, number = _one_meant(kek, name, version, query, deleted=True)
    return _executed(RestoreDek(kek, subject, algorithm, number))


def _one_meant(
    kek: str, name: str, version: str | None, query: Mapping[str, Any], *, deleted: bool
) -> tuple[Subject, DekAlgorithm, int | None]:
    """Whose key of which algorithm a path means, and which version; None for all of them.

    Raises:
        KeyNotFound: there is not a latest version.
    """
    state, algorithm = current_state(), _algorithm(query["algorithm"])
    subject = subject_of_keys(state, subject_named(name))
    number = None if version is None else read_version(version)
    if number == LATEST:
        number = find_dek(state, kek, subject, algorithm, LATEST, deleted=deleted).version
    return subject, algorithm, number


def _context(query: Mapping[str, Any]) -> str:
    """The context of a KEK: that of the path, or the one that the query names."""
    asked = query["context"]
    return context_name(asked) if asked else current_context()


def _algorithm(sent: str | None) -> DekAlgorithm:
    if not sent:
        return DekAlgorithm.AES256_GCM
    try:
        return DekAlgorithm(sent)
    except ValueError:
        problem = Problem("/algorithm", f"not one of {', '.join(DekAlgorithm)}")
        raise KeyInvalid(f"DEK: {problem}", [problem]) from None


def _shown_kek(kek: Kek) -> dict[str, Any]:
    shown = {
        "name": kek.name,
        "kms_type": kek.kms_type,
        "kms_key_id": kek.kms_key_id,
        "kms_props": dict(kek.kms_props) or None,
        "doc": kek.doc or None,
        "shared": False,
        "ts": kek.changed_at,
        "deleted": kek.deleted or None,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _shown_dek(dek: Dek, named: Subject) -> dict[str, Any]:
    """A key as whoever asked for it by *named* keeps it."""
    shown = {
        "kek_name": dek.kek[1],
        "subject": str(named),
        "version": dek.version,
        "algorithm": str(dek.algorithm),
        "encrypted_key_material": dek.encrypted_key_material,
        "ts": dek.registered_at,
        "deleted": dek.deleted or None,
    }
    return {name: value for name, value in shown.items() if value is not None}


_READING = (KeyNotFound, SubjectInvalid)
_READING_DEK = (*_READING, KeyInvalid)
_READING_VERSION = (*_READING_DEK, VersionInvalid)
_DELETING = (KeyNotFound, KeySoftDeleted, KeyNotSoftDeleted, OperationNotPermitted, SubjectInvalid)
_DELETING_DEK = (*_DELETING, KeyInvalid)
_MAKING = (KeyExists, KeyGenerationRefused, KeyInvalid, TooManyKeys, OperationNotPermitted, SubjectInvalid)
_CHANGING = (KeyNotFound, KeyGenerationRefused, KeyInvalid, OperationNotPermitted, SubjectInvalid)
_MAKING_DEK = (KeyNotFound, KeySoftDeleted, *_MAKING)

_BASE = "/dek-registry/v1/keks"
_KEK = f"{_BASE}/<kek>"
_DEK = f"{_KEK}/deks/<subject>"
_VERSION = f"{_DEK}/versions/<version>"

_KEK_NOTE = (
    "A KEK has its place on the tree of names by its own name: reading it takes the right to read that name, or keys "
    "that it wraps. A shared KEK is refused (40370), since the registry has no access to a key management service; so "
    "are properties named like secrets (42271). What was soft-deleted comes back by `undelete` alone."
)
_DEK_NOTE = "Always with `encryptedKeyMaterial`: the registry makes no keys, and does not rewrap them (40370)."
_PERMANENT_NOTE = (
    "The ledger's history keeps the wrapped key. To make events permanently unreadable, destroy the KEK in the key "
    "management service."
)

ROUTES = (
    Route("GET", _BASE, "listKeks", list_keks, STRINGS, KeksQuery(), errors=(SubjectInvalid,)),
    Route("POST", _BASE, "createKek", create_kek, KekShape(), KekQuery(), NewKekBody(), errors=_MAKING, note=_KEK_NOTE),
    Route("GET", _KEK, "getKek", show_kek, KekShape(), ReadKekQuery(), errors=_READING),
    Route("PUT", _KEK, "changeKek", change_kek, KekShape(), KekQuery(), KekBody(), errors=_CHANGING),
    Route(
        "DELETE", _KEK, "deleteKek", delete_kek, query=DeleteKekQuery(), status=204, errors=(*_DELETING, KeyReferenced)
    ),
    Route(
        "POST",
        f"{_KEK}/undelete",
        "undeleteKek",
        restore_kek,
        query=KekQuery(),
        status=204,
        errors=(KeyNotFound, KeyNotSoftDeleted, OperationNotPermitted, SubjectInvalid),
    ),
    Route(
        "POST",
        f"{_KEK}/test",
        "testKek",
        refuse_test,
        query=KekQuery(),
        status=403,
        errors=(*_READING, KeyGenerationRefused),
        note="Always refused: see the KEKs.",
    ),
    Route("GET", f"{_KEK}/deks", "listSubjectsOfKek", list_subjects, STRINGS, ListedSubjectsQuery(), errors=_READING),
    Route(
        "POST",
        f"{_KEK}/deks",
        "createDek",
        create_dek,
        DekShape(),
        NewDekQuery(),
        DekBody(),
        errors=_MAKING_DEK,
        note=_DEK_NOTE,
    ),
    Route("GET", _DEK, "getDek", show_dek, DekShape(), DekQuery(), errors=_READING_DEK),
    Route(
        "POST",
        _DEK,
        "createDekOfSubject",
        create_dek_of_subject,
        DekShape(),
        NewDekQuery(),
        DekOfSubjectBody(),
        errors=_MAKING_DEK,
    ),
    Route(
        "DELETE",
        _DEK,
        "deleteDek",
        delete_dek,
        query=DeleteDekQuery(),
        status=204,
        errors=_DELETING_DEK,
        note=_PERMANENT_NOTE,
    ),
    Route(
        "POST",
        f"{_DEK}/undelete",
        "undeleteDek",
        restore_dek,
        query=WrittenDekQuery(),
        status=204,
        errors=_DELETING_DEK,
    ),
    Route(
        "GET", f"{_DEK}/versions", "listVersionsOfDek", list_versions, INTEGERS, ListedDeksQuery(), errors=_READING_DEK
    ),
    Route("GET", _VERSION, "getDekVersion", show_dek_version, DekShape(), DekQuery(), errors=_READING_VERSION),
    Route(
        "DELETE",
        _VERSION,
        "deleteDekVersion",
        delete_dek_version,
        query=DeleteDekQuery(),
        status=204,
        errors=(*_DELETING_DEK, VersionInvalid),
    ),
    Route(
        "POST",
        f"{_VERSION}/undelete",
        "undeleteDekVersion",
        restore_dek_version,
        query=WrittenDekQuery(),
        status=204,
        errors=(*_DELETING_DEK, VersionInvalid),
    ),
)
