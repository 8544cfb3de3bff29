"""Shapes of what is sent and answered about encryption keys."""

from moorings_registry.http.confluent.fields import (
    AnyObject,
    BodyShape,
    Flag,
    Integer,
    JsonShape,
    Milliseconds,
    SentVersion,
    Text,
)
from moorings_registry.http.confluent.query_shapes import (
    DeletedPageQuery,
    DeletedQuery,
    FlagParameter,
    QueryShape,
    TextParameter,
    TextsParameter,
)
from moorings_registry.state import DekAlgorithm

_ALGORITHMS = [str(one) for one in DekAlgorithm]
_PROPERTIES = {"additionalProperties": {"type": "string"}}


class KekQuery(QueryShape):
    """Which context a KEK lies in."""

    context = TextParameter("the context of the KEK")


class ReadKekQuery(KekQuery, DeletedQuery):
    pass


class KeksQuery(KekQuery, DeletedPageQuery):
    subject_prefix = TextsParameter("only KEKs of keys of subjects with that prefix; may be repeated", "subject_prefix")


class ListedSubjectsQuery(KekQuery, DeletedPageQuery):
    pass


class DeleteKekQuery(KekQuery):
    permanent = FlagParameter("delete permanently what is soft-deleted already")


class WrittenDekQuery(QueryShape):
    algorithm = TextParameter(f"what the key encrypts with: {', '.join(f'`{one}`' for one in _ALGORITHMS)}")


class DekQuery(WrittenDekQuery, DeletedQuery):
    pass


class ListedDeksQuery(WrittenDekQuery, DeletedPageQuery):
    pass


class DeleteDekQuery(WrittenDekQuery):
    permanent = FlagParameter("delete permanently what is soft-deleted already")


class NewDekQuery(QueryShape):
    rewrap = FlagParameter("wrap the key again; refused")


class KekBody(BodyShape):
    """What is said of a KEK; absent members stay."""

    kms_props = AnyObject("How clients reach the key management service; never a secret.", metadata=_PROPERTIES)
    doc = Text("What it is for.")
    shared = Flag("Whether the registry may use the KEK itself; refused.")


class NewKekBody(KekBody):
    """A KEK."""

    name = Text("Of letters, digits, `_`, `.` and `-`.", required=True)
    kms_type = Text("`aws-kms`, `azure-kms`, `gcp-kms`, `hcvault`, `local-kms` or another one.", required=True)
    kms_key_id = Text("What the key management service calls it.", required=True)


class DekOfSubjectBody(BodyShape):
    """A wrapped key of the subject of the path."""

    subject = Text("The same as in the path.")
    version = SentVersion("The version of the key.")
    algorithm = Text(f"What it encrypts with: {', '.join(_ALGORITHMS)}.")
    encrypted_key_material = Text("The key, wrapped by the KEK, in base64.")
    key_material = Text("Refused: a plain key.")


class DekBody(DekOfSubjectBody):
    """A wrapped key of a subject."""

    subject = Text("Whose events it encrypts.", required=True)


class KekShape(JsonShape):
    """A key of a key management service that wraps others."""

    name = Text(required=True)
    kms_type = Text(required=True)
    kms_key_id = Text(required=True)
    kms_props = AnyObject(metadata=_PROPERTIES)
    doc = Text()
    shared = Flag(required=True)
    ts = Milliseconds("When it was registered or changed, in milliseconds since 1970.", required=True)
    deleted = Flag("Present where it is soft-deleted.")


class DekShape(JsonShape):
    """A version of a key that encrypts events, wrapped by a KEK."""

    kek_name = Text(required=True)
    subject = Text(required=True)
    version = Integer(required=True)
    algorithm = Text(required=True, metadata={"enum": _ALGORITHMS})
    encrypted_key_material = Text("In base64.", required=True)
    ts = Milliseconds("When it was registered, in milliseconds since 1970.", required=True)
    deleted = Flag("Present where it is soft-deleted.")
