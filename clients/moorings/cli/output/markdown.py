"""Markdown, for the summary of a CI job or a comment on a change."""

from collections.abc import Mapping, Sequence

from moorings.cli.results import Checked, CheckFinding, opinion_disagrees, second_opinion_text
from moorings.layout.issues import Issue

_VERDICT_EMOJI = {"compatible": "✅", "clean": "✅", "breaking": "❌", "invalid": "❌", "undecided": "❓"}


def markdown(checked: Sequence[Checked]) -> str:
    lines = ["| contract | verdict | level |", "|---|---|---|"]
    for one in checked:
        note = f" ({one.note})" if one.note else ""
        lines.append(f"| {_cell(one.name)} | {_VERDICT_EMOJI.get(one.verdict, '')} {one.verdict}{note} | {one.level} |")
    for one in checked:
        if one.findings or one.problems:
            lines += ["", f"### {_inline(one.name)}", ""]
            lines += [_problem(issue) for issue in one.problems]
            lines += [line for found in one.findings for line in _finding(found)]
    return "\n".join(lines)


def _problem(issue: Issue) -> str:
    return f"- **{issue.code}** {_inline(str(issue.file))}:{issue.line or 1}: {_inline(issue.message)} {issue.advice}"


def _finding(found: CheckFinding) -> list[str]:
    position = found.candidate_position
    line = f", line {position.line}" if position else ""
    place = (
        f"at {_code_span(found.candidate_path or '/')}{line}, compared with {_inline(found.version)} ({found.promise})"
    )
    lines = [f"- **{found.rule}** {place}: {_inline(found.message)} {_inline(found.advice)}"]
    if found.witness:
        encoded = found.witness.get("encoded")
        in_bytes = f" (bytes {_code_span(str(encoded))})" if encoded else ""
        said = f"{_inline(str(found.witness.get('error')))} [{_inline(str(found.witness.get('engine')))}]"
        lines.append(f"  - payload {_code_span(str(found.witness.get('payload')))}{in_bytes}: {said}")
        if isinstance(opinion := found.witness.get("second_opinion"), Mapping):
            sign = "⚠️ engines disagree" if opinion_disagrees(opinion) else "also run"
            lines.append(f"  - {sign}: {_inline(second_opinion_text(opinion))}")
    if found.suggestion:
        lines.append(f"  - suggestion: {_inline(str(found.suggestion.get('title')))}")
    return lines


def _cell(text: str) -> str:
    return _inline(text).replace("|", "\\|")


def _inline(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;")


def _code_span(text: str) -> str:
    """Fence *text* with more backticks than it has itself."""
    flat = " ".join(text.split())
    return f"`{flat}`" if "`" not in flat else f"{'`' * (flat.count('`') + 1)} {flat} {'`' * (flat.count('`') + 1)}"
