"""Every witness of JSON Schema, run through `jsonschema` too: what it says as the writer's side and as the reader's.

The verdict and the witness come from `jsonschema-rs`, which registry and client validate with. Consumers may validate
with another engine, and where the two differ, a person has to know it: a specification leaves something open, or one
engine departs from it. Nothing here changes a verdict.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from moorings_compat import Contracts, Finding, Format, JsonFields, Policy, Promise, Report, Schema
from moorings_compat.conditions.rules import RULES
from moorings_compat.json_schema import STRICT_READER
from moorings_compat.json_schema.model import model_of
from moorings_compat.json_schema.payloads import read_payload
from moorings_compat.json_schema.projection import projection
from moorings_registry.second_opinion.steps import NotRun, Steps

if TYPE_CHECKING:
    from moorings_registry.second_opinion.bounded_validator import BoundedValidator

ENGINE = f"jsonschema {version('jsonschema')}"
ACCEPTS, REFUSES, NOT_RUN = "accepts", "refuses", "not run"
MOST_WITNESSES = 100
"""Different witnesses of one report that are run."""
MOST_STEPS = 200_000
"""Steps for one report; measured over hostile schemas, all of them take 0.3 seconds or less."""
LARGEST_SCHEMA = 400_000
"""Characters of a schema with all that it refers to."""
LARGEST_PAYLOAD = 20_000
"""Characters of a payload."""

_OF_CONDITIONS = frozenset(rule.code for rule in RULES)
"""Their witnesses are refused by rules; no validator of schemas has anything to say about them."""
_CHARACTERS_A_STEP = 20
"""Characters of a schema whose preparation weighs as much as one step."""


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What the second engine answers to one witness."""

    engine: str
    writer: str
    """``accepts``, ``refuses`` or ``not run``: the payload under the writer's schema, which allows it."""
    reader: str
    """The same under the reader's schema, which refuses it."""
    reason: str = ""
    """Why a side was not run; empty if both were."""

    @property
    def agrees(self) -> bool:
        """Whether both answers are those of the first engine."""
        return self.writer == ACCEPTS and self.reader == REFUSES

    @property
    def disagrees(self) -> bool:
        """Whether one of the answers is the opposite of the first engine's."""
        return self.writer == REFUSES or self.reader == ACCEPTS


@dataclass(frozen=True, slots=True)
class ComparedSchemas:
    """The schemas that a report is about."""

    candidate: Schema
    older: Mapping[int, Schema]
    """By number: all that the check compared and that are still there."""
    policy: Policy
    """That of the check: whether `format` refused values, and whether readers left undeclared fields out."""
    contracts: Contracts | None = None
    """Those of the check, where conditions counted."""


@dataclass(frozen=True, slots=True)
class SecondOpinions:
    """The opinions of one report."""

    by_witness: Mapping[tuple[int, Promise, str], SecondOpinion] = field(default_factory=dict)
    """By version, promise and payload."""

    @property
    def agreeing(self) -> int:
        return sum(one.agrees for one in self.by_witness.values())

    @property
    def disagreeing(self) -> int:
        return sum(one.disagrees for one in self.by_witness.values())

    @property
    def unanswered(self) -> int:
        """How many witnesses got no whole answer, and none that disagrees."""
        return len(self.by_witness) - self.agreeing - self.disagreeing

    def on(self, version: int, promise: Promise, finding: Finding) -> SecondOpinion | None:
        """Return what was answered to the witness of *finding*; None if it has none, or is of another format."""
        if finding.witness is None or finding.rule in _OF_CONDITIONS:
            return None
        return self.by_witness.get((version, promise, finding.witness.payload))


NO_OPINIONS = SecondOpinions()


def second_opinions(report: Report, compared: ComparedSchemas) -> SecondOpinions:
    """Run each witness of *report*; the first `MOST_WITNESSES` of them, for as long as the steps last."""
    if report.format is not Format.JSON:
        return NO_OPINIONS
    engine = _Engine(compared.policy)
    found: dict[tuple[int, Promise, str], SecondOpinion] = {}
    for one in report.comparisons:
        older = compared.older.get(one.version)
        if older is None or older.format is not Format.JSON:
            continue
        candidate_reads = one.promise is Promise.REPLAY_SAFE
        reader, writer = (compared.candidate, older) if candidate_reads else (older, compared.candidate)
        for payload, strict in _payloads(one.findings).items():
            found[one.version, one.promise, payload] = engine.opinion(payload, reader, writer, strict=strict)
    return SecondOpinions(found)


