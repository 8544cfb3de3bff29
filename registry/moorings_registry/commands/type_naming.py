"""Whether the type inside a candidate has the name of its event, where a domain asks for it."""

from moorings_registry.commands.assessment import Placement, parsed
from moorings_registry.commands.candidate import Candidate
from moorings_registry.commands.decision import Dependencies
from moorings_registry.errors import TypeNameRefused
from moorings_registry.names import Subject
from moorings_registry.policy import TYPE_NAMES_ANY, domain_type_names, owning_domains
from moorings_registry.schema_contents.type_names import is_named, type_names
from moorings_registry.state import State


def require_type_name(
    state: State, subject: Subject, candidate: Candidate, place: Placement, dependencies: Dependencies
) -> None:
    """Pass, or refuse a type with a name of its own. The key of a record is not an event, and may have any.

    A major that has such a name already keeps it: in Avro another one would break its readers.

    Raises:
        TypeNameRefused
    """
    if subject.is_key or not owning_domains(state, subject):
        return
    if domain_type_names(state, subject.domain or "") == TYPE_NAMES_ANY or is_named(candidate.schema, subject.event):
        return
    names = type_names(candidate.schema)
    before = (parsed(state, one, dependencies) for one in reversed(place.older))
    if not any(one.format is candidate.schema.format and type_names(one)[:1] == names[:1] for one in before):
        raise TypeNameRefused(subject, subject.event, names)
