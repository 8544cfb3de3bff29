"""What a route of this API is, as data: served from it, and documented from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response

from moorings_registry.errors import Refusal
from moorings_registry.http.confluent.parameters import Parameter

Errors = tuple[type[Refusal], ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    """With its arguments as the framework writes them: ``/subjects/<subject>``."""
    view: Callable[..., Response]
    """Its docstring's first line says what it does."""
    parameters: tuple[Parameter[Any], ...] = ()
    errors: Errors = ()
    """Refusals of its own, besides those that every route may give."""
    note: str = ""
    """Where it deliberately differs from Confluent's own registry, and why."""
