"""Pointers that name fields of events, as declarations of events have them, looked for in the schema of a contract."""

from dataclasses import dataclass

from moorings_compat.fields import ANY, Holder, PathInvalid, field_tree, nearest, path_of, pointer_of
from moorings_compat.schema import Schema


@dataclass(frozen=True, slots=True)
class MissingField:
    """Where a pointer leaves what a schema declares."""

    pointer: str
    """As far as the first step that leads nowhere."""
    meant: str
    """The pointer of the field that it probably means; empty where none is like it."""

    def __str__(self) -> str:
        said = f"the schema has no field {self.pointer}"
        return f"{said}; did you mean {self.meant}?" if self.meant else said


def is_field_pointer(text: str) -> bool:
    """Whether *text* is a pointer to a field, such as ``/customer/id`` or ``/items/*/sku``; not the whole event."""
    try:
        return bool(path_of(text))
    except PathInvalid:
        return False


def missing_field(schema: Schema, pointer: str, event: str = "") -> MissingField | None:
    """Find where *pointer* leaves what *schema* declares; None when there is such a field.

    *event* names the message of Protobuf; the first one is meant if there is no such message.
    """
    path = path_of(pointer)
    try:
        root = field_tree(schema, event)
    except KeyError:  # a Protobuf file without a message
        return MissingField(pointer_of(path[:1]), "")
    at = root
    for depth, step in enumerate(path, 1):
        below = at.children()
        is_map = below.keys() == {ANY} and at.holder is Holder.VALUES
        following = below.get(ANY if is_map else step)
        if following is None:
            return MissingField(pointer_of(path[:depth]), nearest(root, path))
        at = following
    return None
