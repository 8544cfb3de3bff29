"""Google's CEL engine: expressions compiled once, run within bounds.

The engine stops after some ten thousand steps through lists; regular expressions take time in proportion to the text
(RE2). That leaves steps that look through a long text, many times over: their cost is estimated before the rule runs.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from cel_expr_python import cel as engine

from moorings_compat.cel import texts
from moorings_compat.cel.formatting import format_text
from moorings_compat.cel.values import Size, from_cel

ENGINE = f"cel-expr-python {version('cel-expr-python')}"
MOST_WORK = 50_000_000
"""Characters that a rule may look through in its loops, at the worst; all that it makes is kept until it ends."""
_MOST_STEPS = 10_000
_LONGEST_EXPRESSION = 10_000
_LOOPS = re.compile(r"\.\s*(?:all|exists|exists_one|existsOne|map|filter|transformList|transformMap)\s*\(")
_WORD = re.compile(r"\b[A-Za-z_]\w*")

_T = engine.Type
_ANY, _TEXT, _INT, _BOOL = _T.DYN, _T.STRING, _T.INT, _T.BOOL
VARIABLES = {
    "message": _ANY,
    "value": _ANY,
    "fullName": _TEXT,
    "name": _TEXT,
    "typeName": _TEXT,
    "tags": _T.List(_TEXT),
    "now": _T.TIMESTAMP,
}
_FUNCTIONS: tuple[tuple[str, Callable[..., Any], Any, tuple[tuple[Any, ...], ...]], ...] = (
    ("isEmail", texts.is_email, _BOOL, ((_TEXT,),)),
    ("isHostname", texts.is_hostname, _BOOL, ((_TEXT,),)),
    ("isIpv4", texts.is_ipv4, _BOOL, ((_TEXT,),)),
    ("isIpv6", texts.is_ipv6, _BOOL, ((_TEXT,),)),
    ("isUri", texts.is_uri, _BOOL, ((_TEXT,),)),
    ("isUriRef", texts.is_uri_ref, _BOOL, ((_TEXT,),)),
    ("isUuid", texts.is_uuid, _BOOL, ((_TEXT,),)),
    ("charAt", texts.char_at, _TEXT, ((_TEXT, _INT),)),
    ("indexOf", texts.index_of, _INT, ((_TEXT, _TEXT), (_TEXT, _TEXT, _INT))),
    ("lastIndexOf", texts.last_index_of, _INT, ((_TEXT, _TEXT), (_TEXT, _TEXT, _INT))),
    ("lowerAscii", texts.lower_ascii, _TEXT, ((_TEXT,),)),
    ("upperAscii", texts.upper_ascii, _TEXT, ((_TEXT,),)),
    ("replace", texts.replace, _TEXT, ((_TEXT, _TEXT, _TEXT), (_TEXT, _TEXT, _TEXT, _INT))),
    ("split", texts.split, _T.List(_TEXT), ((_TEXT, _TEXT), (_TEXT, _TEXT, _INT))),
    ("substring", texts.substring, _TEXT, ((_TEXT, _INT), (_TEXT, _INT, _INT))),
    ("join", texts.join, _TEXT, ((_T.LIST,), (_T.LIST, _TEXT))),
    ("trim", texts.trim, _TEXT, ((_TEXT,),)),
    ("reverse", texts.reverse, _TEXT, ((_TEXT,),)),
    ("format", format_text, _TEXT, ((_TEXT, _T.LIST),)),
)
"""Name, what it does, what it returns, and the types that it takes, the receiver first."""


class CannotRun(Exception):
    """An expression that does not compile, or has no value; `reason` holds nothing of the event."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Program:
    """A compiled expression; safe from any thread. *clock* tells the time, for `now`.

    Raises:
        CannotRun: it does not compile.
    """

    def __init__(self, text: str, clock: Callable[[], Any] | None = None) -> None:
        if len(text) > _LONGEST_EXPRESSION:
            raise CannotRun(f"the expression is longer than {_LONGEST_EXPRESSION} characters")
        self._loops = len(_LOOPS.findall(text))
        self._widest = _MOST_STEPS if ".split" in "".join(text.split()) else text.count(",") + 1
        """The length of the longest list that does not come from the event."""
        self._clock = clock if "now" in text else None
        self.words = frozenset(_WORD.findall(text))
        """Every name in it, those of its variables among them."""
        try:
            self._compiled = _environment().compile(text)
        except RuntimeError as error:
            reason = str(error)
        else:
            return
        raise CannotRun(f"the expression does not compile: {_first_line(reason)}")

    def run(self, variables: Mapping[str, Any], size: Size) -> Any:
        """Return the value of the expression, as plain Python.

        Raises:
            CannotRun: it has none.
        """
        steps = min(max(size.values, self._widest) ** self._loops, _MOST_STEPS) if self._loops else 0
        if steps * size.longest > MOST_WORK:
            raise CannotRun("the event is too large for the loops of the rule")
        given = variables if self._clock is None else {**variables, "now": self._clock()}
        try:
            found = self._compiled.eval(data=given)
            failed = found.type() == _T.ERROR
            value = found.plain_value()
        except RuntimeError as error:
            reason = _reason_for(str(error))
        else:
            if not failed:
                return from_cel(value)
            reason = _reason_for(str(value))
        raise CannotRun(reason)


@cache
def _environment() -> Any:
    functions = [
        engine.FunctionDecl(
            name,
            [
                engine.Overload(
                    id=f"{name}_{len(types)}", return_type=returns, parameters=list(types), is_member=True, impl=call
                )
                for types in overloads
            ],
        )
        for name, call, returns, overloads in _FUNCTIONS
    ]
    return engine.NewEnv(variables=dict(VARIABLES), functions=functions)


_REASONS = (
    ("Key not found", "a field that the rule reads is missing"),
    ("no_such_field", "a field that the rule reads is missing"),
    ("No matching overload", "a value has a type that the rule does not work with"),
    ("no matching overload", "a value has a type that the rule does not work with"),
    ("Iteration budget", "the rule takes too many steps for this event"),
    ("Index error", "an index outside a list"),
    ("index", "an index outside a list or a text"),
    ("divide by zero", "a division by zero"),
    ("modulus by zero", "a division by zero"),
    ("overflow", "a number too large"),
    ("too long", "a text becomes too long"),
)


def _reason_for(said: str) -> str:
    """Return a reason in our words: the engine's may hold values of the event."""
    return next((ours for theirs, ours in _REASONS if theirs in said), "the rule cannot be worked out for this event")


def _first_line(said: str) -> str:
    """Return the engine's message about an expression, which is part of the contract, in one line."""
    lines = [line.removeprefix("INVALID_ARGUMENT: ").removeprefix("ERROR: <input>:") for line in said.splitlines()]
    return lines[0][:300] if lines else "no reason given"
