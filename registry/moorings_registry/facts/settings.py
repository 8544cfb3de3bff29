"""Settings and modes of subjects, contexts and the registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """The whole configuration of a scope as it is from now on; empty means none of its own.

    `scope` is a subject, a context as ``:.name:``, or empty for the registry as a whole.
    """

    scope: str
    config: Mapping[str, Any]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """The mode of a scope; empty means none of its own."""

    scope: str
    mode: str
    v: ClassVar[int] = 1


SettingFact = ConfigChanged | ModeChanged
