"""How deep a schema nests once its references stand in it: each type where it is used first."""

from moorings_compat.avro.model import Array, AvroModel, Map, Node, Record, TypeName, Union

_OF_A_RECORD = 3  # its object, its array of fields, the field's object


def resolved_depth(model: AvroModel) -> int:
    """Count the deepest level of brackets of the text with every reference inlined, without a stack of calls."""
    deepest = 0
    written: set[str] = set()
    waiting: list[tuple[Node, int]] = [(model.root, 0)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(node, Array):
            waiting.append((node.items, depth + 1))
        elif isinstance(node, Map):
            waiting.append((node.values, depth + 1))
        elif isinstance(node, Union):
            waiting.extend((branch, depth + 1) for branch in reversed(node.branches))
        elif isinstance(node, TypeName) and node.full not in written:
            written.add(node.full)
            named = model.types[node.full]
            if isinstance(named, Record):
                waiting.extend((field.type, depth + _OF_A_RECORD) for field in reversed(named.fields))
    return deepest
