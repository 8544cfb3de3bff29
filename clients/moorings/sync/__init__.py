"""A folder of contracts and a registry: what each has, and bringing one up to the other."""

from moorings.sync.differences import Difference, differences
from moorings.sync.matching import Matching
from moorings.sync.pull import Written, pull
from moorings.sync.push import Step, push

__all__ = ["Difference", "Matching", "Step", "Written", "differences", "pull", "push"]
