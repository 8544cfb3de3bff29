"""A folder of contracts and a registry: what each has, and bringing one up to the other."""

from moorings.sync.folder_diff import FolderDifference, folder_differences
from moorings.sync.matching import Matching
from moorings.sync.pull import PulledFile, pull
from moorings.sync.push import PushStep, push

__all__ = ["FolderDifference", "Matching", "PulledFile", "PushStep", "folder_differences", "pull", "push"]
