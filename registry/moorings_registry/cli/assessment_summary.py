"""An assessment in a screen of plain English."""

from collections.abc import Iterable, Iterator, Sequence

from moorings_compat import Level
from moorings_registry.cli.counts import counted
from moorings_registry.migration.assessing import AssessedRegistry, AssessedSubject
from moorings_registry.migration.assessing.assessed import FailingRevision, ShownPayload

SHOWN = 5
"""Examples of each kind."""
_WIDTH = 160
_UNSEEN = {
    one: f"U+{one:04X}" for one in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def summary(assessed: AssessedRegistry) -> Iterator[str]:
    """Yield the lines."""
    subjects = f"{counted(len(assessed.subjects), 'subject')}"
    yield f"assessed: {counted(assessed.versions, 'version')} of {subjects}, from {_plain(assessed.source)}"
    yield "Nothing was changed, neither there nor here."
    if assessed.incomplete:
        yield ""
        yield "NOT ALL OF IT WAS READ"
        yield from _examples(assessed.incomplete)
    for title, lines in (
        ("Histories", list(_histories(assessed))),
        ("Owners", list(_owners(assessed))),
        ("Names", list(_names(assessed))),
        ("Possibly not needed", list(_unused(assessed))),
        ("Moving in", list(_moving_in(assessed))),
    ):
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)


def _histories(assessed: AssessedRegistry) -> Iterator[str]:
    breaking = [(one, revision) for one in assessed.subjects for revision in one.breaking]
    undecided = [(one, revision) for one in assessed.subjects for revision in one.undecided]
    let_through = [(one, revision) for one, revision in breaking if revision.configured.breaking]
    if not assessed.compared:
        yield "There is nothing to compare."
        return
    if not breaking and not undecided:
        yield "No revision breaks an earlier one: every history keeps FULL_TRANSITIVE."
        return
    subjects = len({one.subject for one, _ in breaking})
    if breaking:
        what = f"{counted(len(breaking), 'revision')} of {counted(subjects, 'subject')}"
        yield f"{what} {_verb(breaking, 'breaks', 'break')} an earlier one"
        yield f"  {_let_through(assessed, let_through)}"
    if undecided:
        yield f"{counted(len(undecided), 'revision')} could not be decided"
    split = [one for one in assessed.subjects if len(one.majors) > 1]
    majors = f"{sum(len(one.majors) for one in split):,} majors"
    yield f"in an owned domain, {counted(len(split), 'subject')} would have {majors}; each of the others would have one"
    shown = sorted(let_through, key=_clearest) + sorted(
        (one for one in breaking if not one[1].configured.breaking), key=_clearest
    )
    for one, revision in _one_a_subject(shown)[:SHOWN]:
        yield from _revision(one, revision)


def _let_through(assessed: AssessedRegistry, found: Sequence[object]) -> str:
    if all(one.level is Level.NONE for one in assessed.subjects):
        return "every subject has level NONE there, which checks nothing"
    return f"{len(found):,} of them {_verb(found, 'breaks', 'break')} even the level that is configured there"


def _clearest(found: tuple[AssessedSubject, FailingRevision]) -> tuple[bool, int]:
    """Order what shows a payload, and a short one, first."""
    payloads = [payload for change in found[1].changes for payload in change.payloads]
    return not payloads, min((len(one.payload) for one in payloads), default=0)


def _one_a_subject(
    found: Iterable[tuple[AssessedSubject, FailingRevision]],
) -> list[tuple[AssessedSubject, FailingRevision]]:
    first: dict[str, tuple[AssessedSubject, FailingRevision]] = {}
    for one, revision in found:
        first.setdefault(one.subject, (one, revision))
    return list(first.values())


def _revision(one: AssessedSubject, revision: FailingRevision) -> Iterator[str]:
    levels = [str(failing.level) for failing in (revision.configured, revision.owned) if failing.breaking]
    older = ", ".join(str(number) for number in revision.against[:3])
    more = f" and {len(revision.against) - 3} more" if len(revision.against) > 3 else ""
    yield _cut(f"{one.subject}: version {revision.version} breaks {older}{more} ({', '.join(dict.fromkeys(levels))})")
    for change in revision.changes[:1]:
        yield _cut(f"    {change.sentence}")
        payload = next(iter(change.payloads), None)
        if payload is None:
            yield from (_cut(f"    {finding}") for finding in change.findings[:1])
        else:
            yield from _payload(payload)


