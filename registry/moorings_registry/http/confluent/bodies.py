"""Request bodies: JSON objects of which unknown members are ignored, turned into what commands take."""

from collections.abc import Mapping
from typing import Any

from moorings_compat import Format, Problem, Reference
from moorings_registry.commands import Draft
from moorings_registry.errors import RequestInvalid, SchemaInvalid
from moorings_registry.http.requests import read_body
from moorings_registry.schema_contents.metadata import read_metadata, read_rule_set

Json = Mapping[str, Any]
_LARGEST = 2**31 - 1


def read_object() -> Json:
    """The request's body, which is an object.

    Raises:
        BodyUnreadable, RequestInvalid
    """
    body = read_body()
    if not isinstance(body, Mapping):
        raise RequestInvalid("The request needs a body: a JSON object")
    return body


def read_draft(body: Json, *, normalize: bool) -> Draft:
    """The schema that *body* brings, with what travels with it; an absent text is an empty one.

    Raises:
        RequestInvalid, SchemaInvalid, MetadataInvalid, RuleSetInvalid
    """
    return Draft(
        format=_format(body.get("schemaType")),
        text=text_of(body, "schema") or "",
        references=_references(body.get("references")),
        metadata=read_metadata(body.get("metadata")),
        rule_set=read_rule_set(body.get("ruleSet")),
        normalize=normalize,
    )


def text_of(body: Json, name: str) -> str | None:
    """The string under *name*; None where there is none.

    Raises:
        RequestInvalid: something else than a string.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise RequestInvalid(f"The member {name} takes a string", [Problem(f"/{name}", "not a string")])
    return value


def flag_of(body: Json, name: str) -> bool | None:
    """True or false under *name*; None where there is neither.

    Raises:
        RequestInvalid: something else.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise RequestInvalid(f"The member {name} takes true or false", [Problem(f"/{name}", "not true or false")])
    return value


def number_of(body: Json, name: str) -> int | None:
    """The whole number under *name*; None where there is none, or 0.

    Raises:
        RequestInvalid: something else than a whole number of 32 bits.
    """
    value = body.get(name)
    if value is None:
        return None
    if type(value) is not int or not -1 <= value <= _LARGEST:
        raise RequestInvalid(f"The member {name} takes a whole number", [Problem(f"/{name}", "not a whole number")])
    return value or None


def id_of(body: Json) -> int | None:
    """The id that the body gives; None where there is none, or a negative one.

    Raises:
        RequestInvalid
    """
    id = number_of(body, "id")
    return None if id is None or id < 0 else id


def _format(name: Any) -> Format:
    if name is None or name == "":
        return Format.AVRO
    try:
        return Format(name)
    except ValueError:
        raise SchemaInvalid(
            f"the schema type {str(name)[:40]!r} is none of {', '.join(Format)}",
            [Problem("/schemaType", "an unknown schema type")],
        ) from None


def _references(sent: Any) -> tuple[Reference, ...]:
    if sent is None:
        return ()
    if not isinstance(sent, list):
        raise RequestInvalid("references takes a list", [Problem("/references", "not a list")])
    return tuple(_reference(one, f"/references/{index}") for index, one in enumerate(sent))


def _reference(sent: Any, where: str) -> Reference:
    if not isinstance(sent, Mapping):
        raise RequestInvalid("A reference is an object", [Problem(where, "not an object")])
    name, subject, version = sent.get("name"), sent.get("subject"), sent.get("version")
    if not isinstance(name, str) or not isinstance(subject, str):
        raise RequestInvalid("A reference has a name and a subject", [Problem(where, "no name, or no subject")])
    if type(version) is not int or not (version == -1 or 0 < version <= _LARGEST):
        raise RequestInvalid(
            "A reference's version is a number from 1, or -1 for the latest", [Problem(where, "no version")]
        )
    return Reference(name, subject, version)
