"""What runs rules of type ENCRYPT: texts and bytes of fields are encrypted on produce and decrypted on consume.

A text becomes base64 of the ciphertext. Where keys expire (`encrypt.dek.expiry.days`), a zero byte and the version of
the key in four bytes precede the ciphertext. A field that cannot be encrypted refuses every event, and none is written
in plain text.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any

from moorings.event_model import model
from moorings.event_model.model import (
    EnumerationType,
    RecordType,
    ScalarType,
    TypeReference,
    ValueType,
    inner,
)
from moorings.rules.encryption.ciphers import ALGORITHMS, CannotDecrypt
from moorings.rules.encryption.key_ring import FIRST, KeyNeed, KeyRing, failed
from moorings.rules.fields import FieldValue, visit_fields
from moorings.rules.interfaces import Failure, RuleFailed, Run, Scope
from moorings.rules.rule_set import Mode, Rule
from moorings.rules.tagged_fields import ROOT, TaggedModel

_MAGIC = b"\x00"
_VERSION_BYTES = 5
_TAKEN = (model.STR, model.BYTES, model.NONE)


def encrypt(rule: Rule, scope: Scope, ring: KeyRing) -> Run:
    """Prepare a rule; *ring* has the keys.

    Raises:
        RuleFailed: its parameters are incomplete, or it is about fields that cannot be encrypted.
    """
    need = _need_of(rule, scope.subject)
    if rule.is_condition:
        raise failed("a rule of type ENCRYPT has to be a TRANSFORM")
    _require_encryptable(scope.model, rule.tags)
    change = _encrypting(need, ring) if scope.mode is Mode.WRITE else _decrypting(need, ring)

    def run(event: Any) -> Any:
        failures: list[Failure] = []

        def visit(field: FieldValue) -> Any:
            try:
                return field.value if field.value is None else change(field.value)
            except CannotDecrypt:
                failures.append(Failure(field.pointer, "it cannot be decrypted with the key of the rule"))
            except _NotTaken as error:
                failures.append(Failure(field.pointer, str(error)))
            return field.value

        changed = visit_fields(scope.model, event, rule.tags, visit)
        if failures:
            raise RuleFailed(failures)
        return changed

    return run


class _NotTaken(Exception):
    """A value that is neither text nor bytes; the message says what it has to be."""


def _encrypting(need: KeyNeed, ring: KeyRing) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if not isinstance(value, str | bytes | bytearray):
            raise _NotTaken("only texts and bytes are encrypted")
        key = ring.for_writing(need)
        data = key.cipher.encrypt(value.encode() if isinstance(value, str) else bytes(value))
        if need.expiry_days:
            data = _MAGIC + key.version.to_bytes(4, "big") + data
        return base64.b64encode(data).decode() if isinstance(value, str) else data

    return change


def _decrypting(need: KeyNeed, ring: KeyRing) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if not isinstance(value, str | bytes):
            raise _NotTaken("only texts and bytes are decrypted")
        data, version = _ciphertext(value), FIRST
        if need.expiry_days:
            if len(data) < _VERSION_BYTES or data[:1] != _MAGIC:
                raise CannotDecrypt
            version, data = int.from_bytes(data[1:_VERSION_BYTES], "big"), data[_VERSION_BYTES:]
        plain = ring.for_reading(need, version).cipher.decrypt(data)
        try:
            return plain.decode() if isinstance(value, str) else plain
        except UnicodeDecodeError:
            raise CannotDecrypt from None

    return change


def _ciphertext(value: str | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise CannotDecrypt from None


def _need_of(rule: Rule, subject: str) -> KeyNeed:
    params = rule.params
    kek = params.get("encrypt.kek.name", "")
    if not kek:
        raise failed("the rule has no encrypt.kek.name")
    algorithm = params.get("encrypt.dek.algorithm") or "AES256_GCM"
    if algorithm not in ALGORITHMS:
        raise failed(f"encrypt.dek.algorithm is not one of {', '.join(ALGORITHMS)}")
    days = params.get("encrypt.dek.expiry.days") or "0"
    if not (days.isascii() and days.isdecimal() and len(days) < 7):
        raise failed("encrypt.dek.expiry.days is not a number of days")
    kms_type, key_id = params.get("encrypt.kms.type", ""), params.get("encrypt.kms.key.id", "")
    return KeyNeed(kek, kms_type, key_id, subject, algorithm, int(days))


def _require_encryptable(fields: TaggedModel, tags: frozenset[str]) -> None:
    """Pass where every field of the rule holds texts and bytes alone: whatever else it holds would stay as it is."""
    for full_name, type in _fields_of(fields, tags):
        if any(not _is_taken(one, whole=not tags) for one in _leaves(fields, type)):
            raise failed(f"{full_name} holds other values than texts and bytes, which are not encrypted")


def _fields_of(fields: TaggedModel, tags: frozenset[str]) -> Iterator[tuple[str, ValueType]]:
    waiting: list[tuple[ValueType, str]] = [(fields.root, ROOT)]
    seen: set[tuple[str, str]] = set()
    while waiting:
        type, path = waiting.pop()
        meant = fields.resolve(type)
        if not isinstance(meant, RecordType):
            waiting.extend((one, path) for one in inner(meant))
            continue
        for field in fields.tagged_fields(meant, path):
            if not tags or not tags.isdisjoint(field.tags):
                yield field.full_name, field.type
            if (meant.name, field.name) not in seen:
                seen.add((meant.name, field.name))
                waiting.append((field.type, field.full_name))


def _leaves(fields: TaggedModel, type: ValueType) -> Iterator[ValueType | RecordType]:
    meant = fields.resolve(type)
    if isinstance(meant, RecordType | ScalarType | EnumerationType):
        yield meant
        return
    for one in inner(meant):
        yield from _leaves(fields, one)


def _is_taken(leaf: ValueType | RecordType, *, whole: bool) -> bool:
    """Whether a rule encrypts it; *whole*: the rule is about all fields, and comes to those of a record by itself."""
    if isinstance(leaf, ScalarType):
        return leaf.kind in _TAKEN and leaf.primitive in ("string", "bytes", "null")
    return whole and isinstance(leaf, RecordType | TypeReference)