def opinions_by_payload(
    findings: Iterable[Finding], reader: Schema, writer: Schema, policy: Policy
) -> Mapping[str, SecondOpinion]:
    """Run each witness of one comparison; the opinions by payload, none for other formats."""
    if not reader.format is writer.format is Format.JSON:
        return {}
    engine = _Engine(policy)
    payloads = _payloads(findings).items()
    return {payload: engine.opinion(payload, reader, writer, strict=strict) for payload, strict in payloads}


def _payloads(findings: Iterable[Finding]) -> dict[str, bool]:
    """Return the payloads, each with whether it is about a reader that leaves nothing out."""
    about_schemas = (one for one in findings if one.rule not in _OF_CONDITIONS)
    return {one.witness.payload: one.rule == STRICT_READER.code for one in about_schemas if one.witness is not None}


class _Engine:
    """The second engine for one report: validators are prepared once, and steps are shared."""

    def __init__(self, policy: Policy) -> None:
        self._formats = policy.formats_asserted
        self._leaves_out = policy.json_fields is JsonFields.DECLARED
        self._steps = Steps(MOST_STEPS)
        self._witnesses = 0
        self._validators: dict[int, BoundedValidator | NotRun] = {}

    def opinion(self, payload: str, reader: Schema, writer: Schema, *, strict: bool) -> SecondOpinion:
        self._witnesses += 1
        if self._witnesses > MOST_WITNESSES:
            return _not_run(f"only the first {MOST_WITNESSES} witnesses of a report are run")
        if len(payload) > LARGEST_PAYLOAD:
            return _not_run(f"the payload has more than {LARGEST_PAYLOAD:,} characters")
        value = read_payload(payload)
        written, unclear = self._answer(writer, value, ACCEPTS)
        leave_out = projection(reader) if self._leaves_out and not strict else None
        if leave_out is not None:
            leave_out(value)
        read, also_unclear = self._answer(reader, value, REFUSES)
        return SecondOpinion(ENGINE, written, read, "; ".join(dict.fromkeys(filter(None, (unclear, also_unclear)))))

    def _answer(self, schema: Schema, payload: Any, expected: str) -> tuple[str, str]:
        """Return the answer, and the reason if there is none."""
        try:
            validator = self._validator(schema)
            answer = ACCEPTS if validator.accepts(payload) else REFUSES
        except NotRun as error:
            return NOT_RUN, str(error)
        except Exception as error:  # noqa: BLE001  # whatever another engine fails on must not cost the report
            return NOT_RUN, f"the engine failed with {type(error).__name__}"
        if answer != expected and validator.unchecked:
            return NOT_RUN, f"the engine does not check format {', '.join(sorted(validator.unchecked))}"
        return answer, ""

    def _validator(self, schema: Schema) -> "BoundedValidator":
        """Return the validator of *schema*.

        Raises:
            NotRun: none could be made.
        """
        # By identity: equal schemas may differ in what their references lead to, and all live as long as this object.
        known = self._validators.get(id(schema))
        if known is None:
            try:
                known = self._made(schema)
            except NotRun as error:
                known = error
            self._validators[id(schema)] = known
        if isinstance(known, NotRun):
            raise NotRun(*known.args)
        return known

    def _made(self, schema: Schema) -> "BoundedValidator":
        # Here, since it takes as long as a third of the start of a service where packages for formats are installed.
        from moorings_registry.second_opinion.bounded_validator import BoundedValidator

        model = model_of(schema)
        if model.size > LARGEST_SCHEMA:
            raise NotRun(f"a schema has more than {LARGEST_SCHEMA:,} characters")
        self._steps.spend(model.size // _CHARACTERS_A_STEP)
        return BoundedValidator(model.bundled, model.document.draft, formats=self._formats, steps=self._steps)


def _not_run(reason: str) -> SecondOpinion:
    return SecondOpinion(ENGINE, NOT_RUN, NOT_RUN, reason)
