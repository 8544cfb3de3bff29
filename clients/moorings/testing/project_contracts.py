"""The contracts of a project, registered in a registry of the test's own."""

from pathlib import Path

from moorings.contracts.contract import EventContract
from moorings.layout import Parsed, Weight, lint
from moorings.layout.lock_file import Lock
from moorings.registry import Registry
from moorings.sync import Matching, push


class ProjectContracts:
    """Returns the contracts of a folder: call it with a subject, and with a major if it is not 1."""

    def __init__(self, registry: Registry, folder: Path) -> None:
        """Register the whole folder.

        Raises:
            AssertionError: the folder has issues, or a contract is refused.
        """
        self.registry = registry
        self.folder = folder
        read, issues = lint(folder)
        errors = [f"  {one.file}: {one.message}" for one in issues if one.weight is Weight.ERROR]
        if errors:
            raise AssertionError("\n".join(["the folder of contracts has issues (moorings lint):", *errors]))
        steps = list(push(Matching(registry.api, Parsed(read), Lock.read(folder)), dry_run=False))
        failed = [f"  {one.name} {one.action}: {one.detail}" for one in steps if one.failed]
        if failed:
            raise AssertionError("\n".join(["the folder of contracts cannot be registered:", *failed]))

    def __call__(self, subject: str, major: int = 1) -> EventContract:
        """Return the handle of one major of an event.

        Raises:
            ContractUnknown: the folder has no such contract.
        """
        return self.registry.event(subject, major)
