"""Python names for the names in contracts: never a keyword, never a name that is taken."""

import builtins
import keyword
import re
from collections.abc import Collection, Iterable

MODULE_NAMES = frozenset(
    ("dt", "field", "dataclass", "Decimal", "UUID", "StrEnum", "Any", "ClassVar", "Literal", "TypeAlias", "TypedDict")
) | {"NotRequired", "Contract", "ContractReference", "CONTRACT"}
"""What a generated module imports or defines beside its types."""
_TYPES = frozenset(name for name in dir(builtins) if name in ("str", "int", "float", "bool", "bytes", "list", "dict"))
_MEMBERS = frozenset(dir(str)) | {"name", "value", "mro"}
_WORD = re.compile(r"[^0-9A-Za-z]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def class_name(full: str, taken: Collection[str]) -> str:
    """Make a class name of the last part of a full name; where it is taken, of more parts, or with a number."""
    parts = full.split(".")
    for count in range(1, len(parts) + 1):
        name = _pascal("_".join(parts[-count:]))
        if name not in taken and name not in MODULE_NAMES:
            return name
    return _numbered(_pascal("_".join(parts)), taken)


def _pascal(text: str) -> str:
    words = [word for word in _WORD.split(text) if word]
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"Type{name}"


def attribute_names(names: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """Make an attribute of each field's name; the name itself where Python allows it."""
    return _named(names, _TYPES | MODULE_NAMES | frozenset(taken))


def member_names(symbols: Iterable[str]) -> dict[str, str]:
    """Name the member of an enumeration for each symbol; none hides a method of `str`."""
    return _named(symbols, _MEMBERS)


def _named(names: Iterable[str], taken: frozenset[str]) -> dict[str, str]:
    """Choose a name for each; names that can stay unchanged are taken first."""
    every = list(names)
    kept = {name for name in every if _identifier(name) == name and not keyword.iskeyword(name) and name not in taken}
    used = {*taken, *kept}
    chosen = {}
    for name in every:
        if name in kept:
            chosen[name] = name
            continue
        plain = _identifier(name)
        chosen[name] = _numbered(f"{plain}_" if keyword.iskeyword(plain) or plain in taken else plain, used)
        used.add(chosen[name])
    return chosen


def module_name(event: str, major: int) -> str:
    """Name the module of one major of an event: ``order_placed_v1``."""
    return f"{_identifier(_CAMEL.sub('_', event).lower())}_v{major}"


def package_name(domain: str) -> str:
    """Name the package of a domain: ``shop_orders``."""
    name = _identifier(domain.lower()) if domain else "events"
    return f"{name}_" if keyword.iskeyword(name) else name


def _identifier(name: str) -> str:
    """Replace what an identifier cannot have; leading underscores have a meaning in classes and enumerations."""
    plain = re.sub(r"\W", "_", name, flags=re.ASCII)
    inner = plain.lstrip("_")
    if plain.startswith("__") or (plain.startswith("_") and plain.endswith("_")):
        plain = inner
    return plain if plain.isidentifier() else f"field_{plain}"


def _numbered(name: str, taken: Collection[str]) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}_{number}", number + 1
    return candidate
