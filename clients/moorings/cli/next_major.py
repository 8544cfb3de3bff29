"""Where the next major of a contract lies, and the command that starts it."""

from dataclasses import replace
from pathlib import Path

from moorings.cli.results import Checked
from moorings.layout.contract_file import ContractFile


def next_major_path(contract: ContractFile, major: int | None = None) -> Path:
    """Return the file of *major*, by default the one that follows the contract's own."""
    name = contract.path.name
    event, _, rest = name.partition(f".v{contract.major}.")
    return contract.path.with_name(f"{event}.v{major or contract.major + 1}.{rest}")


def with_next_major(checked: Checked, contract: ContractFile) -> Checked:
    """Say how to start the next major with a change that is refused."""
    if checked.passes or checked.verdict == "invalid":
        return checked
    command = f"moorings new-major {contract.subject} moves it to {next_major_path(contract).name}"
    return replace(checked, next_major=command)
