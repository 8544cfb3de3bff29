"""Checks the mapping files of a folder against the contracts of both majors."""

from collections.abc import Iterator
from pathlib import Path

from moorings.event_model.event_formats import shape_of
from moorings.layout.folder import Folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.major_file import MAPPING_ADVICE, major_file_name, migration_keys
from moorings.layout.parsed import Parsed
from moorings.layout.toml_lines import lines_of
from moorings.upcasting.checking import Finding, check_mapping
from moorings.upcasting.mapping_file import MappingInvalid, read_mapping_file, split_mapping_name
from moorings_compat.mappings.mapping import Convert, Mapping
from moorings_compat.mappings.paths import show_path


def mapping_issues(folder: Folder, parsed: Parsed) -> Iterator[Issue]:
    """Yield what is wrong with each mapping of a folder, compared with the contracts of both majors."""
    for path in folder.mappings:
        yield from _earlier_form(path, folder)
        try:
            mapping = read_mapping_file(path)
        except MappingInvalid as invalid:
            for problem in invalid.problems:
                line = _line_of(path, problem.step)
                yield Issue(path, "MAPPING_INVALID", str(problem), MAPPING_ADVICE, place=problem.place, line=line)
            continue
        yield from _against_contracts(path, mapping, folder, parsed)
    for major in folder.majors:
        if major.migration is not None:
            yield from _against_contracts(major.path, major.migration, folder, parsed)


def _earlier_form(path: Path, folder: Folder) -> Iterator[Issue]:
    """Say where a mapping in a file of its own belongs now."""
    event, before, after = split_mapping_name(path.name) or (path.stem, 0, 0)
    own = folder.major(f"{path.parent.name}.{event}", after)
    name = major_file_name(event, after)
    if own is not None and (own.migration is not None or own.migration_reason):
        message = f"{name} has a migration from major {before}, too"
        yield Issue(path, "MIGRATION_TWICE", message, f"Keep the steps in {name}, and delete this file.")
        return
    message = "a mapping in a file of its own; it belongs into the file of the major that it leads to"
    advice = f"Move its steps into {name}, each as [[migration.step]], and delete this file."
    yield Issue(path, "MAPPING_FILE_OUTDATED", message, advice, Weight.WARNING)


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
        path, "MAPPING_UNFIT", str(finding), MAPPING_ADVICE, place=finding.path, line=_line_of(path, finding.step) or 1
    )


def _line_of(path: Path, step: int) -> int:
    """Find the line where a step begins; 0 if it cannot be found."""
    try:
        lines = lines_of(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return 0
    return (
        next((lines[keys] for keys in ((*migration_keys(step),), ("step", step - 1)) if keys in lines), 0)
        if step
        else 0
    )
