"""What forms of the pages have in common: who may send one, how it is read, and where it leads back to."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, g, redirect, request
from marshmallow import Schema as Shape
from marshmallow import ValidationError

from moorings_registry.access import Verb
from moorings_registry.callers import Caller
from moorings_registry.commands import Command
from moorings_registry.errors import RequestInvalid
from moorings_registry.http.requests import caller_with, consult, current_registry
from moorings_registry.http.shape_problems import problems_of
from moorings_registry.web.form_keys import ETAG, FIELD, REQUEST_KEY


def may(verb: Verb, node: object) -> bool:
    """Whether the caller may do *verb* to *node*: a form is shown to those who may send it."""
    return current_registry().authorization.allows(g.principal, verb, str(node))


def field(name: str) -> str:
    """What a field of the form holds, without white space around it; empty where it was not sent."""
    return request.form.get(name, "").strip()


def lines(name: str) -> list[str]:
    """The lines of a field that are not empty."""
    return [line.strip() for line in field(name).splitlines() if line.strip()]


def etags() -> tuple[str, ...]:
    """The state that the form was filled in for: what somebody changed meanwhile is not overwritten."""
    return (field("etag"),)


def read(shape: Shape, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a form sent by the shape that the API reads the same by.

    Raises:
        RequestInvalid
    """
    try:
        loaded: dict[str, Any] = shape.load(sent)
    except ValidationError as error:
        problems = problems_of({"form": error.messages})
        raise RequestInvalid(f"The form cannot be read: {problems[0].message}", problems) from None
    return loaded


def _caller() -> Caller:
    """Who sends the form, under its key: the same content again, in whatever state, is the same request."""
    asked = sorted((name, value) for name, value in request.form.items() if name not in (FIELD, REQUEST_KEY, ETAG))
    return caller_with(field(REQUEST_KEY), json.dumps([request.path, asked]).encode())


def was_carried_out() -> bool:
    """Whether the form was sent before under its key, and done: then it is answered as it was the first time."""
    key = _caller().key
    return bool(key) and consult(lambda state: key in state.keys)


def carry_out(command: Command, back: str) -> Response:
    """Do what a form asks for, and lead back to the page at *back*.

    Raises:
        Refusal: what executing the command raises.
    """
    current_registry().execute(command, _caller())
    answer: Response = redirect(back, 303)  # type: ignore[assignment]  # werkzeug's
    return answer
