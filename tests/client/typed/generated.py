"""Generated packages in tests: written to a folder, imported from there, and what the tools say of them."""

import importlib.util
import itertools
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from moorings.codecs.failures import SLOW_PATH
from moorings.codecs.formats import make_reader, make_writer
from moorings.event_model.event_formats import event_model_of
from moorings.typed.contract_value import Contract
from moorings.typed.generate import ContractSource, files_of
from moorings_compat import Format, Schema, parse

_numbers = itertools.count(1)


def schema_of(text: Any, format: Format = Format.AVRO) -> Schema:
    return parse(text if isinstance(text, str) else json.dumps(text), format)


def source_of(schema: Schema, subject: str = "shop.orders.OrderPlaced", major: int = 1) -> ContractSource:
    contract = Contract(subject, major, "1.0", None, str(schema.format), schema.text)
    return ContractSource(contract, event_model_of(schema, subject, docs=True))


def module_text(schema: Schema, style: str = "dataclass", width: int = 88) -> str:
    """Return the text of the one module that a contract becomes."""
    files = files_of([source_of(schema)], style, width)
    return next(text for name, text in files.items() if name.name == "order_placed_v1.py")


def imported(text: str) -> ModuleType:
    """Run a module's text as a module of its own, that annotations can be resolved in."""
    name = f"generated_{next(_numbers)}"
    spec = importlib.util.spec_from_loader(name, loader=None)
    assert spec is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)
    return module


def through_bytes(schema: Schema, event: Any) -> Any:
    """Write an event and read it again with the client's codecs."""
    writer = make_writer(schema, "OrderPlaced", b"")
    try:
        data = writer.at_once(event)
    except SLOW_PATH:
        data = writer.encode(event)
    return make_reader(schema, schema, "OrderPlaced", 0).at_once(data)


def formatted_differently(folder: Path, width: int) -> str:
    """Return what `ruff format` would change in a folder; nothing where it agrees."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "--diff", f"--line-length={width}"]
    done = subprocess.run([*command, folder], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 1 else done.stderr * (done.returncode > 1)


def lint_findings(folder: Path) -> str:
    """Return what a linter has against a folder, the order of imports included; nothing where it has nothing."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--quiet", "--output-format=concise"]
    chosen = ["--select=E,F,I,B,PYI,SIM", "--ignore=E501", "--target-version=py311"]
    return subprocess.run([*command, *chosen, folder], capture_output=True, text=True, check=False).stdout


def typing_errors(folder: Path, cache: Path) -> str:
    """Return what `mypy --strict` has against a folder; nothing where it has nothing."""
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={cache}", "--no-error-summary", folder]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
