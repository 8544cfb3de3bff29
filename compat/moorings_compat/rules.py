"""What a rule is, as data: the catalogue that API, command line and documentation are rendered from."""

from dataclasses import dataclass

from moorings_compat.findings import Severity
from moorings_compat.schema import Format


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which a reader can fail a writer."""

    code: str
    """A public name such as ``AVRO_FIELD_MISSING_DEFAULT``: it never changes its meaning."""
    format: Format
    severity: Severity
    title: str
    """A few words for a list: ``reader field without a default``."""
    why: str
    """What goes wrong at run time, in a sentence or two."""
    fix: str
    """What to do instead, in a sentence."""
    source: str
    """Specification and section: ``Avro 1.12, Schema Resolution, records``."""
    mirror: str = ""
    """The code of the rule that sees the opposite change, or the reason why there is none."""
    example: str = ""
    """The smallest change that fires it: ``writer: {...}  reader: {...}``."""
