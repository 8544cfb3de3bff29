"""The types that references bring along."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from moorings_compat.avro.model import Definition, model_of
from moorings_compat.errors import Problem
from moorings_compat.limits import Limits
from moorings_compat.schema import Format, ResolvedReference


def imported_types(
    references: Sequence[ResolvedReference], limits: Limits
) -> tuple[dict[str, Definition], list[Problem]]:
    """Collect every named type of *references* and of theirs, by full name.

    A definition keeps its place as ``NAME#POINTER``, where NAME is what the schema that refers to it calls it. Two
    references may bring the same definition (both refer to a third schema), but not two of one name.
    """
    limits.allow("the number of references", _count(references), limits.references)
    types: dict[str, Definition] = {}
    problems = []
    origins: dict[str, ResolvedReference] = {}
    for one in references:
        if one.schema.format is not Format.AVRO:
            problems.append(
                Problem("", f"the reference {one.reference.name} is not an Avro schema, but {one.schema.format}")
            )
            continue
        for full, named in _brought(one):
            if full not in types:
                types[full], origins[full] = named, one
            elif replace(types[full], at="") != replace(named, at=""):
                clash = f"{full} is defined differently by the references {origins[full].reference.name}"
                problems.append(Problem("", f"{clash} and {one.reference.name}"))
    return types, problems


def _brought(reference: ResolvedReference) -> Iterator[tuple[str, Definition]]:
    for full, named in model_of(reference.schema).types.items():
        yield full, named if "#" in named.at else replace(named, at=f"{reference.reference.name}#{named.at}")


def _count(references: Sequence[ResolvedReference]) -> int:
    seen: set[int] = set()
    waiting = list(references)
    while waiting:
        one = waiting.pop()
        if id(one.schema) not in seen:
            seen.add(id(one.schema))
            waiting.extend(one.schema.references)
    return len(seen)
