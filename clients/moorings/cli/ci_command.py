"""`moorings ci`: lint, check and reports in one command, in the formats of the CI system that it runs in."""

import os
from pathlib import Path

import click

from moorings.cli.ci_comparison import compare
from moorings.cli.ci_job import ci_job
from moorings.cli.ci_reports import DEFAULT_FOLDER, Reports
from moorings.cli.ci_source import ci_source
from moorings.cli.results import exit_code
from moorings.cli.session import Session
from moorings.errors import MooringsError
from moorings.layout.schema_files import SourceInvalid
from moorings_compat import ProtobufCompilerUnavailable


@click.command("ci", short_help="Lint and check in a CI job, with the reports that its system shows.")
@click.option(
    "--against",
    envvar="MOORINGS_AGAINST",
    metavar="registry | git:REV",
    help="What to compare with. [env: MOORINGS_AGAINST; default: the registry, or the base of the pull request]",
)
@click.option(
    "--reports",
    envvar="MOORINGS_REPORTS",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of report files. [env: MOORINGS_REPORTS; default: moorings-reports in CI, else none]",
)
@click.pass_obj
def ci_command(session: Session, against: str | None, reports: Path | None) -> int:
    """Lint and check the folder of contracts as one job of a pipeline. Nothing is registered.

    \b
    GitHub Actions     annotations, the job's summary, moorings.sarif
    GitLab CI          text, gl-code-quality-report.json, moorings-junit.xml
    Azure Pipelines    logging commands, the summary, moorings-junit.xml
    Jenkins, Buildkite, CircleCI    text, moorings-junit.xml
    anywhere else      text

    The folder is compared with the registry, where MOORINGS_URL or moorings.toml names one. A fork's pull request,
    which has no identity, is compared with the branch that it is for; so is everything where no registry is named, or
    where it does not answer. In CI, comment.md is the text of one comment on the change, and a registry that the job
    signs in to keeps what it found for 90 days.
    """
    job = ci_job(os.environ)
    written = Reports(job, reports or (DEFAULT_FOLDER if job.system else None))
    try:
        source = ci_source(job.system.name, os.environ) if job.system else None
        found = compare(session, against, job, source)
    except click.UsageError as error:
        written.write_error(error.format_message())
        raise
    except (MooringsError, SourceInvalid, FileNotFoundError, ProtobufCompilerUnavailable) as error:
        written.write_error(str(error))
        raise
    written.write(found)
    return exit_code(found.results)
