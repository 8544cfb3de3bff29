"""Forms that come back: what one holds when its page shows it again, and what is wrong with it.

One mechanism for every form that changes something. A refused form is answered with the page that it is on, where it
holds what was sent, with the fault beside its field; a form that a sign-in came between comes from the address. Each
form has a key, by which the registry carries it out once however often it arrives, and keeps it while it is refused.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from flask import g, has_request_context

from moorings_compat import Problem
from moorings_registry.errors import (
    DomainNameInvalid,
    IdempotencyKeyReused,
    Refusal,
    SchemaInvalid,
    SchemaLimitExceeded,
    StateChanged,
    SubjectInvalid,
)
from moorings_registry.web.sign_in_redirects import filled

_FIELDS: dict[type[Refusal], str] = {
    DomainNameInvalid: "domain",
    SchemaInvalid: "text",
    SchemaLimitExceeded: "text",
    SubjectInvalid: "subject",
}
"""The field that a refusal is about: it says nothing of fields, and its pointers lead into what the field holds."""

_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form that was sent and refused."""

    action: str
    values: Mapping[str, str]
    key: str
    refusal: Refusal
    title: str
    message: str
    fix: str
    why: str
    """The page that says why a permission is missing; empty where none is."""
    shown: list[str]
    """The actions of the forms that its page shows."""

    @property
    def is_about_a_field(self) -> bool:
        """Whether all that is wrong belongs to one field, which says it."""
        return _FIELDS.get(type(self.refusal), "") in self.values

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong, by the fields of the form."""
        if self.is_about_a_field:
            shown = [str(one) for one in self.refusal.problems[:_MOST_PROBLEMS]]
            return {_FIELDS[type(self.refusal)]: "; ".join(shown) or str(self.refusal)}
        found: dict[str, str] = {}
        for problem in self.refusal.problems:
            name = self._field(problem)
            if name:
                found.setdefault(name, problem.message)
        return found

    def _field(self, problem: Problem) -> str:
        """The field that a problem lies in: the first step of its pointer that is the name of one."""
        steps = problem.where.strip("/").split("/")
        return next((step for step in steps if step in self.values), "")

    @property
    def others(self) -> tuple[str, ...]:
        """Problems that lie in none of the fields, where there are several: one alone is the message."""
        if len(self.refusal.problems) < 2 or self.is_about_a_field:
            return ()
        return tuple(one.message for one in self.refusal.problems if not self._field(one))


@dataclass(frozen=True, slots=True)
class ShownForm:
    """A form as a page shows it: empty-handed, or as it was sent."""

    key: str
    values: Mapping[str, str] | None = None
    """What was sent; None for a form that was not."""
    refused: SentForm | None = None

    def value(self, name: str, now: object) -> str:
        """What the field *name* holds: what was sent, else *now*."""
        return str(now) if self.values is None else self.values.get(name, "")

    def is_ticked(self, name: str, now: bool) -> bool:
        return now if self.values is None else bool(self.values.get(name))

    def fault(self, name: str, now: object) -> str:
        """What is wrong with the field *name*; of one that was changed meanwhile, what it holds *now*."""
        if self.refused is None:
            return ""
        if isinstance(self.refused.refusal, StateChanged):
            sent = self.values.get(name, "") if self.values else ""
            return "" if _same(sent, str(now)) else f"It holds now: {now}" if str(now) else "It is empty now"
        return self.refused.faults.get(name, "")

    def is_first(self, name: str) -> bool:
        """Whether the field *name* is the first that something is wrong with, which the page begins at."""
        return self.refused is not None and next(iter(self._in_order()), "") == name

    @property
    def has_faults(self) -> bool:
        """Whether something is wrong with a field, and not with all of the form."""
        return bool(self._in_order())

    def _in_order(self) -> list[str]:
        """The fields with faults, in the order of the form."""
        faults = self.refused.faults if self.refused else {}
        return [name for name in self.values or () if name in faults]


def shown_form(action: str) -> ShownForm:
    """The form that is sent to *action*, as the page that is rendered shows it."""
    sent: SentForm | None = g.get("sent_form") if has_request_context() else None
    if sent is not None:
        sent.shown.append(action)
        if sent.action == action:
            return ShownForm(_next_key(sent), sent.values, sent)
    before = filled(action) if has_request_context() else {}
    return ShownForm(secrets.token_urlsafe(16), before or None)


def comes_back(action: str) -> bool:
    """Whether the form that is sent to *action* is shown as it was sent."""
    if not has_request_context():
        return False
    sent: SentForm | None = g.get("sent_form")
    return bool(filled(action)) if sent is None else sent.action == action


def _next_key(sent: SentForm) -> str:
    """The key of a form that comes back: the same, as nothing was carried out, or another one where it was."""
    is_used = isinstance(sent.refusal, IdempotencyKeyReused) or not sent.key
    return secrets.token_urlsafe(16) if is_used else sent.key


def _same(sent: str, now: str) -> bool:
    return sent.replace("\r\n", "\n").strip() == now.strip()
