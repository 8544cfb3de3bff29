"""What contracts were before a change: at a revision of git, or in the registry."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from moorings.cli.git_revisions import folder_at_revision
from moorings.cli.session import Session
from moorings.contracts.schema_cache import BlockingSchemaCache
from moorings.errors import NotFound
from moorings.layout import ContractFile, Parsed, read_folder
from moorings.layout.documentation_lint import Earlier
from moorings_compat import Schema


def git_revision(against: str) -> str:
    """Read ``git:main``.

    Raises:
        UsageError: another form, or no revision.
    """
    revision = against.removeprefix("git:")
    if not against.startswith("git:") or not revision or revision.startswith("-"):
        raise click.UsageError("--against takes git:REVISION, as in git:main, or registry")
    return revision


@contextmanager
def earlier_contracts(session: Session, against: str | None) -> Iterator[Earlier | None]:
    """Give what finds the schema that a contract had before; None where nothing is to be compared."""
    if against is None:
        yield None
    elif against == "registry":
        yield _in_registry(session)
    else:
        with folder_at_revision(git_revision(against), session.schemas) as root:
            parsed = Parsed(read_folder(root)) if root is not None else None

            def find(contract: ContractFile) -> Schema | None:
                known = parsed.folder.contract(contract.subject, contract.major) if parsed is not None else None
                return parsed.schema(known) if parsed is not None and known is not None else None

            yield find


def _in_registry(session: Session) -> Earlier:
    api = session.registry.api
    schemas = BlockingSchemaCache(api)

    def find(contract: ContractFile) -> Schema | None:
        try:
            version = api.version(contract.subject, f"v{contract.major}")
        except NotFound:
            return None
        return schemas.parsed(version.schema, version.format, version.references)

    return find
