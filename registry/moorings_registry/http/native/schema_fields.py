"""Fields of bodies that hold a schema, a major or a moment."""

from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError, fields

from moorings_compat import Format
from moorings_registry.entries import moment_text

FORMATS = [str(one) for one in Format]


class SchemaText(fields.Field[Any]):
    """A schema's text; JSON in place of a string is taken as the text that it is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str | dict | list | bool):
            return value
        raise ValidationError("Not a schema: send its text as a string, or its JSON.")


class MajorField(fields.Field[Any]):
    """A major: a number from 1, or ``next``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if value == "next" or (type(value) is int and 1 <= value < 2**31):
            return value
        raise ValidationError('Not a major: use an integer from 1, or "next".')


class MomentField(fields.Field[Any]):
    """A day, or a moment as RFC 3339 has it: read as the beginning of what entries say, in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            if isinstance(value, str) and len(value) <= len("2027-01-31"):
                return date.fromisoformat(value).isoformat() if value else ""
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError(
                "Not a point in time: use a day such as 2027-01-31, or RFC 3339 with a zone."
            ) from None
        if moment.tzinfo is None:
            raise ValidationError("Not a point in time: the zone is missing, such as Z or +02:00.")
        return moment_text(moment)
