"""Hygiene: numbers and names that written bytes can still hold are reserved, and never used for something else.

Violating these rules does not break anything yet, but it removes the guard against a later change that would.
"""

from collections.abc import Iterator

from moorings_compat.findings import Severity
from moorings_compat.protobuf.declared.pairs import Candidacy
from moorings_compat.protobuf.differences import Check, Difference, declaration, protobuf_rule
from moorings_compat.protobuf.types import EnumType, Message

_RESERVED = 'protobuf.dev, "Language Guide", Deleting Fields, Reserved Fields, Reserved Values'


def not_reserved(both: Candidacy) -> Iterator[Difference]:
    """Find what was deleted without a reservation for its number and its name."""
    for older, message in both.messages():
        if message is not None:
            for number in sorted(older.by_number.keys() - message.by_number.keys()):
                field = older.by_number[number]
                if field.name not in message.by_name and not field.name.startswith("["):
                    yield from _unreserved(both, older, message, field.name, field.number, declaration(field))
    for older_enum, enum in both.enums():
        if enum is not None:
            for name, number in older_enum.symbols:
                if number not in enum.numbers and name not in enum.by_name:
                    yield from _unreserved(both, older_enum, enum, name, number, f"{name} = {number}")


def reserved_reused(both: Candidacy) -> Iterator[Difference]:
    """Find a number or a name that the older schema had reserved and the candidate uses."""
    for older, message in both.messages():
        if message is not None and (older.reserved or older.reserved_names):
            for field in message.fields:
                if field.name not in older.by_name or field.number not in older.by_number:
                    yield from _reused(both, older, message, field.name, field.number, declaration(field))
    for older_enum, enum in both.enums():
        if enum is not None and (older_enum.reserved or older_enum.reserved_names):
            for name, number in enum.symbols:
                yield from _reused(both, older_enum, enum, name, number, f"{name} = {number}")


def reservation_dropped(both: Candidacy) -> Iterator[Difference]:
    """Find a reservation that the candidate neither keeps nor uses."""
    for older, message in both.messages():
        if message is not None and (older.reserved or older.reserved_names):
            yield from _dropped(both, older, message, set(message.by_number), set(message.by_name))
    for older_enum, enum in both.enums():
        if enum is not None:
            yield from _dropped(both, older_enum, enum, set(enum.numbers), set(enum.by_name))


def number_reused(both: Candidacy) -> Iterator[Difference]:
    """Find a number that now belongs to a field of another name and another type."""
    for older, message in both.messages():
        if message is None or message.alike(older):
            continue
        for field in older.fields:
            taken = message.by_number.get(field.number)
            if (
                taken is not None
                and taken.name != field.name
                and (field.type, both.renamed(field.type_name)) != (taken.type, taken.type_name)
            ):
                sentence = f"number {field.number} was `{field.name}` and is now `{taken.name}`, of another type."
                yield both.difference(
                    f"{older.path}/{field.name}",
                    declaration(field),
                    f"{message.path}/{taken.name}",
                    declaration(taken),
                    sentence,
                )


def _unreserved(
    both: Candidacy, older: Message | EnumType, newer: Message | EnumType, name: str, number: int, had: str
) -> Iterator[Difference]:
    free = [] if newer.reserves(number) else [f"number {number}"]
    if name not in newer.reserved_names:
        free.append(f"name `{name}`")
    if free:
        sentence = f"`{name}` was deleted, and its {' and its '.join(free)} can be reused by mistake."
        has = f"neither `{name}` nor a complete reservation for it"
        repair = "reserve" if len(free) == 2 else "reserve number" if "number" in free[0] else "reserve name"
        yield both.difference(f"{older.path}/{name}", had, newer.path, has, sentence, repair=repair)


def _reused(
    both: Candidacy, older: Message | EnumType, newer: Message | EnumType, name: str, number: int, has: str
) -> Iterator[Difference]:
    for what in (f"number {number}" * older.reserves(number), f"name `{name}`" * (name in older.reserved_names)):
        if what:
            sentence = f"the {what} was reserved because something else used it before."
            yield both.difference(older.path, f"{what} reserved", f"{newer.path}/{name}", has, sentence)


def _dropped(
    both: Candidacy, older: Message | EnumType, newer: Message | EnumType, numbers: set[int], names: set[str]
) -> Iterator[Difference]:
    for start, end in older.reserved:
        if _gap(start, end, newer, numbers):
            shown = str(start) if end == start + 1 else f"{start} to {end - 1}"
            sentence = f"{shown} is no longer reserved and can be reused by mistake."
            yield both.difference(older.path, f"reserved {shown}", newer.path, "not completely reserved", sentence)
    for name in sorted(older.reserved_names - newer.reserved_names - names):
        sentence = f"the name `{name}` is no longer reserved and can be reused by mistake."
        yield both.difference(older.path, f'reserved "{name}"', newer.path, "not reserved", sentence)


def _gap(start: int, end: int, newer: Message | EnumType, numbers: set[int]) -> bool:
    """Say whether some number of the range is neither reserved nor used."""
    covered = sorted([*newer.reserved, *((number, number + 1) for number in numbers)])
    reached = start
    for first, last in covered:
        if first > reached:
            break
        reached = max(reached, last)
    return reached < end


CHECKS: tuple[Check[Candidacy], ...] = (
    Check(
        protobuf_rule(
            "PROTO_HYGIENE_NOT_RESERVED",
            Severity.WARNING,
            "deleted and not reserved",
            why="A free number or name can be reused, and then old bytes or old JSON are read as something else.",
            fix="Reserve the number and the name of everything that is deleted.",
            source=_RESERVED,
            mirror="PROTO_HYGIENE_RESERVED_REUSED",
            example='older: int32 n = 4;  candidate: without it, and without `reserved 4; reserved "n";`',
        ),
        not_reserved,
    ),
    Check(
        protobuf_rule(
            "PROTO_HYGIENE_RESERVED_REUSED",
            Severity.WARNING,
            "a reserved number or name is used",
            why="It was reserved because something else used it; old bytes would be read as the new field or symbol.",
            fix="Use a number and a name that were never used before.",
            source=_RESERVED,
            mirror="PROTO_HYGIENE_NOT_RESERVED",
            example="older: reserved 4;  candidate: int32 n = 4;",
        ),
        reserved_reused,
    ),
    Check(
        protobuf_rule(
            "PROTO_HYGIENE_RESERVATION_DROPPED",
            Severity.WARNING,
            "a reservation was removed",
            why="The number or name can be reused, and old bytes would be read as the new field or symbol.",
            fix="Keep reservations forever; they cost nothing.",
            source=_RESERVED,
            mirror="none: these rules demand reservations",
            example="older: reserved 4;  candidate: without it",
        ),
        reservation_dropped,
    ),
    Check(
        protobuf_rule(
            "PROTO_HYGIENE_NUMBER_REUSED",
            Severity.WARNING,
            "a number has another name and another type",
            why="Name and type both changed, so the field was probably not renamed: its number was freed and reused.",
            fix="Use a number that was never used before, and reserve the old one.",
            source=_RESERVED,
            mirror="itself: the change back is the same",
            example="older: int32 age = 4;  candidate: int64 income = 4;",
        ),
        number_reused,
    ),
)
