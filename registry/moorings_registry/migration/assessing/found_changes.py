"""A change of a report as an assessment keeps it: sentences and payloads, within bounds."""

from moorings_compat import Promise, Severity, Witness
from moorings_compat.changes import CausedFinding, Change
from moorings_registry.migration.assessing.assessed import FoundChange, ShownPayload

MOST_FINDINGS = 4
LONGEST_PAYLOAD = 4_000
"""Characters; payloads are made to be small, and an assessment may hold thousands."""
_LONGEST_SENTENCE = 600


def found_change(change: Change, candidate: int) -> FoundChange:
    """Keep of *change* what people read; *candidate* is the number of the version that made it."""
    weighing = [one for one in change.findings if one.weighs]
    return FoundChange(
        _cut(change.sentence, _LONGEST_SENTENCE),
        change.severity or Severity.UNDECIDED,
        tuple(dict.fromkeys(one.finding.rule for one in weighing)),
        tuple(_cut(one, _LONGEST_SENTENCE) for one in dict.fromkeys(one.finding.message for one in weighing))[
            :MOST_FINDINGS
        ],
        _paths(change),
        tuple(_payload(caused, witness, candidate) for caused, witness in change.shown_by if caused.weighs),
    )


def _paths(change: Change) -> tuple[str, ...]:
    edits = () if change.edit is None else (*change.edit.old, *change.edit.new)
    return tuple(dict.fromkeys((change.path, *(one.path for one in edits))))


def _payload(caused: CausedFinding, witness: Witness, candidate: int) -> ShownPayload:
    backward = caused.promise is Promise.REPLAY_SAFE
    written_by, read_by = (caused.version, candidate) if backward else (candidate, caused.version)
    payload = _cut(witness.payload, LONGEST_PAYLOAD)
    return ShownPayload(payload, written_by, read_by, witness.engine, _cut(witness.error, _LONGEST_SENTENCE))


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[:characters]}…"
