"""Types, and lists of names, in a few words for people."""

from collections.abc import Sequence

from moorings_compat.avro.model import Array, AvroModel, Enum, Fixed, Map, Node, Primitive, Record, TypeName

_MOST_BRANCHES = 6
_DEEPEST = 3


def type_label(model: AvroModel, node: Node, depth: int = 0) -> str:
    """Describe *node*: ``array of long (timestamp-millis)``, ``record shop.Money``, ``null or string``."""
    if isinstance(node, Primitive):
        return f"{node.kind} ({node.logical})" if node.logical else node.kind
    if isinstance(node, TypeName):
        return _definition_label(model, node.full)
    if depth >= _DEEPEST:
        return "..."
    if isinstance(node, Array):
        return f"array of {type_label(model, node.items, depth + 1)}"
    if isinstance(node, Map):
        return f"map of {type_label(model, node.values, depth + 1)}"
    shown = [type_label(model, branch, depth + 1) for branch in node.branches[:_MOST_BRANCHES]]
    rest = len(node.branches) - len(shown)
    if rest:
        shown.append(f"{rest} more")
    return " or ".join(shown) if shown else "a union of nothing"


def _definition_label(model: AvroModel, full: str) -> str:
    named = model.types[full]
    if isinstance(named, Record):
        return f"{named.word} {full}"
    if isinstance(named, Enum):
        return f"enum {full}"
    assert isinstance(named, Fixed)
    return f"fixed {full} of {named.size} bytes" + (f" ({named.logical})" if named.logical else "")


def name_list(names: Sequence[str]) -> str:
    """Join *names* for a sentence: ``A``, ``A and B``, ``A, B and 5 more``."""
    shown = list(names[:_MOST_BRANCHES])
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]
