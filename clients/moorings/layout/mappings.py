"""Checks the mapping files of a folder against the contracts of both majors."""

from collections.abc import Iterator
from pathlib import Path

from moorings.event_model.event_formats import shape_of
from moorings.layout.folder import Folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.parsed import Parsed
from moorings.upcasting.checking import Finding, check_mapping
from moorings.upcasting.mapping import Convert, Mapping
from moorings.upcasting.mapping_file import MappingInvalid, read_mapping_file
from moorings.upcasting.paths import show_path

_ADVICE = "docs/replay.md describes mappings, step by step."


def mapping_issues(folder: Folder, parsed: Parsed) -> Iterator[Issue]:
    """Yield what is wrong with each mapping of a folder, compared with the contracts of both majors."""
    for path in folder.mappings:
        try:
            mapping = read_mapping_file(path)
        except MappingInvalid as invalid:
            for problem in invalid.problems:
                line = _line_of(path, _step_of(problem.place))
                yield Issue(path, "MAPPING_INVALID", str(problem), _ADVICE, place=problem.place, line=line)
            continue
        yield from _against_contracts(path, mapping, folder, parsed)


def _against_contracts(path: Path, mapping: Mapping, folder: Folder, parsed: Parsed) -> Iterator[Issue]:
    event = mapping.subject.rpartition(".")[2]
    shapes = []
    for major in (mapping.before, mapping.after):
        contract = folder.contract(mapping.subject, major)
        if contract is None:
            message = f"cannot be checked: the folder has no {mapping.subject} v{major}"
            yield Issue(path, "MAPPING_UNCHECKED", message, "Add the contract, or remove the mapping.", Weight.WARNING)
            continue
        schema = parsed.schema(contract)
        if schema is not None:  # its own issues are reported already
            shapes.append(shape_of(schema, event))
    if len(shapes) == 2:
        found = check_mapping(mapping, shapes[0], shapes[1])
        yield from (_issue(path, finding) for finding in found) if found else _doubts(path, mapping)


def _doubts(path: Path, mapping: Mapping) -> Iterator[Issue]:
    """Report the conversions that fail for some values: an event with such a value cannot be read."""
    for number, step in enumerate(mapping.steps, start=1):
        if isinstance(step, Convert) and step.conversion.may_fail:
            place, name = show_path(step.path), step.conversion.name
            message = f"step {number}, {place}: {name} fails for some values; events with such a value cannot be read"
            advice = "Replay an archive with `moorings replay --upcasts` to see how many."
            yield Issue(path, "MAPPING_MAY_FAIL", message, advice, Weight.NOTE, place, _line_of(path, number))


def _issue(path: Path, finding: Finding) -> Issue:
    return Issue(
        path, "MAPPING_UNFIT", str(finding), _ADVICE, place=finding.path, line=_line_of(path, finding.step) or 1
    )


def _step_of(place: str) -> int:
    number = place.removeprefix("step ")
    return int(number) if number.isdecimal() else 0


def _line_of(path: Path, step: int) -> int:
    """Find the line where a step begins; 0 if it cannot be found."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return 0
    begins = [number for number, line in enumerate(lines, start=1) if line.replace(" ", "").startswith("[[step]]")]
    return begins[step - 1] if 0 < step <= len(begins) else 0
