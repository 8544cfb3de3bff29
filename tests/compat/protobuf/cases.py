"""Cases of the comparison: two short sources, and the codes of the findings."""

from dataclasses import dataclass, field
from functools import cache

from moorings_compat import Finding, Format, Policy, ProtobufLevel, Schema, Severity, can_read, parse


@dataclass(frozen=True, slots=True)
class Case:
    """What a case shows, the writer's source, the reader's source, and the codes of the findings without hygiene."""

    shows: str
    writer: str
    reader: str
    codes: list[str] = field(default_factory=list)
    level: ProtobufLevel = ProtobufLevel.WIRE
    candidate_reads: bool = True

    def findings(self) -> tuple[Finding, ...]:
        policy = Policy(protobuf_level=self.level, candidate_reads=self.candidate_reads)
        return can_read(source(self.reader), source(self.writer), policy)


@cache
def source(text: str) -> Schema:
    """Parse a source once for all cases that share it."""
    return parse(text, Format.PROTOBUF)


def proto2(body: str, beside: str = "") -> str:
    return f'syntax = "proto2"; message M {{ {body} }} {beside}'


def proto3(body: str, beside: str = "") -> str:
    return f'syntax = "proto3"; message M {{ {body} }} {beside}'


def edition(body: str, beside: str = "") -> str:
    return f'edition = "2023"; message M {{ {body} }} {beside}'


def codes(findings: tuple[Finding, ...], prefix: str) -> list[str]:
    """List the codes of one level, each once, sorted."""
    return sorted({one.rule for one in findings if one.rule.startswith(prefix)})


def blocking(findings: tuple[Finding, ...]) -> list[str]:
    return [one.rule for one in findings if one.severity in (Severity.BREAK, Severity.UNDECIDED)]
