"""Reports as JSON: the shapes that /openapi.json describes them by, and that write them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import fields, validate

from moorings_compat import Comparison, Finding, JsonFields, Position, Positions, Promise, Report, Severity, Witness
from moorings_compat.changes import CausedFinding, Change, EditKind, Way, WayKind
from moorings_compat.changes.corrections import way_title
from moorings_registry.http.shape_writing import WritingShape
from moorings_registry.report_changes import NO_CHANGES, ChangeWithWays, ReportChanges
from moorings_registry.second_opinion import ACCEPTS, NO_OPINIONS, NOT_RUN, REFUSES, SecondOpinion, SecondOpinions

OPTIONAL = "optional"
"""The name under which a field's metadata says that the field may be left out."""


class AnswerShape(WritingShape):
    """What the registry writes. Every field is always there, unless its metadata says `OPTIONAL`."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = not field_obj.metadata.get(OPTIONAL, False)

    def lacks(self, name: str) -> None:
        if self.dump_fields[name].required:
            raise AttributeError(f"{type(self).__name__} describes {name}, which the value to write does not have")


class PositionShape(AnswerShape):
    line = fields.Integer(metadata={"description": "From 1."})
    column = fields.Integer(metadata={"description": "From 1, in characters."})


class SecondOpinionShape(AnswerShape):
    """What a second engine says to a witness of JSON Schema; it never changes the verdict."""

    engine = fields.String(metadata={"example": "jsonschema 4.26.0"})
    writer = fields.String(
        validate=validate.OneOf([ACCEPTS, REFUSES, NOT_RUN]),
        metadata={"description": "Its answer under the writer's schema; `accepts` agrees with the witness."},
    )
    reader = fields.String(
        validate=validate.OneOf([ACCEPTS, REFUSES, NOT_RUN]),
        metadata={"description": "Its answer under the reader's schema; `refuses` agrees with the witness."},
    )
    reason = fields.String(metadata={"description": "Why a side was not run; empty if both were."})


class WitnessShape(AnswerShape):
    """A payload that shows a finding; written from a `WitnessWithOpinion`."""

    payload = fields.String(
        attribute="witness.payload", metadata={"description": "The event as JSON text; its values are made up."}
    )
    encoded = fields.String(
        attribute="witness.encoded", metadata={"description": "Its bytes in hex, for binary formats; empty for JSON."}
    )
    engine = fields.String(
        attribute="witness.engine", metadata={"description": "What ran it.", "example": "fastavro 1.13.1"}
    )
    error = fields.String(attribute="witness.error", metadata={"description": "What the reader's side answered."})
    second_opinion = fields.Nested(
        SecondOpinionShape,
        allow_none=True,
        metadata={"description": "What another engine answers to the same payload; null for binary formats."},
    )


class SuggestionShape(AnswerShape):
    action = fields.String(metadata={"description": "add, replace or remove (RFC 6902), or text: a line of source."})
    path = fields.String()
    value = fields.String()
    title = fields.String()


class FindingShape(AnswerShape):
    """One difference that matters, in one direction; written from a `LocatedFinding`."""

    rule = fields.String(attribute="finding.rule", metadata={"example": "AVRO_FIELD_MISSING_DEFAULT"})
    severity = fields.String(attribute="finding.severity", validate=validate.OneOf([str(one) for one in Severity]))
    reader_path = fields.String(attribute="finding.reader_path")
    writer_path = fields.String(attribute="finding.writer_path")
    reader_has = fields.String(attribute="finding.reader_has")
    writer_has = fields.String(attribute="finding.writer_has")
    message = fields.String(attribute="finding.message")
    advice = fields.String(attribute="finding.advice")
    tolerated_by = fields.String(
        attribute="finding.tolerated_by", metadata={"description": "The policy that tolerates it; empty for none."}
    )
    witness = fields.Nested(WitnessShape, allow_none=True)
    suggestion = fields.Nested(SuggestionShape, attribute="finding.suggestion", allow_none=True)
    reader_position = fields.Nested(
        PositionShape,
        allow_none=True,
        metadata={OPTIONAL: True, "description": "Only with `positions`; null in another text."},
    )
    writer_position = fields.Nested(
        PositionShape,
        allow_none=True,
        metadata={OPTIONAL: True, "description": "Only with `positions`; null in another text."},
    )


class ComparisonShape(AnswerShape):
    """Every finding against one older version, in one direction; written from a `LabelledComparison`."""

    version = fields.Integer(attribute="comparison.version")
    label = fields.String()
    promise = fields.String(attribute="comparison.promise")
    reader = fields.String()
    writer = fields.String()
    verdict = fields.String(attribute="comparison.verdict")
    findings = fields.List(fields.Nested(FindingShape))


class FindingPlaceShape(AnswerShape):
    """A finding of a change: the comparison that it is in, and its index there; written from a `FindingPlace`."""

    version = fields.Integer()
    promise = fields.String()
    index = fields.Integer(metadata={"description": "From 0, in the `findings` of that comparison."})


class BrokenShape(AnswerShape):
    """A promise that a change breaks; written from a `Broken`."""

    promise = fields.String()
    versions = fields.List(fields.String(), metadata={"description": "Labels of the versions, newest first."})


class WayShape(AnswerShape):
    """A way out of a change within its major: one edit of the candidate alone, tried by running the check again."""

    kind = fields.String(validate=validate.OneOf([str(one) for one in WayKind]))
    title = fields.String(metadata={"example": "keep `amount_minor`, and add `amount` beside it"})
    text = fields.String(metadata={"description": "The whole text of the candidate, corrected in this way alone."})


class ChangeShape(AnswerShape):
    """One edit that a person made, and every finding that it causes; written from a `LabelledChange`."""

    field = fields.String(
        attribute="change.path",
        metadata={"example": "items.sku", "description": "Its dotted path; empty for the whole."},
    )
    kind = fields.String(attribute="change.kind", validate=validate.OneOf([str(one) for one in EditKind]))
    sentence = fields.String(attribute="change.sentence", metadata={"example": "`points`: int -> string"})
    severity = fields.String(
        attribute="change.severity",
        allow_none=True,
        validate=validate.OneOf([str(one) for one in Severity]),
        metadata={"description": "That of the heaviest finding that no policy tolerates; null without one."},
    )
    fails = fields.Boolean(attribute="change.fails", metadata={"description": "Whether it refuses the candidate."})
    breaks = fields.List(fields.Nested(BrokenShape))
    rules = fields.List(fields.String(), attribute="change.rules")
    findings = fields.List(fields.Nested(FindingPlaceShape))
    shown_by = fields.List(
        fields.Nested(FindingPlaceShape),
        metadata={"description": "Up to two findings whose witnesses show it, one for each promise."},
    )
    candidate_path = fields.String(attribute="change.candidate_path")
    older_path = fields.String(attribute="change.older_path")
    caution = fields.String(
        attribute="change.caution",
        metadata={"description": "Something to consider before a default is given; may be empty."},
    )
    ways = fields.List(
        fields.Nested(WayShape),
        metadata={"description": "The best first; tried one by one where no more than three changes fail."},
    )


class ChosenWayShape(AnswerShape):
    field = fields.String()
    kind = fields.String(validate=validate.OneOf([str(one) for one in WayKind]))
    title = fields.String()


class CorrectedShape(AnswerShape):
    """The candidate with every failing change corrected: it passes the check that it was refused by."""

    text = fields.String()
    ways = fields.List(fields.Nested(ChosenWayShape))


class VerdictShape(AnswerShape):
    """What a check came to; written from a `LabelledReport`."""

    format = fields.String(attribute="report.format")
    level = fields.String(attribute="report.level")
    verdict = fields.String(attribute="report.verdict")
    json_fields = fields.String(
        attribute="report.json_fields",
        validate=validate.OneOf([str(one) for one in JsonFields]),
        metadata={"description": "Which JSON fields counted; a verdict about JSON Schemas holds for that alone."},
    )
    comparisons = fields.List(fields.Nested(ComparisonShape))
    failing = fields.List(fields.String(), metadata={"description": "Labels of the versions that it breaks."})
    changes = fields.List(
        fields.Nested(ChangeShape),
        metadata={"description": "What was done, those changes first that refuse the schema; harmless ones last."},
    )
    corrected = fields.Nested(
        CorrectedShape, allow_none=True, metadata={"description": "Null where none was found, or none is needed."}
    )


class RefusedReportShape(VerdictShape):
    """The report of a refused registration, within its error."""

    id = fields.Integer(allow_none=True)


def verdict_value(shown: "LabelledReport") -> dict[str, Any]:
    """What `VerdictShape` writes, for an answer that says more beside it."""
    return {
        "report": shown.report,
        "comparisons": shown.comparisons,
        "failing": shown.failing,
        "changes": shown.changes,
        "corrected": shown.corrected,
    }


@dataclass(frozen=True, slots=True)
class WitnessWithOpinion:
    """A witness, and what the second engine said to it."""

    witness: Witness
    second_opinion: SecondOpinion | None


def located(
    finding: Finding,
    opinion: SecondOpinion | None,
    places: tuple[Position | None, Position | None] | None = None,
) -> dict[str, Any]:
    """What `FindingShape` writes; with *places*, where its paths lead in the reader's text and in the writer's."""
    witness = WitnessWithOpinion(finding.witness, opinion) if finding.witness else None
    if places is None:
        return {"finding": finding, "witness": witness}
    return {"finding": finding, "witness": witness, "reader_position": places[0], "writer_position": places[1]}


@dataclass(frozen=True, slots=True)
class LabelledComparison:
    """A comparison, and what people call its version."""

    comparison: Comparison
    label: str
    opinions: SecondOpinions
    positions: Positions | None

    @property
    def reader(self) -> str:
        return "candidate" if self.comparison.promise is Promise.REPLAY_SAFE else self.label

    @property
    def writer(self) -> str:
        return self.label if self.comparison.promise is Promise.REPLAY_SAFE else "candidate"

    @property
    def findings(self) -> Iterator[dict[str, Any]]:
        one = self.comparison
        opinions = [self.opinions.on(one.version, one.promise, finding) for finding in one.findings]
        if self.positions is None:
            return map(located, one.findings, opinions)
        return map(located, one.findings, opinions, self.positions.of(one))


@dataclass(frozen=True, slots=True)
class FindingPlace:
    """Where a finding is among the comparisons of a report."""

    version: int
    promise: Promise
    index: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise, and what people call the versions that it is broken with."""

    promise: Promise
    versions: list[str]


