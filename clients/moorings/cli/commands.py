"""The `moorings` command: contracts in a repository, and the registry that they are registered in."""

import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click

from moorings.cli.access_commands import (
    explain_access_command,
    grant_command,
    grants_command,
    revoke_command,
)
from moorings.cli.agent_command import agent_command
from moorings.cli.check_command import check_command
from moorings.cli.ci_command import ci_command
from moorings.cli.consumers_command import consumers_command
from moorings.cli.exits import CLEAN, COULD_NOT_DECIDE, FINDINGS, NOT_ALLOWED, USAGE
from moorings.cli.fix_command import fix_command
from moorings.cli.generate_command import generate_command
from moorings.cli.init_command import init_command
from moorings.cli.lifecycle_commands import activate_command, deprecate_command, retire_command
from moorings.cli.lint_command import lint_command
from moorings.cli.login_command import login_command, logout_command, open_command, whoami_command
from moorings.cli.new_major_command import new_major_command
from moorings.cli.questions_command import (
    as_expected_command,
    can_i_command,
    deployed_command,
    unused_fields_command,
    who_command,
)
from moorings.cli.replay_command import replay_command
from moorings.cli.rules_command import explain_command, rules_command
from moorings.cli.screen import complain
from moorings.cli.session import RepositoryFileInvalid, Session
from moorings.cli.sync_commands import diff_command, pull_command, push_command
from moorings.cli.waivers_command import waivers_command
from moorings.cli.webhooks_command import webhooks_command
from moorings.errors import ExtraMissing, MooringsError, NotAllowed, RegistryRefused, SettingInvalid
from moorings.layout.schema_files import SourceInvalid
from moorings_compat import ProtobufCompilerUnavailable

_COMMAND_HELP = """Keep event contracts in a repository, and register them.

Contracts are files in a folder per domain; moorings init writes the first ones:

\b
    moorings.toml                              what this repository owns and consumes
    schemas/shop.orders/domain.toml            owner, contacts, policy
    schemas/shop.orders/OrderPlaced.toml       the event: kind, topics, replay, idempotency
    schemas/shop.orders/OrderPlaced.v1.avsc    a major; .schema.json and .proto work the same way
    schemas/shop.orders/OrderPlaced.v1.toml    the major: lifecycle, metadata, rules, migration

\b
What a CI job runs for a change:
    moorings lint          are these valid contracts?           (no registry needed)
    moorings check         would the registry accept them?      (nothing is registered)
    moorings ci            both, with the reports that the CI system shows
and after the merge:
    moorings push          write what is new: each domain as a whole, or not at all

\b
Looking closer:
    moorings check old.avsc new.avsc --level FULL    two files, no registry
    moorings check new.avsc --against git:main       against another branch
    moorings diff                                    what differs from the registry
    moorings fix                                     edit what is refused so that it passes
    moorings new-major shop.orders.OrderPlaced       start the next major, with a draft of the mapping
    moorings explain AVRO_TYPE_MISMATCH              why is this a break?
    moorings who reads shop.orders.OrderPlaced /total
    moorings retire shop.orders.OrderPlaced@1 --dry-run    may it be retired?
    moorings replay dead.jsonl --event shop.orders.OrderPlaced --reader 2    can it be read?

\b
Exit codes, of every command:
    0    clean, done, or yes
    1    found: a fault in a file, a break, a difference, a refusal by the registry, or no
    2    usage: an unknown option, a file or folder that is not there, a setting, an extra that is not installed
    3    not decided: undecided, unknown, or no registry
    4    not allowed
"""


def _version() -> str:
    try:
        return version("moorings")
    except PackageNotFoundError:
        return "unknown"


@click.group(help=_COMMAND_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--url", envvar="MOORINGS_URL", help="The registry. [env: MOORINGS_URL; default: http://127.0.0.1:8081]")
@click.option(
    "--schemas",
    envvar="MOORINGS_SCHEMAS",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("schemas"),
    show_default=True,
    help="The folder of contracts. [env: MOORINGS_SCHEMAS]",
)
@click.option(
    "--timeout",
    "timeout_s",
    envvar="MOORINGS_TIMEOUT",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds to wait for the registry, each time. [env: MOORINGS_TIMEOUT]",
)
@click.option(
    "--sign-in",
    metavar="WAY",
    envvar="MOORINGS_SIGN_IN",
    help="How to sign in: login, file:/path, github, gitlab, or client-credentials. [env: MOORINGS_SIGN_IN]",
)
@click.version_option(_version(), prog_name="moorings")
@click.pass_context
def commands(context: click.Context, url: str | None, schemas: Path, timeout_s: float, sign_in: str | None) -> None:
    session = context.ensure_object(Session)
    session.url, session.schemas, session.timeout_s, session.sign_in = url, schemas, timeout_s, sign_in
    context.call_on_close(session.close)


for _command in (
    init_command,
    lint_command,
    check_command,
    ci_command,
    fix_command,
    new_major_command,
    push_command,
    pull_command,
    diff_command,
    generate_command,
    replay_command,
    rules_command,
    explain_command,
    waivers_command,
    webhooks_command,
    grant_command,
    grants_command,
    revoke_command,
    explain_access_command,
    consumers_command,
    can_i_command,
    who_command,
    unused_fields_command,
    as_expected_command,
    deployed_command,
    deprecate_command,
    retire_command,
    activate_command,
    agent_command,
    login_command,
    logout_command,
    whoami_command,
    open_command,
):
    commands.add_command(_command)


def run(arguments: Sequence[str], session: Session | None = None) -> int:
    """Run one call and return its exit code; errors go to standard error as a sentence, never as a traceback."""
    with warnings.catch_warnings():
        warnings.showwarning = _warn  # without the line of our own source that Python would add
        return _run(arguments, session)


def _warn(message: Warning | str, *_where: Any, **_source: Any) -> None:
    complain(f"warning: {message}")


def _run(arguments: Sequence[str], session: Session | None) -> int:
    try:
        answer: Any = commands.main(
            list(arguments), prog_name="moorings", standalone_mode=False, obj=session or Session()
        )
    except click.ClickException as error:
        error.show()
        return USAGE
    except click.exceptions.Abort:
        return 130
    except RepositoryFileInvalid as error:
        complain(str(error))
        return FINDINGS
    except (FileNotFoundError, SourceInvalid, SettingInvalid) as error:
        complain(str(error))
        return USAGE
    except NotAllowed as error:
        complain(str(error))
        return NOT_ALLOWED
    except RegistryRefused as error:
        complain(str(error))
        return FINDINGS
    except (MooringsError, ProtobufCompilerUnavailable) as error:
        complain(str(error))
        return USAGE if isinstance(error, ExtraMissing) else COULD_NOT_DECIDE
    except OSError as error:
        return _of_the_system(error)
    return answer if isinstance(answer, int) else 0


def _of_the_system(error: OSError) -> int:
    """Return the exit code for what the system refuses: a file that cannot be read or written, or our output."""
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()  # the reader of our output has closed it
        return CLEAN
    if error.filename is None:
        raise error
    complain(f"{error.filename}: {error.strerror}")
    return USAGE
