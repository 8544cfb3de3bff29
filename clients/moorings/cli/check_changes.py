"""The changes of a check, in one shape for every output format, whether found here or by a registry."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from moorings.cli.check_findings import CheckFinding
from moorings.layout.issues import Weight
from moorings_compat import Position, Promise
from moorings_compat.changes import CausedFinding, Change
from moorings_compat.changes.corrections import Corrections, way_title

_OBJECTS: Mapping[str, str] = {Promise.REPLAY_SAFE: "stored events of", Promise.CONSUMERS_SAFE: "today's consumers of"}
_WEIGHTS = {"break": Weight.ERROR, "undecided": Weight.ERROR, "changes_meaning": Weight.WARNING}


@dataclass(frozen=True, slots=True)
class CheckChange:
    """One edit that a person made, with everything that it causes."""

    field: str
    kind: str
    sentence: str
    severity: str
    """Empty where nothing was found that counts."""
    fails: bool
    breaks: Mapping[str, tuple[str, ...]]
    """The labels of the versions that each promise is broken with."""
    findings: tuple[CheckFinding, ...]
    shown_by: tuple[CheckFinding, ...] = ()
    """Up to two findings whose payloads show it."""
    caution: str = ""
    ways: tuple[Mapping[str, str], ...] = ()
    """``kind``, ``title`` and ``text`` of each way out that was tried."""
    candidate_path: str = ""
    position: Position | None = None

    @property
    def weight(self) -> Weight:
        return _WEIGHTS.get(self.severity, Weight.NOTE)

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.rule for one in self.findings))

    @property
    def tolerated_by(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.tolerated_by for one in self.findings if one.tolerated_by))

    @property
    def consequence(self) -> str:
        """What it breaks, in a sentence; empty where it breaks nothing."""
        if self.severity == "undecided":
            return f"It is undecided whether this breaks {_joined(self._broken())}."
        if self.fails:
            return f"This breaks {_joined(self._broken())}."
        if self.severity == "changes_meaning":
            return "Every event can be read, and some of them mean something else."
        if self.tolerated_by:
            return f"Tolerated by the policy {_joined(self.tolerated_by)}."
        return ""

    def _broken(self) -> list[str]:
        return [f"{_OBJECTS.get(one, one)} {version_range(labels)}" for one, labels in self.breaks.items()]

    @property
    def details(self) -> tuple[str, ...]:
        """What its findings say, each once."""
        return tuple(dict.fromkeys(one.message for one in self.findings))

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do: the ways out that were tried, or what its findings advise."""
        titles = [f"{one['title'][:1].upper()}{one['title'][1:]}." for one in self.ways]
        advised = [one.advice for one in self.findings if one.advice]
        return tuple(dict.fromkeys([*(titles or advised), *([self.caution] if self.caution else [])]))

    def as_json(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "kind": self.kind,
            "sentence": self.sentence,
            "severity": self.severity or None,
            "fails": self.fails,
            "breaks": [{"promise": one, "versions": list(labels)} for one, labels in self.breaks.items()],
            "rules": list(self.rules),
            "caution": self.caution,
            "candidate_path": self.candidate_path,
            "position": {"line": self.position.line, "column": self.position.column} if self.position else None,
            "witnesses": [
                {"version": one.version, "promise": one.promise, **one.witness} for one in self.shown_by if one.witness
            ],
            "ways": [dict(one) for one in self.ways],
        }


def changes_from_check(
    changes: Sequence[Change],
    corrections: Corrections,
    labels: Mapping[int, str],
    found: Mapping[tuple[int, Promise, int], CheckFinding],
) -> tuple[CheckChange, ...]:
    """Read what was found here; *found* holds the findings by version, promise and identity."""

    def shown(one: CausedFinding) -> CheckFinding:
        return found[one.version, one.promise, id(one.finding)]

    return tuple(
        CheckChange(
            change.path,
            str(change.kind),
            change.sentence,
            str(change.severity or ""),
            change.fails,
            {
                str(one): tuple(labels.get(version, str(version)) for version in change.broken(one))
                for one in Promise
                if change.broken(one)
            },
            tuple(shown(one) for one in change.findings),
            tuple(shown(one) for one, _ in change.shown_by),
            change.caution,
            tuple(
                {"kind": str(way.kind), "title": way.title, "text": way.text} for way in corrections.ways.get(index, ())
            ),
            change.candidate_path,
        )
        for index, change in enumerate(changes)
    )


