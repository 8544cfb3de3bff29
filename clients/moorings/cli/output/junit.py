"""JUnit's XML: one test case for each contract that passes, and one for each change or issue that fails another."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from moorings.cli.output.entries import Entry, entries_of, failures_first
from moorings.cli.results import Checked
from moorings.layout.issues import Weight


def junit(checked: Sequence[Checked]) -> str:
    cases = [case for one in failures_first(checked) for case in _cases(one)]
    return _suite(cases, failures=sum("<failure" in case for case in cases))


def junit_error(message: str) -> str:
    """Write a report that says why nothing could be checked."""
    case = f"  <testcase{_attributes('moorings', 'check')}>\n    <error message={_quoted(message)}/>\n  </testcase>"
    return _suite([case], errors=1)


def _suite(cases: list[str], failures: int = 0, errors: int = 0) -> str:
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{errors}" skipped="0"'
    head = f'<testsuite name="moorings" {counts}>'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>"])


def _cases(checked: Checked) -> Iterator[str]:
    failing = [one for one in entries_of(checked) if one.weight is Weight.ERROR]
    if not failing and checked.passes:
        yield f"  <testcase{_attributes('moorings', checked.name)}/>"
    elif not failing:
        yield _failed(checked.name, checked.verdict, checked.verdict)
    for one in failing:
        named = checked.name if len(failing) == 1 else f"{checked.name}: {one.headline}"
        yield _failed(named, one.headline, "\n".join(_lines(one)))


def _lines(entry: Entry) -> Iterator[str]:
    yield f"{entry.headline.rstrip('.')}."
    yield from entry.body
    place = f"{entry.file}:{entry.line or 1}"
    if entry.change is None:
        yield f"{place}: {entry.code}: {entry.headline}"
        return
    seen: set[tuple[str, str]] = set()
    for found in entry.change.findings:
        if (found.rule, found.message) not in seen:
            seen.add((found.rule, found.message))
            yield f"{place}: {found.rule}: {found.message}"


def _failed(name: str, message: str, text: str) -> str:
    said = escape(_printable(text))
    failure = f"<failure message={_quoted(message)}>{said}</failure>"
    return f"  <testcase{_attributes('moorings', name)}>\n    {failure}\n  </testcase>"


def _attributes(group: str, name: str) -> str:
    return f" classname={_quoted(group)} name={_quoted(name)}"


def _quoted(text: str) -> str:
    return quoteattr(_printable(text))


def _printable(text: str) -> str:
    """Replace characters that XML 1.0 does not allow."""
    return "".join(char if char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff") else "?" for char in text)
