"""Writing the little TOML that this package writes: texts, and a domain's own file."""

import json
from collections.abc import Mapping

from moorings.api.responses import Domain


def quoted(text: str) -> str:
    """Write a basic string of TOML, which is JSON's but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def domain_toml(domain: Domain, references: Mapping[str, Mapping[str, tuple[str, int]]]) -> str:
    """Write a `domain.toml`; *references* is, by file and by name, the subject and major that a name stands for."""
    lines = [f"owner = {quoted(domain.owner)}"]
    if domain.contacts:
        lines.append(f"contacts = [{', '.join(map(quoted, domain.contacts))}]")
    if domain.description:
        lines.append(f"description = {quoted(domain.description)}")
    if domain.policy:
        lines += ["", "[policy]"]
        lines += [f"{key} = {_value(value)}" for key, value in sorted(domain.policy.items())]
    for file, names in sorted(references.items()):
        lines += ["", f"[references.{quoted(file)}]"]
        lines += [
            f"{quoted(name)} = {{ subject = {quoted(subject)}, major = {major} }}"
            for name, (subject, major) in sorted(names.items())
        ]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else quoted(str(value))
