"""Resources that are associated with subjects, exporters, encryption keys and webhooks."""

from moorings_registry.errors.refusal import Refusal, printable


class AssociationNotFound(Refusal):
    code = "ASSOCIATION_NOT_FOUND"
    title = "Association not found"
    fix = "Use an association that GET /associations/resources/{id} lists."

    def __init__(self, resource: str) -> None:
        super().__init__(f"No associations found for resource '{printable(resource)}'")


class AssociationInvalid(Refusal):
    code = "ASSOCIATION_INVALID"
    title = "Invalid association"
    fix = "Give the resource's id, name and namespace, a type (key or value) and a lifecycle (STRONG or WEAK)."


class AssociationFrozen(Refusal):
    code = "ASSOCIATION_FROZEN"
    title = "Association frozen"
    fix = "Keep it, or delete it together with its subject (cascadeLifecycle=true)."

    def __init__(self, resource: str) -> None:
        super().__init__(f"An association of resource '{printable(resource)}' is frozen")


class TooManyAssociations(Refusal):
    code = "TOO_MANY_ASSOCIATIONS"
    title = "Several associations of one type"
    fix = "Send at most one association for keys and one for values."

    def __init__(self, resource: str) -> None:
        super().__init__(f"The request asks for several associations of one type for resource '{printable(resource)}'")


class ResourceAssociatedOtherwise(Refusal):
    code = "RESOURCE_ASSOCIATED_OTHERWISE"
    title = "Resource already has an association of this type"
    fix = "Delete the other one first, or update its lifecycle with PUT."

    def __init__(self, resource: str, association_type: str) -> None:
        super().__init__(
            f"An association of type '{association_type}' already exists for resource '{printable(resource)}'"
        )


class SubjectAssociated(Refusal):
    code = "SUBJECT_ASSOCIATED"
    title = "Subject already associated"
    fix = "Use a weak association, or another subject."

    def __init__(self, subject: object) -> None:
        super().__init__(f"An association already exists for subject '{printable(str(subject))}'")


class SubjectStronglyAssociated(Refusal):
    code = "SUBJECT_STRONGLY_ASSOCIATED"
    title = "Subject strongly associated with another resource"
    fix = "Use another subject, or make the other association weak first."

    def __init__(self, subject: object) -> None:
        super().__init__(f"A strong association already exists for subject '{printable(str(subject))}'")


class AssociatedSubjectKept(Refusal):
    code = "ASSOCIATED_SUBJECT_KEPT"
    title = "Last active version of an associated subject"
    fix = "Delete the association first, or together with its subject (cascadeLifecycle=true)."

    def __init__(self, subject: object) -> None:
        super().__init__(
            f"Subject '{printable(str(subject))}' is associated with a resource and needs an active version"
        )


class ExporterNotFound(Refusal):
    code = "EXPORTER_NOT_FOUND"
    title = "Exporter not found"
    fix = "Use an exporter that GET /exporters lists."

    def __init__(self, name: str) -> None:
        super().__init__(f"Exporter '{printable(name)}' not found")


class ExporterExists(Refusal):
    code = "EXPORTER_EXISTS"
    title = "Exporter already exists"
    fix = "Change it with PUT /exporters/{name}, or choose another name."

    def __init__(self, name: str) -> None:
        super().__init__(f"Exporter '{printable(name)}' already exists")


class KeyNotFound(Refusal):
    code = "KEY_NOT_FOUND"
    title = "Encryption key not found"
    fix = "Use a key that GET /dek-registry/v1/keks lists; `deleted=true` includes soft-deleted ones."

    def __init__(self, key: str) -> None:
        super().__init__(f"{printable(key)} not found")


class KeyNotSoftDeleted(Refusal):
    code = "KEY_NOT_SOFT_DELETED"
    title = "Encryption key not soft-deleted"
    fix = "Delete it without `permanent` first; an active key need not be restored."

    def __init__(self, key: str) -> None:
        super().__init__(f"{printable(key)} was not deleted first before being permanently deleted or restored")


class KeySoftDeleted(Refusal):
    code = "KEY_SOFT_DELETED"
    title = "Encryption key soft-deleted"
    fix = "Restore it (POST to its path and /undelete), or delete it permanently with `permanent=true`."

    def __init__(self, key: str) -> None:
        super().__init__(f"{printable(key)} was soft deleted")


class KeyExists(Refusal):
    code = "KEY_EXISTS"
    title = "Encryption key already exists"
    fix = "Use the key that is there, or the next version."

    def __init__(self, key: str) -> None:
        super().__init__(f"{printable(key)} already exists")


class TooManyKeys(Refusal):
    code = "TOO_MANY_KEYS"
    title = "Too many encryption keys"
    fix = "Delete keys permanently that no stored event needs, or rotate them less often."


class KeyInvalid(Refusal):
    code = "KEY_INVALID"
    title = "Invalid encryption key"
    fix = "Fix the locations listed in `errors`."


class KeyReferenced(Refusal):
    code = "KEY_REFERENCED"
    title = "Encryption key in use"
    fix = "Delete the data encryption keys that it wraps first."

    def __init__(self, key: str, wraps: int) -> None:
        super().__init__(f"{printable(key)} wraps data encryption keys of {wraps} subject{'s' * (wraps != 1)}")


class KeyGenerationRefused(Refusal):
    code = "KEY_GENERATION_REFUSED"
    title = "The registry neither makes nor unwraps keys"
    fix = "Let the client make the key and wrap it with its key management service; KEKs are not shared here."


class WebhookNotFound(Refusal):
    code = "WEBHOOK_NOT_FOUND"
    title = "Webhook not found"
    fix = "Use a webhook that GET /v1/webhooks lists."

    def __init__(self, id: int) -> None:
        super().__init__(f"Webhook {id} not found")


class SigningNotSetUp(Refusal):
    code = "SIGNING_NOT_SET_UP"
    title = "The registry has no address of its own, so it signs nothing"
    audience = "operator"
    fix = "Start it with `serve --public-url`: webhooks are signed with its own key, which receivers find there."

    def __init__(self) -> None:
        super().__init__("Webhooks are signed, and this registry was started without a public URL to find its keys at")
