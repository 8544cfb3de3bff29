"""Python types out of contracts: `moorings generate`."""

from moorings.typed.generate.module import STYLES
from moorings.typed.generate.package import Change, changes, files_of, write
from moorings.typed.generate.plan import ContractSource
from moorings.typed.generate.sources import from_folder, from_registry

__all__ = ["STYLES", "Change", "ContractSource", "changes", "files_of", "from_folder", "from_registry", "write"]
