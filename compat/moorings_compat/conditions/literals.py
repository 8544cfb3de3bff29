"""What the expressions of conditions mention: names, and constants around which made-up values tell most."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    |(?P<number>(?<![\w.])-?\s*\d+(?:\.\d+)?(?:[eE][+-]?\d+)?u?)
    |(?P<name>[A-Za-z_]\w*)""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(.)")
_LONGEST_TEXT = 2_000
_MOST = 12
_SAMPLES = ("a", "a@example.com", "example.com", "192.0.2.1", "2001:db8::1", "https://example.com/a")
_UUID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Literals:
    """The names and constants of several expressions, each once, in order."""

    names: frozenset[str]
    numbers: tuple[int | float, ...]
    texts: tuple[str, ...]
    every_field: bool = False
    """Whether a rule about fields may be about any of them."""

    def name(self, path: Iterable[str]) -> bool:
        """Tell whether the last of the names in *path* matters."""
        named = next((step for step in reversed(tuple(path)) if step not in ("[]", "{}")), "")
        return self.every_field or named in self.names

    def whole(self, low: int, high: int) -> list[int]:
        """Whole numbers from *low* to *high*: around each constant, around zero, and the extremes."""
        near = [int(one) + step for one in self.numbers for step in (0, -1, 1)]
        return [one for one in dict.fromkeys((0, *near, 1, -1, low, high)) if low <= one <= high]

    def real(self) -> list[float]:
        """Numbers with fractions, as `whole`."""
        near = [float(one) + step for one in self.numbers for step in (0, -1, 1, -0.5, 0.5)]
        return list(dict.fromkeys((0.0, *near, 1.0, -1.0, 1e30, -1e30)))

    def words(self) -> list[str]:
        """Texts: the constants, longer and shorter ones, the empty one, and some of common forms."""
        near = [one + more for one in self.texts for more in ("", "x")]
        shorter = [one[:-1] for one in self.texts]
        return list(dict.fromkeys(("", *near, *shorter, *("a" * size for size in self.sizes()), *_SAMPLES, _UUID)))

    def sizes(self, most: int = _LONGEST_TEXT) -> list[int]:
        """Lengths around each constant."""
        near = [int(one) + step for one in self.numbers for step in (0, -1, 1) if -1 <= one <= most]
        return [one for one in dict.fromkeys((0, 1, *near)) if 0 <= one <= most]


def literals_of(expressions: Iterable[str], *, every_field: bool = False) -> Literals:
    """Read *expressions*, without understanding them."""
    names: set[str] = set()
    numbers: dict[int | float, None] = {}
    texts: dict[str, None] = {}
    for expression in expressions:
        for found in _TOKEN.finditer(expression):
            if found["name"]:
                names.add(found["name"])
            elif found["text"]:
                texts[_ESCAPE.sub(r"\1", found["text"][1:-1])] = None
            else:
                numbers[number(found["number"])] = None
    return Literals(frozenset(names | texts.keys()), tuple(numbers)[:_MOST], tuple(texts)[:_MOST], every_field)


def number(text: str) -> int | float:
    """Read a constant of CEL."""
    plain = text.replace(" ", "").rstrip("u")
    return float(plain) if set(plain) & set(".eE") else int(plain)
