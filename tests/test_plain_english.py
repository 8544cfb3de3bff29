"""Texts in plain English: messages, docstrings, comments, templates and pages are free of known idioms.

An idiom is a phrase that a reader has to decode: "is no number" for "is not a number", "anew" for "again". Each one is
a pattern with the words to use instead. Names, lists of words and code in Markdown are not read.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
ROOTS = [
    "registry",
    "clients",
    "compat",
    "tools",
    "examples",
    "integrations",
    "bench",
    "schemas",
    "tests",
    "docs",
    "README.md",
    "CHANGELOG.md",
    "Makefile",
    "Dockerfile",
    "pyproject.toml",
]
"""Files and folders that are free of idioms."""

_NOUNS = (
    "bytes|changes|characters|contracts|domains|entries|errors|events|fields|findings|guids|lines|majors|messages"
    "|minutes|nodes|problems|records|references|requests|revisions|rules|schemas|seconds|steps|subjects|times|values"
    "|versions"
)
_BE = "is|are|was|were|be|been"
_LONGER = "longer|more|less|fewer|earlier|later|larger|smaller|greater|older|newer|better|worse|different|doubt"
_WHERE = "twice|there|here|at|in (?:the|its|a)|under|behind|before|beside|between|inside|on(?! (?:its|their) own)"

IDIOMS: dict[str, str] = {  # a pattern, and what to write instead
    rf"(?<!there )\b(?:{_BE}) no (?!(?:{_LONGER})\b)": '"is not a"',
    rf"(?<!there )(?<!there can )(?<!there may )\b(?:{_BE}) (?-i:none)\b(?! of\b|, )": '"is not a", or what is missing',
    r"\bno more;": '"deleted", or what ended',
    r"\b(?:go|goes|gone|going|went) on (?:with|leading|to \w+ing)\b": '"continue", "resume"',
    r"\banew\b": '"again"',
    r"(?<!s )(?<!all )(?<!many )(?<!looked )\bat once\b": '"immediately"; with a plural it is fine',
    r"(?<!instead )\bof (?:before|elsewhere|then|that time)\b": "whose or which one it is",
    rf"\b1 (?:{_NOUNS})\b(?!, 2)": "the singular",
    r"\bmend(?:s|ed|ing)?\b": '"fix"',
    r"\blet in\b": '"allowed", "access denied"',
    r"\bseen as (?:ours|yours|theirs|its own)\b": '"converted to"',
    r"\bstumbl(?:e|es|ed|ing)\b": '"fail", "edge case"',
    r"\bby halves\b": '"all or nothing"',
    r"\bfares?\b": '"status"',
    r"\bin vain\b": "what fails",
    r"\bfor a while\b": "how long",
    r"\b(?:is|are|was|were|be|been) told\b|\btold (?:so|apart|of|against)\b": '"reported", "distinguished"',
    rf"\bstands? (?:{_WHERE})\b": '"is"',
    r"\bkept at this address\b": '"page not found"',
    r"\bfor good\b": '"permanently"',
    r"\blast word\b": "what decides",
    r"\btakes? (?:it|them) up\b": '"adopt", "act on"',
    r"\bmov(?:e|es|ed|ing) on\b": '"migrate"',
    r"\bcounts? on\b": '"rely on"',
    r"\bmak(?:e|es|ing) room\b": '"is removed", "free some space"',
    r"\bgood (?:once|for (?:a|one|some) \w+)\b": '"valid"',
    r"\blets? (?:\w+ ){1,2}happen\b": '"allow", "in effect", "used"',
    r"\ball the same\b(?=[.,:;)]|$)": '"nevertheless", "still"',
    r"\bsecond look\b": '"should be reviewed"',
    r"\b(?:can|could) be had\b": '"is available"',
    r"\bput back\b": '"restored"',
    r"\bas (?:it|they) (?:was|were) elsewhere\b": "where that is",
    r"\bde(?:al|als|alt) with\b": '"process", "handle"',
    r"\bbefore (?:its|their) time\b": '"early"',
}
_IDIOMS = [(re.compile(pattern, re.IGNORECASE | re.MULTILINE), instead) for pattern, instead in IDIOMS.items()]
"""Of many lines, each is a text of its own."""
_STRING_OR_COMMENT = re.compile(
    r"""(\"{3}|'{3})(?:\\.|[^\\])*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?P<comment>\#[^\n]*)""", re.DOTALL
)
"""A string of Python, which may hold a `#`, or a comment. The module `tokenize` takes ten times as long."""
_CODE = re.compile(r"```.*?```|``.*?``|`[^`\n]*`", re.DOTALL)
_PUNCTUATION = re.compile(r"[.,:;()]")
_LONGEST_SENTENCE = 30
"""Spaces of a text without a punctuation mark that is still read."""
_NAMES = re.compile(r"""\b(?:id|for|class|href|name|aria-(?:labelledby|describedby|controls)|data-[\w-]+)="[^"]*\"""")
"""Attributes of a page that nobody reads."""


@dataclass(frozen=True, slots=True)
class Idiom:
    """A phrase in a file, and what to write instead of it."""

    path: Path
    line: int
    phrase: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(REPOSITORY)}:{self.line}: {self.phrase!r}: write {self.instead}"


