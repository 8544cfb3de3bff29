"""A whole module as text: its imports, its types, and the contract that they come from."""

import ast

from moorings.event_model.model import RecordType, TypeReference
from moorings.typed.contract_value import ContractReference
from moorings.typed.generate import dataclass_style, typeddict_style
from moorings.typed.generate.annotations import annotation, reasons
from moorings.typed.generate.layout import assigned, indented
from moorings.typed.generate.literals import comment, documentation, literal
from moorings.typed.generate.names import class_name
from moorings.typed.generate.plan import Module

MARK = "Written by `moorings generate`; changes are lost."
"""Every file that is written has this line; a file without it is never touched."""
STYLES = {"dataclass": dataclass_style.definitions, "typeddict": typeddict_style.definitions}

_STANDARD = {
    "dataclasses": ("dataclass", "field"),
    "decimal": ("Decimal",),
    "enum": ("StrEnum",),
    "typing": ("Any", "ClassVar", "Literal", "NotRequired", "TypeAlias", "TypedDict"),
    "uuid": ("UUID",),
}


def module_text(module: Module, style: str, width: int) -> str:
    """Write a module as `ruff format` leaves it with lines of *width*."""
    contract = module.source.contract
    blocks = list(STYLES[style](module, width))
    if not isinstance(module.source.model.root, TypeReference):
        blocks.append(_root_alias(module, width))
    blocks.append(_contract_lines(module, style, width))
    body = "\n\n\n".join("\n".join(block) for block in blocks)
    revision = f"revision {contract.label}" if contract.label else f"major {contract.major}"
    head = documentation(f"{contract.subject}, {revision}.\n\n{MARK}", width)
    space = ["", ""] if body.startswith(("class ", "@")) else [""]  # as import sorters leave it
    return "\n".join([*head, "", *_imports(module, body), *space, body]).rstrip("\n") + "\n"


def _root_alias(module: Module, width: int) -> list[str]:
    """Name an event that is not a record."""
    root = module.source.model.root
    name = class_name(module.source.contract.subject, module.taken)
    explained = [line for reason in reasons(root) for line in comment(f"Any: {reason}", width)]
    return [*explained, *assigned(name, "TypeAlias", annotation(root, module), width)]


def _imports(module: Module, body: str) -> list[str]:
    """Import what *body* uses."""
    used = _names(body)
    lines = ["import datetime as dt"] if "dt" in used else []
    for origin, names in _STANDARD.items():
        wanted = [name for name in names if name in used]
        lines += [f"from {origin} import {', '.join(wanted)}"] if wanted else []
    ours = [name for name in ("Contract", "ContractReference") if name in used]
    own = sorted({_import(one.module, one.name, one.local) for one in module.imported.values()})
    parts = [["from __future__ import annotations"], lines, [f"from moorings.typed import {', '.join(ours)}"], own]
    return "\n\n".join("\n".join(part) for part in parts if part).split("\n")


def _names(body: str) -> set[str]:
    """Collect the names that a module uses, those in the texts of a `TypedDict` call included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(body)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "TypedDict":
            entries = node.args[1]
            assert isinstance(entries, ast.Dict)
            found.update(*(_names(str(one.value)) for one in entries.values if isinstance(one, ast.Constant)))
    return found


def _import(path: str, name: str, local: str) -> str:
    return f"from {path} import {name}" + (f" as {local}" if local != name else "")


def _contract_lines(module: Module, style: str, width: int) -> list[str]:
    contract, root = module.source.contract, module.source.model.root
    arguments = [
        f"subject={literal(contract.subject)},",
        f"major={contract.major},",
        f"label={literal(contract.label)},",
        f"guid={literal(contract.guid)},",
        f"format={literal(contract.format)},",
        _schema_argument("schema", contract.schema, width - 4),
    ]
    if contract.references:
        arguments += ["references=(", *indented(_reference_arguments(contract.references, width - 8)), "),"]
    lines = ["CONTRACT = Contract(", *indented(arguments), ")"]
    if (
        style == "dataclass"
        and isinstance(root, TypeReference)
        and root.name in module.classes
        and _is_class(module, root)
    ):
        lines.append(f"{module.classes[root.name]}.__moorings_contract__ = CONTRACT")
    return lines


def _is_class(module: Module, root: TypeReference) -> bool:
    return isinstance(module.source.model.named[root.name], RecordType)


def _reference_arguments(references: tuple[ContractReference, ...], width: int) -> list[str]:
    lines = []
    for one in references:
        inner = [
            f"name={literal(one.name)},",
            f"subject={literal(one.subject)},",
            f"version={one.version},",
            _schema_argument("schema", one.schema, width - 4),
        ]
        if one.references:
            inner += ["references=(", *indented(_reference_arguments(one.references, width - 8)), "),"]
        lines += ["ContractReference(", *indented(inner), "),"]
    return lines


def _schema_argument(name: str, text: str, width: int) -> str:
    """Write a schema's text, with a note for linters where its line is long."""
    line = f"{name}={literal(text)},"
    return f"{line}  # noqa: E501" if len(line) > width else line
