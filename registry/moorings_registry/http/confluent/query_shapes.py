"""Query parameters: what each asks for, other spellings that clients send, and how it is read.

They are read leniently, as clients expect: a flag is false unless it is ``true`` in some letter case, and unknown
parameters are ignored.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar, cast

from marshmallow import ValidationError, fields, validates_schema

from moorings_registry.http.confluent.fields import LARGEST_INTEGER, JsonShape

T = TypeVar("T")

_INTEGER = re.compile(r"-?[0-9]{1,10}", re.ASCII)


class Parameter(fields.Field[Any]):
    """A parameter; the first one that is sent under its own name or one of the other *spellings* counts."""

    def __init__(self, about: str, *spellings: str, **options: Any) -> None:
        self.spellings = spellings
        also = f" Also read as {', '.join(f'`{one}`' for one in spellings)}." if spellings else ""
        self.about = about
        super().__init__(metadata={"description": f"{about[0].upper()}{about[1:]}.{also}"}, **options)

    def pick(self, values: Sequence[str]) -> Any:
        """What counts of the values that were sent under all names, in their order."""
        return values[0]


class FlagParameter(Parameter, fields.Boolean):
    def __init__(self, about: str, *spellings: str) -> None:
        super().__init__(about, *spellings, load_default=False)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> bool:
        return str(value).lower() == "true"


class TextParameter(Parameter, fields.String):
    def __init__(self, about: str, *spellings: str, load_default: str | None = "") -> None:
        super().__init__(about, *spellings, load_default=load_default)


class TextsParameter(Parameter, fields.List[str]):
    """A parameter that may be repeated."""

    def __init__(self, about: str, *spellings: str) -> None:
        super().__init__(about, *spellings, cls_or_instance=fields.String(), load_default=())

    def pick(self, values: Sequence[str]) -> Any:
        return list(values)


class NumberParameter(Parameter, fields.Integer):
    default_error_messages = {"invalid": "not an integer"}  # noqa: RUF012

    def __init__(self, about: str, *, load_default: int) -> None:
        super().__init__(about, load_default=load_default)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> Any:
        if value == "":
            return self.load_default
        if not _INTEGER.fullmatch(value):
            raise self.make_error("invalid")
        return int(value)


class QueryShape(JsonShape):
    """The parameters of a request."""

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Each of them, in the order of the description."""
        return tuple(cast(dict[str, Parameter], self.fields).values())

    @cached_property
    def absent(self) -> Mapping[str, Any]:
        """What a request without parameters asks for; most requests have none."""
        return cast(Mapping[str, Any], self.load({}))


class PageQuery(QueryShape):
    offset = NumberParameter("how many to skip", load_default=0)
    limit = NumberParameter("how many at most; 0 and -1 for the default", load_default=-1)


def page(items: Sequence[T], query: Mapping[str, Any], *, most: int | None = None) -> list[T]:
    """Cut the page that a read `PageQuery` asks for; *most* is the default and the maximum."""
    first, end = page_bounds(query, most=most)
    return list(items[first:end])


def page_bounds(query: Mapping[str, Any], *, most: int | None = None) -> tuple[int, int]:
    """The first item of that page, from 0, and the one that follows it."""
    offset, limit = min(max(query["offset"], 0), LARGEST_INTEGER), query["limit"]
    if limit <= 0 or (most is not None and limit > most):
        limit = LARGEST_INTEGER if most is None else most
    return offset, offset + limit


class DeletedQuery(QueryShape):
    deleted = FlagParameter("include soft-deleted ones")


class DeletedPageQuery(DeletedQuery, PageQuery):
    pass


class PermanentQuery(QueryShape):
    permanent = FlagParameter("delete permanently what is soft-deleted already")
    reason = TextParameter("why: a permanent delete in a registered domain needs a reason, of at most 500 characters")


class FormatQuery(QueryShape):
    """How the text of a schema is written."""

    format = TextParameter("Avro and JSON Schema: `resolved`; Protobuf: `serialized`, `ignore_extensions`")


class DefinitionQuery(FormatQuery):
    """How a schema is shown, with what travels with it."""

    reference_format = TextParameter("`qualified`: subjects of references with their context", "reference_format")
    find_tags = TextsParameter("add the places of these tags inside the schema; `*` for all", "find_tags")


