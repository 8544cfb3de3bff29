"""Which written field fills which field of a reader's record: by its name, and then by its aliases.

The comparison and the client's codecs ask the same functions, so that a verdict is about what is read.

Source: Avro 1.12, Schema Resolution, records; Aliases.
"""

from moorings_compat.avro.model import Record


def field_sources(reader: Record, writer: Record) -> tuple[tuple[int, ...], ...]:
    """Collect the written fields, by index, that lead to each field of the reader, the one of its name first.

    More than one, or one in two places, is a collision of aliases. Of fields that share an alias, the last has it.
    """
    if not reader.has_field_aliases:
        places = (writer.places.get(field.name) for field in reader.fields)
        return tuple(() if place is None else (place,) for place in places)
    owners = {alias: index for index, field in enumerate(reader.fields) for alias in field.aliases}
    found: list[tuple[int, ...]] = []
    for index, field in enumerate(reader.fields):
        names = (field.name, *(alias for alias in field.aliases if owners[alias] == index))
        found.append(tuple(dict.fromkeys(writer.places[name] for name in names if name in writer.places)))
    return tuple(found)


def filled_fields(reader: Record, writer: Record) -> dict[int, int]:
    """Return the field of the reader that each written field fills, both by index; fields that fill none are left out.

    Where aliases collide, which the comparison reports as a break, a field's own name goes before an alias.
    """
    filled: dict[int, int] = {}
    for index, sources in enumerate(field_sources(reader, writer)):
        if sources and (sources[0] not in filled or reader.fields[index].name == writer.fields[sources[0]].name):
            filled[sources[0]] = index
    return filled
