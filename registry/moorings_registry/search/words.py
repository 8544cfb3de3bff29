"""Words of names and texts: ``OrderPlaced`` and ``customer_id`` are two words each, and one as a whole."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
MOST_WORDS = 8
"""Words of a question that count."""
LONGEST_WORD = 64


def spelled_out(texts: Iterable[str]) -> str:
    """The words of *texts*, each name as a whole and in its parts, for an index that splits at what is not a letter."""
    written: list[str] = []
    for text in texts:
        written.append(text)
        written += [" ".join(parts) for word in _WORD.findall(text) if len(parts := _CAMEL.split(word)) > 1]
    return " ".join(written)


def words_asked(question: str) -> list[str]:
    """The words of a question, in small letters, each once."""
    found = (word.lower()[:LONGEST_WORD] for word in _WORD.findall(question))
    return list(dict.fromkeys(found))[:MOST_WORDS]
