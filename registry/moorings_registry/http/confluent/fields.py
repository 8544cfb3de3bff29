"""Members of JSON objects on this API: how each is read and written, and what the description says of it."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, ValidationError, fields
from marshmallow import Schema as Shape

from moorings_registry.http.shape_writing import WritingShape

LARGEST_INTEGER = 2**31 - 1
_CAPITAL = re.compile(r"_([a-z])")


class JsonShape(WritingShape):
    """An object of this API, with names in camel case; unknown members are ignored."""

    class Meta:
        unknown = EXCLUDE

    error_messages = {"type": "not an object"}  # noqa: RUF012  # marshmallow declares it so

    def on_bind_field(self, field_name: str, field_obj: "fields.Field[Any]") -> None:
        if field_obj.data_key is None:
            field_obj.data_key = _CAPITAL.sub(lambda found: found[1].upper(), field_name)


class BodyShape(JsonShape):
    """An object that is sent: a member that is not required may be null, which means the same as absence."""

    def on_bind_field(self, field_name: str, field_obj: "fields.Field[Any]") -> None:
        super().on_bind_field(field_name, field_obj)
        if not field_obj.required:
            field_obj.allow_none = True
            field_obj.load_default = None


class Member(fields.Field[Any]):
    """A member of an object; *about* says in the description what it is."""

    default_error_messages = {"required": "missing", "null": "null"}  # noqa: RUF012

    def __init__(self, about: str = "", **options: Any) -> None:
        described = {"description": about} if about else {}
        super().__init__(metadata={**described, **options.pop("metadata", {})}, **options)


class Text(Member, fields.String):
    default_error_messages = {"invalid": "not a string"}  # noqa: RUF012


class Flag(Member, fields.Boolean):
    default_error_messages = {"invalid": "not true or false"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Integer(Member, fields.Integer):
    default_error_messages = {"invalid": "not an integer"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_rest: Any) -> Any:
        return value


class SentVersion(Integer):
    """The version that a request gives: -1 is the latest one; 0 means the same as absence."""

    default_error_messages = {"range": f"not an integer from -1 to {LARGEST_INTEGER}"}  # noqa: RUF012

    def __init__(self, about: str) -> None:
        super().__init__(about, metadata={"minimum": -1, "maximum": LARGEST_INTEGER})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> Any:
        number = super()._deserialize(value, attr, data)
        if not -1 <= number <= LARGEST_INTEGER:
            raise self.make_error("range")
        return number or None


class SentId(SentVersion):
    """The id that a request gives; 0 and -1 mean the same as absence."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> Any:
        id = super()._deserialize(value, attr, data)
        return None if id == -1 else id


class Milliseconds(Integer):
    """A moment of the ledger, written as milliseconds since 1970."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_rest: Any) -> int:
        return int(datetime.fromisoformat(value).timestamp() * 1000)


class Object(Member, fields.Nested):
    """An object inside another one."""

    default_error_messages = {"type": "not an object"}  # noqa: RUF012

    def __init__(self, shape: Shape, about: str = "", **options: Any) -> None:
        super().__init__(about, nested=shape, **options)


class ListOf(Member, fields.List[Any]):
    """A list of members of one type."""

    default_error_messages = {"invalid": "not a list"}  # noqa: RUF012

    def __init__(self, item: "fields.Field[Any]", about: str = "", **options: Any) -> None:
        super().__init__(about, cls_or_instance=item, **options)


class Strings(ListOf):
    """A list of strings, which is written as it is."""

    def __init__(self, about: str = "", **options: Any) -> None:
        super().__init__(Text(), about, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> list[Any]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValidationError("not a list of strings")
        return value

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_rest: Any) -> Any:
        return value


class ObjectsReadLater(ListOf):
    """Objects that are read one by one, because each is refused on its own."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> list[Any]:
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            raise ValidationError("not a list of objects")
        return value


class AnyObject(Member, fields.Dict):
    """An object with any members; written as it is."""

    default_error_messages = {"invalid": "not an object"}  # noqa: RUF012

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_rest: Any) -> Any:
        return value
