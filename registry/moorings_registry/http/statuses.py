"""HTTP statuses of errors: one row each, for both APIs. A test holds this table and the catalogue together."""

from dataclasses import dataclass

from moorings_registry import errors
from moorings_registry.facts import FactUnknown


@dataclass(frozen=True, slots=True)
class Statuses:
    """The HTTP status of the native API, and the Confluent API's status and `error_code`."""

    native: int
    confluent: int
    error_code: int


def _row(native: int, error_code: int) -> Statuses:
    return Statuses(native, int(str(error_code)[:3]), error_code)


STATUSES: dict[type[errors.Refusal], Statuses] = {
    errors.NotFound: _row(404, 404),
    errors.MethodNotAllowed: _row(405, 405),
    errors.InternalError: _row(500, 500),
    errors.RequestInvalid: _row(422, 422),
    errors.BodyUnreadable: _row(400, 400),
    errors.BodyTooLarge: _row(413, 413),
    errors.SubjectInvalid: _row(422, 42208),
    errors.DomainNameInvalid: _row(422, 42208),
    errors.DomainNotFound: _row(404, 404),
    errors.SubjectNotFound: _row(404, 40401),
    errors.VersionNotFound: _row(404, 40402),
    errors.VersionInvalid: _row(422, 42202),
    errors.SchemaNotFound: _row(404, 40403),
    errors.SubjectAlreadyDeleted: _row(404, 40404),
    errors.SubjectNotDeletedFirst: _row(409, 40405),
    errors.VersionAlreadyDeleted: _row(404, 40406),
    errors.VersionNotDeletedFirst: _row(409, 40407),
    errors.ReferenceExists: _row(422, 42206),
    errors.ReferenceNotFound: _row(422, 42201),
    errors.SchemaInvalid: _row(422, 42201),
    errors.SchemaLimitExceeded: _row(422, 42209),
    errors.SchemaIncompatible: _row(409, 409),
    errors.ContractsRefused: _row(422, 422),
    errors.ContractsIncompatible: _row(409, 409),
    errors.NameRefused: _row(422, 42208),
    errors.KindRefused: _row(422, 42208),
    errors.EventInvalid: _row(422, 422),
    errors.EventOutsideDomains: _row(422, 422),
    errors.TopicTaken: _row(409, 409),
    errors.TopicSubjectDiffers: _row(409, 409),
    errors.TopicAmbiguous: _row(422, 42208),
    errors.DeclaredFieldMissing: _row(422, 42205),
    errors.TypeNameRefused: _row(422, 42201),
    errors.MajorUnknown: _row(422, 42202),
    errors.MajorRetired: _row(422, 42205),
    errors.MajorNotRetired: _row(422, 42205),
    errors.LifecycleInvalid: _row(422, 422),
    errors.MigrationInvalid: _row(422, 422),
    errors.MigrationUnfit: _row(409, 409),
    errors.RetirementBlocked: _row(409, 409),
    errors.LevelInvalid: _row(422, 42203),
    errors.PolicyBelowFloor: _row(422, 42203),
    errors.StateChanged: _row(412, 412),
    errors.WaiverNeeded: _row(422, 42205),
    errors.WaiverInvalid: _row(422, 422),
    errors.WaiverNotFound: _row(404, 404),
    errors.ReasonNeeded: _row(422, 42205),
    errors.LevelNotSet: _row(404, 40408),
    errors.ModeNotSet: _row(404, 40409),
    errors.ModeInvalid: _row(422, 42204),
    errors.IdMismatch: _row(422, 42207),
    errors.ContextNotFound: _row(404, 40401),
    errors.ContextNotEmpty: _row(422, 42211),
    errors.OperationNotPermitted: _row(422, 42205),
    errors.MetadataInvalid: _row(422, 42210),
    errors.RuleSetInvalid: _row(422, 42210),
    errors.IdempotencyKeyReused: _row(422, 422),
    errors.PositionAhead: _row(503, 50301),
    errors.LedgerUnavailable: _row(503, 50302),
    errors.DriftUnavailable: _row(503, 50305),
    errors.UsageUnavailable: _row(503, 50306),
    errors.ConsumerNotFound: _row(404, 404),
    errors.ConsumerOfAnotherTeam: _row(409, 409),
    errors.ApplicationOfOthers: _row(403, 403),
    errors.ConsumerInvalid: _row(422, 422),
    errors.Contention: _row(503, 50303),
    errors.CompilerUnavailable: _row(503, 50304),
    errors.AssociationNotFound: _row(404, 40410),
    errors.TooManyAssociations: _row(409, 40902),
    errors.ResourceAssociatedOtherwise: _row(409, 40903),
    errors.SubjectAssociated: _row(409, 40904),
    errors.SubjectStronglyAssociated: _row(409, 40905),
    errors.AssociatedSubjectKept: _row(409, 40907),
    errors.AssociationFrozen: _row(409, 40908),
    errors.AssociationInvalid: _row(422, 42212),
    errors.ExporterNotFound: _row(404, 40450),
    errors.ExporterExists: _row(409, 40950),
    errors.KeyNotFound: _row(404, 40470),
    errors.KeyNotSoftDeleted: _row(404, 40471),
    errors.KeySoftDeleted: _row(404, 40472),
    errors.KeyExists: _row(409, 40971),
    errors.TooManyKeys: _row(409, 40972),
    errors.KeyInvalid: _row(422, 42271),
    errors.KeyReferenced: _row(422, 42272),
    errors.KeyGenerationRefused: _row(403, 40370),
    errors.CrossSiteRefused: _row(403, 403),
    errors.CallerRefused: _row(403, 403),
    errors.CredentialRefused: _row(401, 40101),
    errors.SignInNeeded: _row(401, 40101),
    errors.TokenRefused: _row(401, 40101),
    errors.TokenExposed: _row(403, 40301),
    errors.TooManyFailures: _row(429, 42901),
    errors.IssuerAway: _row(503, 50306),
    errors.SessionEnded: _row(401, 40101),
    errors.SignInAgain: _row(401, 40101),
    errors.SignInFailed: _row(403, 40301),
    errors.LinkEnded: _row(404, 404),
    errors.SessionsUnavailable: _row(503, 50309),
    errors.SigningUnavailable: _row(503, 50308),
    errors.NotAllowed: _row(403, 40301),
    errors.GrantInvalid: _row(422, 422),
    errors.GrantNotFound: _row(404, 404),
    errors.GrantToOneself: _row(403, 40301),
    errors.AuditUnavailable: _row(503, 50307),
    errors.OtherCallerNeeded: _row(403, 40301),
    errors.TransferNotFound: _row(404, 404),
    errors.SignInNeeded: _row(401, 40101),
    FactUnknown: _row(500, 500),
}

RETRY_AFTER_S = 1
"""Seconds that a caller is asked to wait after a temporary error."""
