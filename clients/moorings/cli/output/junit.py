"""JUnit's XML: one test case per contract."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from moorings.cli.results import Checked
from moorings.layout.issues import Weight


def junit(checked: Sequence[Checked]) -> str:
    cases = [_case(one) for one in checked]
    failed = sum("<failure" in case for case in cases)
    head = f'<testsuite name="moorings" tests="{len(cases)}" failures="{failed}" errors="0" skipped="0">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *cases, "</testsuite>"])


def _case(checked: Checked) -> str:
    named = f"<testcase classname={_xml_attribute('moorings')} name={_xml_attribute(checked.name)}"
    errors = [issue for issue in checked.issues() if issue.weight is Weight.ERROR]
    if not errors and checked.verdict in ("compatible", "clean"):
        return f"  {named}/>"
    lines = [f"{one.file}:{one.line}: {one.code}: {one.message} {one.advice}" for one in errors] or [checked.verdict]
    said = escape(_printable("\n".join(lines)))
    return f"  {named}>\n    <failure message={_xml_attribute(checked.verdict)}>{said}</failure>\n  </testcase>"


def _xml_attribute(text: str) -> str:
    return quoteattr(_printable(text))


def _printable(text: str) -> str:
    """Replace characters that XML 1.0 does not allow."""
    return "".join(char if char in "\t\n\r" or (char >= " " and char not in "\ufffe\uffff") else "?" for char in text)
