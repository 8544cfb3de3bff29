"""What `moorings ci` finds: the issues of lint and the changes of check, compared with the registry or with git."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import click

from moorings.cli.ci_job import CiJob
from moorings.cli.ci_source import CiSource
from moorings.cli.earlier_contracts import earlier_contracts, git_revision
from moorings.cli.folder_against_git import check_folder_against_git
from moorings.cli.folder_against_registry import check_folder_against_registry
from moorings.cli.git_revisions import branch_point
from moorings.cli.kept_checks import KeptChecks
from moorings.cli.lint_command import by_contract
from moorings.cli.results import Checked
from moorings.cli.screen import complain
from moorings.cli.session import Session
from moorings.errors import MooringsError, NotAllowed, RegistryUnavailable, SignInFailed
from moorings.layout import lint, read_folder

REGISTRY = "registry"
_SHORT_ID = 12
_COMMIT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FORK = "the pull request is a fork's, which has no identity of its own"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found, and what the folder was compared with."""

    results: tuple[Checked, ...]
    compared_with: str
    """In words: ``the registry``, ``origin/main``."""
    registry_skipped: str = ""
    """Why the registry that is configured was not used; empty where it was, or where none is configured."""
    kept: KeptChecks | None = None
    """What the registry keeps of it; None outside of CI, and where no registry was used."""

    @property
    def sentence(self) -> str:
        skipped = f" The registry was not used: {self.registry_skipped}." if self.registry_skipped else ""
        pages = f" The registry keeps what it found: {self.kept.link}" if self.kept and self.kept.link else ""
        return f"Compared with {self.compared_with}.{skipped}{pages}"


def compare(session: Session, against: str | None, job: CiJob, source: CiSource | None = None) -> Comparison:
    """Lint and check the folder against what was asked for, the registry, or the base of the job's commits.

    The registry keeps what it finds for *source*, where a job names one and is not a fork's.

    Raises:
        UsageError: nothing to compare with.
        MooringsError: the registry cannot be asked, and the job has no base.
    """
    source = None if job.is_fork else source
    if against == REGISTRY:
        return _with_registry(session, source)
    if against is not None:
        revision = git_revision(against)
        return Comparison(tuple(_found(session, against)), revision)
    skipped = ""
    if session.address is not None and job.is_fork:
        skipped = _FORK
    elif session.address is not None:
        try:
            return _with_registry(session, source)
        except (RegistryUnavailable, SignInFailed, NotAllowed) as error:
            skipped = _why(error)
            if not job.base or not skipped:
                raise
            complain(str(error))
    return _with_base(session, job, skipped)


def _why(error: MooringsError) -> str:
    """Say why a registry was not used, without its address; nothing for a refusal that a base must not replace."""
    if isinstance(error, RegistryUnavailable):
        return "it did not answer"
    if isinstance(error, SignInFailed):
        return "signing in failed"
    return (
        "it asks for an identity, and the job has none" if isinstance(error, NotAllowed) and error.status == 401 else ""
    )


def _with_registry(session: Session, source: CiSource | None) -> Comparison:
    kept = KeptChecks.of(source, session.address) if source is not None and session.address else None
    results = tuple(_found(session, REGISTRY, kept))
    for reason in kept.reasons if kept else ():
        complain(f"not kept: {reason}")
    return Comparison(results, "the registry", kept=kept)


def _with_base(session: Session, job: CiJob, skipped: str) -> Comparison:
    if not job.base:
        raise click.UsageError(
            "nothing to compare with: no registry is configured for this job, and its variables name no base; "
            "give --against git:origin/main or set MOORINGS_URL"
        )
    base, commit = _short(job.base), _short(branch_point(session.schemas, job.base))
    shown = base if commit == base else f"{commit}, where the branch left {base}"
    return Comparison(tuple(_found(session, f"git:{commit}")), shown, skipped)


def _short(revision: str) -> str:
    """Shorten the id of a commit, which every sentence about it repeats."""
    return revision[:_SHORT_ID] if _COMMIT_ID.fullmatch(revision) else revision


def _found(session: Session, against: str, kept: KeptChecks | None = None) -> list[Checked]:
    if against == REGISTRY:
        checked = check_folder_against_registry(session.registry.api, session.schemas, None, kept)
    else:
        own = read_folder(session.schemas).own_domains
        checked = check_folder_against_git(session.schemas, git_revision(against), None, own)
    with earlier_contracts(session, against) as earlier:
        folder, issues = lint(session.schemas, earlier)
    return _joined(checked, by_contract(folder, issues))


def _joined(checked: Sequence[Checked], linted: Sequence[Checked]) -> list[Checked]:
    """Add what lint alone says to the results of the check; a file with issues that was not checked is one more."""
    joined = list(checked)
    for one in linted:
        said = {issue for other in joined for issue in other.problems}
        problems = tuple(issue for issue in one.problems if issue not in said)
        place = next((index for index, other in enumerate(joined) if other.file == one.file), None)
        if problems and place is None:
            joined.append(replace(one, problems=problems))
        elif problems and place is not None:
            before = joined[place]
            verdict = one.verdict if before.passes and not one.passes else before.verdict
            joined[place] = replace(before, verdict=verdict, problems=(*before.problems, *problems))
    return joined