class SubjectPrefixQuery(PageQuery):
    subject_prefix = TextParameter(
        "only names with that prefix; `:*:` means every context", "subject_prefix", "subject", load_default=None
    )
    deleted = FlagParameter("include soft-deleted ones")


class SubjectsQuery(SubjectPrefixQuery):
    deleted_only = FlagParameter("only soft-deleted ones; wins over `deleted`", "deleted_only")


class NormalizeQuery(QueryShape):
    normalize = FlagParameter("compare and keep the normal form of the schema")


class LookupQuery(NormalizeQuery, DeletedQuery, DefinitionQuery):
    pass


class RegisterQuery(NormalizeQuery, DefinitionQuery):
    force = FlagParameter("skip the check of compatibility")


class CheckQuery(NormalizeQuery):
    verbose = FlagParameter("say why a schema is not compatible")


class MetadataQuery(DeletedQuery, DefinitionQuery):
    key = TextsParameter("name of a property; repeated, each with its `value`")
    value = TextsParameter("value of the property at the same place among the `key`s")

    @validates_schema
    def _require_pairs(self, read: Mapping[str, Any], **_rest: Any) -> None:
        if len(read["key"]) != len(read["value"]):
            raise ValidationError("not as many as there are keys", "value")


class VersionsQuery(DeletedPageQuery):
    deleted_only = FlagParameter("only soft-deleted ones; wins over `deleted`", "deleted_only")
    deleted_as_negative = FlagParameter("include soft-deleted ones, as negative numbers", "deleted_as_negative")


class VersionQuery(DeletedQuery, DefinitionQuery):
    pass


class VersionTextQuery(DeletedQuery, FormatQuery):
    pass


class LookInQuery(QueryShape):
    """Where an id or a guid is looked for."""

    subject = TextParameter("the subject, or the context as `:.name:`, to look in")


class ByIdQuery(LookInQuery, DefinitionQuery):
    fetch_max_id = FlagParameter("add the highest id given so far", "fetch_max_id")


class TextByIdQuery(LookInQuery, FormatQuery):
    pass


class UsesQuery(LookInQuery, DeletedPageQuery):
    pass


class ByGuidQuery(LookInQuery, DefinitionQuery):
    pass


class EffectiveQuery(QueryShape):
    default_to_global = FlagParameter("what is in effect, where nothing is set here", "default_to_global")


class SetModeQuery(QueryShape):
    force = FlagParameter("skip the check that the scope is empty")


class ClearModeQuery(QueryShape):
    recursive = FlagParameter("remove the modes of all subjects of the context, too")


class ContextsQuery(PageQuery):
    context_prefix = TextParameter("only names with that prefix", "context_prefix")


class AssociationTypesQuery(QueryShape):
    resource_type = TextParameter("only associations of resources of that type: `topic`", "resource_type")
    association_type = TextsParameter("only associations of that type: `key`, `value`; may be repeated")


class AssociationsQuery(AssociationTypesQuery, PageQuery):
    lifecycle = TextParameter("only associations of that lifecycle: `STRONG`, `WEAK`")


class VersionListQuery(SubjectPrefixQuery, AssociationTypesQuery, DefinitionQuery):
    aliases = FlagParameter("add the aliases of the subject")
    latest_only = FlagParameter("only the newest version of each subject", "latest_only")
    rule_type = TextParameter("only versions with a rule of that type", "rule_type")
    lifecycle = TextParameter(
        "only subjects with an association of that lifecycle: `STRONG`, `WEAK`; `NONE`: without any"
    )


class DryRunQuery(QueryShape):
    dry_run = FlagParameter("decide only, and store nothing", "dry_run")


class AssociateQuery(DryRunQuery):
    context = TextParameter("the context of subjects that are named without one")


class DissociateQuery(AssociationTypesQuery, DryRunQuery):
    cascade_lifecycle = FlagParameter("delete what belongs to the resource alone, too", "cascade_lifecycle")


class BatchGetQuery(QueryShape):
    include_schemas = FlagParameter("with the newest schema of each subject", "include_schemas")
