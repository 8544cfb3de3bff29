"""Features: what a field really does, whatever syntax said so.

proto2, proto3 and the editions are one language with different defaults. Every rule asks for these features and none
asks for a syntax. Defaults and inheritance: protobuf.dev, "Feature Settings for Editions".
"""

from dataclasses import dataclass, replace
from enum import Enum, auto

from google.protobuf.descriptor_pb2 import Edition, FeatureSet, FieldDescriptorProto, FileDescriptorProto


class Presence(Enum):
    """Whether a reader can tell that a field was not written."""

    IMPLICIT = auto()
    """It cannot: the zero value is never written."""
    EXPLICIT = auto()
    REQUIRED = auto()
    """Every message has to hold the field."""


@dataclass(frozen=True, slots=True)
class Features:
    """The features that reach payloads or generated code, with the names that the language gives them."""

    presence: Presence = Presence.EXPLICIT
    closed_enums: bool = False
    packed: bool = True
    utf8_checked: bool = True
    delimited: bool = False

    def overridden(self, given: FeatureSet) -> "Features":
        """Apply what one scope sets."""
        changed = self
        if given.field_presence:
            changed = replace(changed, presence=_PRESENCE[given.field_presence])
        if given.enum_type:
            changed = replace(changed, closed_enums=given.enum_type == FeatureSet.CLOSED)
        if given.repeated_field_encoding:
            changed = replace(changed, packed=given.repeated_field_encoding == FeatureSet.PACKED)
        if given.utf8_validation:
            changed = replace(changed, utf8_checked=given.utf8_validation == FeatureSet.VERIFY)
        if given.message_encoding:
            changed = replace(changed, delimited=given.message_encoding == FeatureSet.DELIMITED)
        return changed


PROTO2 = Features(Presence.EXPLICIT, closed_enums=True, packed=False, utf8_checked=False)
PROTO3 = Features(Presence.IMPLICIT)
EDITIONS = Features()

_PRESENCE = {
    FeatureSet.EXPLICIT: Presence.EXPLICIT,
    FeatureSet.IMPLICIT: Presence.IMPLICIT,
    FeatureSet.LEGACY_REQUIRED: Presence.REQUIRED,
}


def file_features(file: FileDescriptorProto) -> Features:
    """Return what holds in *file* where nothing else is said."""
    if file.syntax == "editions" and file.edition >= Edition.EDITION_2023:
        base = EDITIONS
    else:
        base = PROTO3 if file.syntax == "proto3" else PROTO2
    return base.overridden(file.options.features)


def field_features(field: FieldDescriptorProto, scope: Features) -> tuple[Presence, bool, bool, bool]:
    """Return presence, packed, utf8_checked and delimited of *field*, whose scope (file, message, oneof) has *scope*.

    Syntax of proto2 and proto3 is turned into features here: ``required``, ``optional``, ``group``, ``packed``.
    """
    features, packed = scope, scope.packed
    if field.HasField("options"):
        features = scope.overridden(field.options.features)
        packed = field.options.packed if field.options.HasField("packed") else features.packed
    presence = features.presence
    if field.label == FieldDescriptorProto.LABEL_REQUIRED:
        presence = Presence.REQUIRED
    elif presence is Presence.IMPLICIT and _always_explicit(field):
        presence = Presence.EXPLICIT
    delimited = features.delimited or field.type == FieldDescriptorProto.TYPE_GROUP
    return presence, packed, features.utf8_checked, delimited


def _always_explicit(field: FieldDescriptorProto) -> bool:
    composite = field.type in (FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.TYPE_GROUP)
    return composite or field.proto3_optional or field.HasField("oneof_index") or bool(field.extendee)