def idioms_below(root: Path) -> Iterator[Idiom]:
    """Yield the idioms in the texts of a file, or of every file in a folder."""
    paths = sorted(path for path in root.rglob("*") if path.is_file()) if root.is_dir() else [root]
    for path in paths:
        if path == Path(__file__):
            continue  # it has an example of each
        texts = [(line, text) for line, text in _texts(path) if text]
        if next(idioms_in("\n".join(text for _, text in texts)), None) is None:
            continue  # one search of all of them takes half as long as one of each
        for line, text in texts:
            for phrase, instead in idioms_in(text):
                yield Idiom(path, line, phrase, instead)


def idioms_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield each idiom of *text* with some words around it, and what to write instead."""
    for pattern, instead in _IDIOMS:
        for match in pattern.finditer(text):
            yield " ".join(text[max(0, match.start() - 30) : match.end() + 20].split()), instead


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a file, each with the line on which it begins."""
    if path.suffix == ".py":
        source = path.read_text()
        yield from _strings(ast.parse(source))
        yield from _comments(source)
    elif path.suffix in (".toml", ".yml", ".yaml") or path.name in ("Makefile", "Dockerfile"):
        yield from _remarks(path.read_text())
    elif path.suffix == ".html":
        yield from _paragraphs(_NAMES.sub("", path.read_text()))
    elif path.suffix == ".md":
        yield from _paragraphs(_CODE.sub(lambda code: "…" + "\n" * code.group().count("\n"), path.read_text()))


def _remarks(text: str) -> Iterator[tuple[int, str]]:
    """Yield what follows a `#` in each line of a file that is not Python."""
    for number, line in enumerate(text.splitlines(), start=1):
        if "#" in line:
            yield number, line.partition("#")[2].lstrip("# ")


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Yield what lies between blank lines."""
    line = 1
    for paragraph in re.split(r"(\n\s*\n)", text):
        yield line, " ".join(paragraph.split())
        line += paragraph.count("\n")


def _strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the string constants, docstrings included; the values inside an f-string become a dot."""
    inner: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inner.update(node.values)
            parts = (one.value if isinstance(one, ast.Constant) else "…" for one in node.values)
            yield node.lineno, " ".join("".join(map(str, parts)).split())
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inner:
            text = "" if _is_list_of_words(node.value) else node.value
            yield node.lineno, " ".join(text.split())


def _is_list_of_words(text: str) -> bool:
    """Say whether *text* is a name, or many words without a punctuation mark."""
    spaces = text.count(" ")
    return spaces == 0 or (spaces > _LONGEST_SENTENCE and not _PUNCTUATION.search(text))


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Yield the comments; those on successive lines are one text."""
    block: list[str] = []
    first = last = position = 0
    line = 1
    for token in _STRING_OR_COMMENT.finditer(source):
        if token["comment"] is None:
            continue
        line += source.count("\n", position, token.start())
        position = token.start()
        if block and line != last + 1:
            yield first, " ".join(block)
            block = []
        if not block:
            first = line
        block.append(token["comment"].lstrip("# "))
        last = line
    if block:
        yield first, " ".join(block)


@pytest.mark.parametrize("root", ROOTS)
def test_the_texts_below_a_root_are_free_of_idioms(root: str) -> None:
    found = list(idioms_below(REPOSITORY / root))
    assert not found, "\n".join(map(str, found))


SOURCE = """\
\'\'\'The key stands
twice, which # ends anew.\'\'\'
x = "no # comment: \\" all is 'plain'"  # the version is gone
# for good
y = 'the text is no # number'
"""


def test_an_idiom_is_found_on_the_line_where_its_text_begins(tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(SOURCE)
    (tmp_path / "right.md").write_text("The key occurs once.")
    found = {(one.path.name, one.line, one.instead) for one in idioms_below(tmp_path)}
    assert {(path, line) for path, line, _ in found} == {("wrong.py", 1), ("wrong.py", 3), ("wrong.py", 5)}
    assert len(found) == 4


WRONG = [
    "the text is no number",
    "a value is none that CEL has",
    "a parameter whose name is none",
    "standard input cannot be gone on with",
    "Exporter X begins anew.",
    "the next request sees it at once",
    "3 guids of before",
    "1 domains",
    "Mend the places named in errors.",
    "This caller is not let in",
    "any revision, seen as ours",
    "payloads that stumble",
    "the key stands twice",
    "the version is gone for good",
    "the check has the last word",
    "consumers should move on",
    "the last day that they may count on",
    "whether it lets anything happen now",
    "it was accepted all the same",
    "end a grant before its time",
]


@pytest.mark.parametrize("text", WRONG)
def test_an_idiom_is_found(text: str) -> None:
    assert list(idioms_in(text))


RIGHT = [
    "There is no version 3",
    "there is none",
    "there can be none",
    "it is none of these values",
    "the default is None",
    "the field is no longer required",
    "it is no more than a hint",
    "a number that has no limit",
    "1 domain, 11 domains",
    "exit codes: 0 clean, 1 findings, 2 usage",
    "valid values are none, backward, forward",
    "in a header instead of before the payload",
    "what the abbreviation stands for",
    "a subject that stands on its own",
    "too many writers at once, all at once",
    "recommended, amended",
    "these are all the same text",
    "it is removed and counts no more than once",
]


@pytest.mark.parametrize("text", RIGHT)
def test_plain_english_passes(text: str) -> None:
    assert not list(idioms_in(text))
