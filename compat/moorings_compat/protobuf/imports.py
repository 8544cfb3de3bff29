"""The imports of a `.proto` text, found before it is compiled, and the depth of its braces.

Only statements at the top level are read: a text that is not `.proto` has no imports here, and the compiler refuses it.
"""

import re
from dataclasses import dataclass

from moorings_compat.errors import Problem, SchemaInvalid

_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|[{};]|\b(?:import|public|weak|option)\b""",
    re.DOTALL,
)
"""The tokens that matter; the rest is skipped. A comment or string without an end is one token too, so that the scan
never reads a text twice."""
_MODIFIERS = {"public", "weak", "option"}


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement: its path, and the position of the path."""

    path: str
    line: int
    column: int

    @property
    def where(self) -> str:
        return f"line {self.line}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Outline:
    """The imports of a text in order, and the deepest level of its braces."""

    imports: tuple[Import, ...]
    depth: int


def outline(text: str) -> Outline:
    """Read the imports of *text* and the depth of its braces, in one pass and without a stack.

    Raises:
        SchemaInvalid: a comment inside a comment, or one without an end, for which protoc would report every line.
    """
    found: list[Import] = []
    statement: list[re.Match[str]] = []
    depth = deepest = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word.startswith("/"):
            _require_one_comment(word, match.start(), text)
            continue
        if word == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif word == "}":
            depth = max(depth - 1, 0)
            statement.clear()
        elif depth == 0 and word == ";":
            found.extend(_import_of(statement, text))
            statement.clear()
        elif depth == 0 and len(statement) < _LONGEST_STATEMENT:
            statement.append(match)
    return Outline(tuple(found), deepest)


_LONGEST_STATEMENT = 64
"""Tokens kept of one statement: an import has three, or a few more where its path is written in pieces."""


def _import_of(statement: list[re.Match[str]], text: str) -> list[Import]:
    words = [match.group() for match in statement]
    if not words or words[0] != "import":
        return []
    first = 2 if len(words) > 1 and words[1] in _MODIFIERS else 1
    pieces = words[first:]
    if not pieces or not all(map(_is_string, pieces)):
        return []  # not a valid import: the compiler reports it
    start = statement[first].start()
    return [Import("".join(piece[1:-1] for piece in pieces), *_line_and_column(text, start))]


def _require_one_comment(comment: str, start: int, text: str) -> None:
    inner = comment.find("/*", 2)
    if comment.startswith("/*") and (inner > 0 or not comment.endswith("*/") or len(comment) < len("/**/")):
        line, column = _line_and_column(text, start + max(inner, 0))
        sentence = "a comment inside a comment" if inner > 0 else "a comment without an end"
        raise SchemaInvalid(Problem(f"line {line}, column {column}", sentence))


def _line_and_column(text: str, start: int) -> tuple[int, int]:
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def _is_string(word: str) -> bool:
    return len(word) > 1 and word[0] in "\"'" and word[-1] == word[0]


def require_plain_path(path: str, where: str) -> None:
    """Accept a relative path with forward slashes.

    Raises:
        SchemaInvalid: an absolute path, one that climbs with ``..``, or one with empty parts or odd characters.
    """
    parts = path.split("/")
    plain = path.isprintable() and not re.search(r'[\\"\'<>:|?*]', path) and len(path) <= _LONGEST_PATH
    if not plain or any(part in ("", ".", "..") for part in parts):
        shown = path if path.isprintable() and len(path) <= _LONGEST_PATH else ascii(path)[:_LONGEST_PATH]
        sentence = f"invalid import path {shown!r}: write a relative path such as shop/money.proto"
        raise SchemaInvalid(Problem(where, sentence))


_LONGEST_PATH = 512
