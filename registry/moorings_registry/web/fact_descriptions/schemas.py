"""Facts about schemas, and their versions, as sentences."""

from moorings_registry import facts
from moorings_registry.web import links
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, brief, event_phrase
from moorings_registry.web.labels import FORMATS, VERDICTS, counted, listed


def _schema_defined(fact: facts.SchemaDefined, _position: int) -> Sentence:
    known = Phrase(f"{counted(len(fact.text), 'character')} of {FORMATS.get(fact.format, fact.format)} ")
    return Sentence("calm", "note", (known, Phrase("were recorded for the first time"), Phrase(f", guid {fact.guid}.")))


def _invalid_schema_kept(fact: facts.InvalidSchemaKept, _position: int) -> Sentence:
    told = f"Schema {fact.guid} was kept although it is not valid here: {fact.reason}"
    return Sentence("warn", "note", (Phrase(told),))


def _dialect_chosen(fact: facts.DialectChosen, _position: int) -> Sentence:
    told = f"Schema {fact.guid} names a dialect of another party, and is read as {fact.dialect}."
    return Sentence("calm", "note", (Phrase(told),))


def _schema_aliased(fact: facts.SchemaAliased, _position: int) -> Sentence:
    told = f"Schema {fact.guid} also has the guid {fact.alias} of another registry."
    return Sentence("calm", "note", (Phrase(told),))


def _schema_registered(fact: facts.SchemaRegistered, position: int) -> Sentence:
    label = f"{fact.major}.{fact.revision}"
    report = Phrase("checked", links.report_href(position))
    if not fact.compared:
        against = Phrase(": first revision of its major.")
    else:
        against = Phrase(f" at {fact.level} against {counted(len(fact.compared), 'version')}.")
    became = Phrase(f" registered as revision {label} (version {fact.version}, id {fact.id}), ")
    return Sentence("good", "check", (event_phrase(fact.subject, fact.version), became, report, against))


def _schema_refused(fact: facts.SchemaRefused, position: int) -> Sentence:
    verdict = VERDICTS[fact.verdict]
    tried = Phrase(f"A change to major {fact.major} of ")
    rules = f", by {listed(fact.rules, 3)}" if fact.rules else ""
    return Sentence(
        verdict.tone,
        verdict.icon,
        (
            tried,
            event_phrase(fact.subject),
            Phrase(" was refused: "),
            _report(verdict.word.lower(), position),
            Phrase(rules + "."),
        ),
    )


def _report(text: str, position: int) -> Phrase:
    return Phrase(text, links.report_href(position))


def _versions(numbers: list[int]) -> str:
    return f"{'Version' if len(numbers) == 1 else 'Versions'} {listed([str(one) for one in numbers])} of "


def _soft_deleted(fact: facts.VersionsSoftDeleted, _position: int) -> Sentence:
    told = Phrase(" was soft-deleted." if len(fact.versions) == 1 else " were soft-deleted.")
    return Sentence("past", "archive", (Phrase(_versions(fact.versions)), event_phrase(fact.subject), told))


def _permanently_deleted(fact: facts.VersionsPermanentlyDeleted, _position: int) -> Sentence:
    told = Phrase(" was permanently deleted." if len(fact.versions) == 1 else " were permanently deleted.")
    return Sentence("past", "archive", (Phrase(_versions(fact.versions)), event_phrase(fact.subject), told))


def _restored(fact: facts.VersionsRestored, _position: int) -> Sentence:
    told = Phrase(" was restored." if len(fact.versions) == 1 else " were restored.")
    return Sentence("calm", "replay", (Phrase(_versions(fact.versions)), event_phrase(fact.subject), told))


def _purged(fact: facts.RevisionsPurged, _position: int) -> Sentence:
    counts = (
        "their waiver says that no stored event is left" if fact.waiver else "later revisions are still checked against"
    )
    told = f" deleted permanently ({counts}{'' if fact.waiver else ' them'}): {brief(fact.reason)}."
    return Sentence("warn", "archive", (Phrase(_versions(fact.versions)), event_phrase(fact.subject), Phrase(told)))


TELLERS: Tellers = {
    facts.SchemaDefined: _schema_defined,
    facts.InvalidSchemaKept: _invalid_schema_kept,
    facts.DialectChosen: _dialect_chosen,
    facts.SchemaAliased: _schema_aliased,
    facts.SchemaRegistered: _schema_registered,
    facts.SchemaRefused: _schema_refused,
    facts.VersionsSoftDeleted: _soft_deleted,
    facts.VersionsPermanentlyDeleted: _permanently_deleted,
    facts.VersionsRestored: _restored,
    facts.RevisionsPurged: _purged,
}