def _payload(payload: ShownPayload) -> Iterator[str]:
    yield _cut(f"    {payload.payload}")
    yield _cut(f"    written by {payload.written_by}, read by {payload.read_by}: {payload.error} ({payload.engine})")


def _owners(assessed: AssessedRegistry) -> Iterator[str]:
    owned = assessed.ownership
    if not assessed.subjects:
        yield "There are no subjects."
    elif not owned.unowned:
        yield "Every subject names an owner."
    if not owned.unowned:
        return
    yield f"{counted(len(owned.unowned), 'subject')} of {owned.owned + len(owned.unowned):,} without an owner"
    named = [f"{one.name} ({len(one.subjects)})" for one in owned.domains if one.name]
    if named:
        yield f"they could form {counted(len(named), 'domain')}: {_listed(named)}"


def _names(assessed: AssessedRegistry) -> Iterator[str]:
    wrong = [one for one in assessed.names if one.certain]
    asked = [one for one in assessed.names if not one.certain]
    if not assessed.names:
        yield "Every name is one of a fact in the past tense."
        return
    if wrong:
        are_not = _verb(wrong, "is not that of a fact", "are not those of facts")
        yield f"{counted(len(wrong), 'name')} {are_not} in the past tense"
        yield from (_cut(f"  {one.subject}: {one.sentence}") for one in wrong[:SHOWN])
    if asked:
        yield f"{counted(len(asked), 'name')} that somebody has to look at: {_listed([one.name for one in asked])}"


def _unused(assessed: AssessedRegistry) -> Iterator[str]:
    unused = assessed.unused
    if unused.unreferenced:
        yield (
            f"{counted(len(unused.unreferenced), 'subject')} without a topic's suffix that no schema refers to: "
            f"{_listed(unused.unreferenced)}"
        )
    if unused.deleted:
        yield f"{counted(len(unused.deleted), 'subject')} with soft-deleted versions alone: {_listed(unused.deleted)}"
    if unused.duplicates:
        groups = [" = ".join(one[:3]) for one in unused.duplicates]
        yield f"{counted(len(unused.duplicates), 'schema')} under several subjects: {_listed(groups)}"
    if not (unused.unreferenced or unused.deleted or unused.duplicates):
        yield "Nothing stands out."


def _moving_in(assessed: AssessedRegistry) -> Iterator[str]:
    taken = assessed.taken_over
    yield (
        f"an import takes over {counted(taken.versions, 'version')} with their ids and numbers, "
        f"{counted(taken.settings, 'setting')}, {counted(taken.modes, 'mode')}"
    )
    if taken.keys:
        yield f"{counted(taken.keys, 'encryption key')}, wrapped as they are"
    if taken.guids:
        yield f"{counted(taken.guids, 'guid')} of the other registry keep leading to their schemas"
    for what, lines in (
        ("kept as they are, although not valid here", taken.unreadable),
        ("references that lead nowhere", taken.unresolved),
        ("cannot be taken over", taken.refused),
        ("left out", taken.left_out),
    ):
        if lines:
            yield f"{what}: {len(lines):,}"
            yield from (f"  {line}" for line in _examples(lines))


def _examples(lines: Sequence[str]) -> Iterator[str]:
    yield from (_cut(f"  {one}") for one in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"  and {len(lines) - SHOWN:,} more"


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return _cut(", ".join(names[:SHOWN])) + more


def _verb(found: Sequence[object], one: str, several: str) -> str:
    return one if len(found) == 1 else several


def _cut(text: str) -> str:
    plain = _plain(text)
    return plain if len(plain) <= _WIDTH else f"{plain[: _WIDTH - 1]}…"


def _plain(text: str) -> str:
    """Write *text* without characters that a terminal obeys."""
    return text.translate(_UNSEEN)
