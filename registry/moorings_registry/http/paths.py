"""Escaped slashes in paths: ``/subjects/a%2Fb`` names the one subject ``a/b``.

WSGI hands a path on decoded, and then ``a%2Fversions%2F2`` looks like three segments. So the two escapes that matter
for telling segments apart, of the slash and of the percent sign itself, stay escaped until a route has been found; the
converters below resolve them in each part of the path that a route takes as an argument.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from werkzeug.routing import BaseConverter, Map, PathConverter, Rule, UnicodeConverter

_KEPT = re.compile(r"%(?=2[fF5])")


def path_info(target: str) -> str:
    """Return the path of a request's *target* as WSGI's PATH_INFO, with ``%2F`` and ``%25`` still escaped."""
    path = target.partition("?")[0]
    return unquoted(_KEPT.sub("%25", path))


def unquoted(path: str) -> str:
    """Return a path, whose characters stand for the bytes that were sent, without its escapes, as WSGI has it."""
    return unquote_to_bytes(path.encode("latin-1", "replace")).decode("latin-1")


def keep_slashes_apart(url_map: Map) -> None:
    """Make the string converters of *url_map* resolve what `path_info` left escaped; before any rule is added."""
    url_map.converters = {**url_map.converters, "default": Segment, "string": Segment, "path": Segments, "name": Name}


class _Resolving(BaseConverter):
    def to_python(self, value: str) -> str:
        return value.replace("%2F", "/").replace("%2f", "/").replace("%25", "%")


class Segment(_Resolving, UnicodeConverter):
    """One segment of a path."""


class Name(_Resolving):
    """One segment on one line, which `path` asks for too."""

    regex = r"[^/\n]+"


class Segments(_Resolving, PathConverter):
    """One segment or several."""


class Route(Rule):
    """A rule that builds no URLs until it is asked to.

    Werkzeug generates and compiles two functions for each rule, which is half of what it takes to make an application;
    the few rules that URLs are built from compile theirs when that is first done.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(super(Route, self)._compile_builder(append_unknown))
            return made[0](rule, **values)

        return build
