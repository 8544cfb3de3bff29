"""A folder of contracts and a registry: what each has, and bringing one up to the other.

`moorings.sync.pull` needs the extra `cli`, and is imported by itself.
"""

from moorings.sync.folder_diff import FolderDifference, folder_differences
from moorings.sync.matching import Matching
from moorings.sync.push import push
from moorings.sync.push_results import PushStep

__all__ = ["FolderDifference", "Matching", "PushStep", "folder_differences", "push"]
