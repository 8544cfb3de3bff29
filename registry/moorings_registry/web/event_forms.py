"""Forms about an event: its own level, and a deleted version that comes back."""

from flask import Response

from moorings_registry.commands import RestoreVersion, SetConfig
from moorings_registry.http.native.domain_shapes import LevelBody
from moorings_registry.names import Scope, Subject
from moorings_registry.web import forms, links

_BODY = LevelBody()


def change_level(subject: str) -> Response:
    """Set the event's own level, or take it back, and lead back to its page.

    Raises:
        CrossSiteRefused, RequestInvalid, and what `SetConfig` raises.
    """
    named = Subject.parse(subject)
    body = forms.read(_BODY, {"level": forms.field("level") or None})
    command = SetConfig(Scope.of(named), {"compatibility": body["level"]}, forms.etags())
    return forms.carry_out(command, links.event_href(named))


def restore_version(subject: str, version: int) -> Response:
    """Bring a soft-deleted version back, and lead back to the page of its event.

    Raises:
        CrossSiteRefused, and what `RestoreVersion` raises.
    """
    named = Subject.parse(subject)
    return forms.carry_out(RestoreVersion(named, str(version)), links.event_href(named, version))
