"""What a grant has to say about callers of each kind of issuer, so that a careless one cannot be stored.

Names can be taken over: a repository that was deleted can be made again by somebody else. So a grant names at least
one identifier of the workload and one of its tenant that never change; and whoever may write from a build job names
the protected place and the file that the job comes from.
"""

from dataclasses import dataclass

ANY_PRINCIPAL = "principal"
"""In a preset: the principal's own name, which issuers' kinds make of identifiers that do not change."""


@dataclass(frozen=True, slots=True)
class Preset:
    """What grants to callers of one kind of issuer have to name."""

    workload: tuple[str, ...]
    """Claims of which one names the workload or the person for ever."""
    tenant: tuple[str, ...] = ()
    """Claims of which one names its tenant for ever; none where the issuer has a single tenant."""
    writers: tuple[tuple[str, ...], ...] = ()
    """For `register` and more: groups of claims, of each of which one has to be there."""
    others: tuple[str, ...] = ()
    """Other claims that a grant may ask for."""
    has_own_claims: bool = False
    """Whether operators choose which other claims an issuer hands on."""
    has_groups: bool = False
    """Whether membership of a group will do in place of the workload."""
    has_paths: bool = False
    """Whether principals are paths, of which the last segment may be left open by ``*``."""
    review_days: int = 0
    """The most days until a grant of `register` and more ends or is renewed; 0: it need not end."""

    @property
    def claims(self) -> tuple[str, ...]:
        """Every claim that a grant may ask for, sorted."""
        named = {*self.workload, *self.tenant, *self.others, *(one for group in self.writers for one in group)}
        return tuple(sorted(named - {ANY_PRINCIPAL}))


PRESETS = {
    "github": Preset(
        workload=(ANY_PRINCIPAL, "repository_id"),
        tenant=("repository_owner_id",),
        writers=(("environment", "ref_protected"), ("job_workflow_ref", "workflow_ref")),
        others=("ref", "ref_type", "event_name", "repository_visibility", "runner_environment"),
        review_days=366,
    ),
    "gitlab": Preset(
        workload=(ANY_PRINCIPAL, "project_id"),
        tenant=("namespace_id",),
        writers=(("environment_protected", "ref_protected"), ("ci_config_ref_uri",)),
        others=(
            "deployment_tier",
            "environment",
            "pipeline_source",
            "ref",
            "ref_path",
            "ref_type",
            "runner_environment",
        ),
        review_days=366,
    ),
    "kubernetes": Preset(workload=("service_account_uid",), others=("namespace", "service_account")),
    "spiffe": Preset(workload=(ANY_PRINCIPAL, "spiffe_id"), has_paths=True),
    "oidc": Preset(workload=(ANY_PRINCIPAL, "sub", "client_id"), has_own_claims=True, has_groups=True, review_days=366),
    "registry": Preset(workload=(ANY_PRINCIPAL, "sub")),
}
"""By the kind of issuer."""