@dataclass(frozen=True, slots=True)
class LabelledChange:
    """A change, and what people call the versions that it breaks."""

    shown: ChangeWithWays
    labels: Mapping[int, str]
    places: Mapping[tuple[int, Promise, int], FindingPlace]
    """By version, promise and identity of the finding."""

    @property
    def change(self) -> Change:
        return self.shown.change

    @property
    def ways(self) -> tuple[Way, ...]:
        return self.shown.ways

    @property
    def breaks(self) -> list[Broken]:
        broken = [(promise, self.change.broken(promise)) for promise in Promise]
        return [Broken(one, [self.labels.get(v, str(v)) for v in versions]) for one, versions in broken if versions]

    @property
    def findings(self) -> list[FindingPlace]:
        return [self._place(one) for one in self.change.findings]

    @property
    def shown_by(self) -> list[FindingPlace]:
        return [self._place(one) for one, _ in self.change.shown_by]

    def _place(self, one: CausedFinding) -> FindingPlace:
        return self.places[one.version, one.promise, id(one.finding)]


@dataclass(frozen=True, slots=True)
class LabelledReport:
    """A report, and what people call the versions compared: ``{5: "2.1"}``."""

    report: Report
    labels: Mapping[int, str]
    opinions: SecondOpinions = NO_OPINIONS
    positions: Positions | None = None
    derived: ReportChanges = NO_CHANGES

    @property
    def changes(self) -> list[LabelledChange]:
        places = {
            (one.version, one.promise, id(finding)): FindingPlace(one.version, one.promise, index)
            for one in self.report.comparisons
            for index, finding in enumerate(one.findings)
        }
        return [LabelledChange(one, self.labels, places) for one in self.derived.changes]

    @property
    def corrected(self) -> dict[str, Any] | None:
        whole = self.derived.corrected
        if whole is None:
            return None
        ways = [{"field": one.path, "kind": kind, "title": way_title(one, kind)} for one, kind in whole.ways]
        return {"text": whole.text, "ways": ways}

    @property
    def comparisons(self) -> list[LabelledComparison]:
        return [
            LabelledComparison(one, self.labels.get(one.version, ""), self.opinions, self.positions)
            for one in self.report.comparisons
        ]

    @property
    def failing(self) -> list[str]:
        return list(dict.fromkeys(self.labels.get(one.version, str(one.version)) for one in self.report.failing))
