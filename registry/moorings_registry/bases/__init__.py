"""Bases: the state at one position of a ledger, in a file that is mapped into memory instead of folding every entry.

A base is a cache. What is in it can always be folded again from the ledger, and when a file is in doubt, that is done.
"""

from moorings_registry.bases.codecs import NotStorable
from moorings_registry.bases.file import BaseUnusable
from moorings_registry.bases.folder import BaseFolder, BaseObserver, NoBaseObserver, WrittenBase
from moorings_registry.bases.folding_code import fold_version

__all__ = [
    "BaseFolder",
    "BaseObserver",
    "BaseUnusable",
    "NoBaseObserver",
    "NotStorable",
    "WrittenBase",
    "fold_version",
]
