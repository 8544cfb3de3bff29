"""The form that changes the life of a major: what it shows, and what sending it does."""

from dataclasses import dataclass

from flask import Response

from moorings_registry.access import Verb
from moorings_registry.etags import event_etag
from moorings_registry.http.native.lifecycle import lifecycle_command
from moorings_registry.http.native.lifecycle_shapes import LifecycleBody
from moorings_registry.names import Subject
from moorings_registry.state import MajorState, State, SubjectState
from moorings_registry.web import forms, links

_FIELDS = ("state", "from", "sunset", "replacement", "page")
_BODY = LifecycleBody()


@dataclass(frozen=True, slots=True)
class LifecycleForm:
    """A form for the majors of an event, shown to those who may send it."""

    etag: str
    """The state that it was filled in for: what somebody changed meanwhile is not overwritten."""
    states: tuple[MajorState, ...] = (MajorState.ACTIVE, MajorState.DEPRECATED, MajorState.RETIRED)

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        return tuple((str(one), str(one)) for one in self.states)


def lifecycle_form(state: State, held: SubjectState) -> LifecycleForm | None:
    """The form for the majors of *held*; None for callers who may not govern it, and names that no path can have."""
    if not links.is_plain(held.subject) or not forms.may(Verb.GOVERN, held.subject):
        return None
    return LifecycleForm(event_etag(state, held.subject))


def change_lifecycle(subject: str, major: int) -> Response:
    """Change the life of a major as the form says, and lead back to the page of the event.

    Raises:
        RequestInvalid, and what `SetMajorLifecycle` raises.
    """
    sent = {name: value for name in _FIELDS if (value := forms.field(name))}
    if sent.get("state") != MajorState.DEPRECATED:  # the fields of a deprecation are shown for every state
        sent = {name: value for name, value in sent.items() if name == "state"}
    body = forms.read(_BODY, sent)
    named = Subject.parse(subject)
    command = lifecycle_command(named, major, body, forms.etags())
    return forms.carry_out(command, f"{links.event_href(named)}#majors")