def corrected_from_check(corrections: Corrections) -> dict[str, Any] | None:
    """Return the one corrected text, and what was done for it; None where there is none."""
    whole = corrections.whole
    if whole is None:
        return None
    ways = [{"field": one.path, "kind": str(kind), "title": way_title(one, kind)} for one, kind in whole.ways]
    return {"text": whole.text, "ways": ways}


def changes_from_answer(
    answered: Iterable[Mapping[str, Any]], found: Mapping[tuple[int, str, int], CheckFinding]
) -> tuple[CheckChange, ...]:
    """Read what a registry answered; *found* holds its findings by version, promise and index."""
    return tuple(_change_from_json(one, found) for one in answered)


def _change_from_json(change: Mapping[str, Any], found: Mapping[tuple[int, str, int], CheckFinding]) -> CheckChange:
    def places(member: str) -> tuple[CheckFinding, ...]:
        keys = ((one.get("version"), str(one.get("promise")), one.get("index")) for one in change.get(member, ()))
        return tuple(found[key] for key in keys if key in found)

    texts = {name: str(change.get(name) or "") for name in ("field", "kind", "sentence", "severity", "caution")}
    breaks = {str(one["promise"]): tuple(map(str, one["versions"])) for one in change.get("breaks", ())}
    ways = tuple({name: str(one.get(name, "")) for name in ("kind", "title", "text")} for one in change.get("ways", ()))
    return CheckChange(
        texts["field"],
        texts["kind"],
        texts["sentence"],
        texts["severity"],
        bool(change.get("fails")),
        breaks,
        places("findings"),
        places("shown_by"),
        texts["caution"],
        ways,
        str(change.get("candidate_path") or ""),
    )


def changes_from_findings(findings: Iterable[CheckFinding]) -> tuple[CheckChange, ...]:
    """Make one change of each finding, for a registry that answers findings alone."""
    return tuple(
        CheckChange(
            "",
            "changed",
            one.message.rstrip("."),
            "" if one.tolerated_by else one.severity,
            not one.tolerated_by and _WEIGHTS.get(one.severity) is Weight.ERROR,
            {one.promise: (one.version,)} if one.severity in ("break", "undecided") else {},
            (one,),
            (one,) if one.witness else (),
            candidate_path=one.candidate_path,
        )
        for one in findings
    )


def placed(
    changes: Iterable[CheckChange], locate: Callable[[list[str]], Mapping[str, Position]]
) -> tuple[CheckChange, ...]:
    """Give each change its position in the new schema."""
    held = tuple(changes)
    places = locate([one.candidate_path for one in held]) if held else {}
    return tuple(replace(one, position=places.get(one.candidate_path)) for one in held)


def version_range(labels: Sequence[str]) -> str:
    """Name versions, newest first, in a few words: ``1.0``, ``1.0 and 1.1``, ``1.0 to 1.7``."""
    oldest_first = list(reversed(labels))
    if len(oldest_first) < 3:
        return " and ".join(oldest_first)
    return f"{oldest_first[0]} to {oldest_first[-1]}" if _is_run(oldest_first) else _joined(oldest_first)


def _is_run(labels: Sequence[str]) -> bool:
    """Whether labels are revisions of one major that follow one another."""
    split = [one.partition(".") for one in labels]
    if not all(major.isdecimal() and revision.isdecimal() for major, _, revision in split):
        return False
    revisions = [int(revision) for _, _, revision in split]
    return len({major for major, _, _ in split}) == 1 and revisions == list(range(revisions[0], revisions[-1] + 1))


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1] if names else "nothing"
