"""Rules as data: API, command line and documentation render this catalogue."""

from dataclasses import dataclass

from moorings_compat.findings import Finding, Severity
from moorings_compat.schema import Format


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which a reader can fail a writer."""

    code: str
    """A public name such as ``AVRO_FIELD_MISSING_DEFAULT``: it never changes its meaning."""
    format: Format | None
    """None for a rule that is about formats themselves."""
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
    """The code of the rule that reports the opposite change, or the reason why there is none."""
    example: str = ""
    """The smallest change that fires it: ``writer: {...}  reader: {...}``."""

    def finding_of_all(self, message: str, *, reader_has: str = "", writer_has: str = "") -> Finding:
        """Return a finding about the schemas as a whole, which has no path, witness or suggestion."""
        return Finding(
            rule=self.code,
            severity=self.severity,
            reader_path="",
            writer_path="",
            reader_has=reader_has,
            writer_has=writer_has,
            message=message,
            advice=self.fix,
        )


FORMAT_CHANGED = Rule(
    code="FORMAT_CHANGED",
    format=None,
    severity=Severity.BREAK,
    title="another schema format",
    why="A reader of one format cannot decode bytes of another.",
    fix="Keep the format within a major; start the next major to change it.",
    source="Moorings: a major has one format",
    mirror="FORMAT_CHANGED",
    example="older: an Avro record;  candidate: a Protobuf message",
)
"""The only rule outside the folders of the formats, because no format compares schemas of another."""
