"""`moorings rules` and `moorings explain`: the catalogue of rules, without a registry."""

import difflib
import json
from dataclasses import asdict

import click

from moorings.cli.catalogue import known_rules
from moorings.cli.screen import complain, is_terminal, say
from moorings_compat import Rule

_format = click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)


def _catalogue() -> dict[str, Rule]:
    """Collect the known rules, and report on standard error which formats are left out."""
    rules, left_out = known_rules()
    for format in left_out:
        complain(f"{format} is left out: install moorings[protobuf]")
    return rules


@click.command("rules", short_help="List the rules of a check.")
@_format
def rules_command(output: str) -> None:
    """List the rules of a check: code, severity and title."""
    rules = _catalogue()
    if output == "json":
        click.echo(json.dumps({"rules": [asdict(rule) for rule in rules.values()]}, indent=2, ensure_ascii=False))
    elif is_terminal():
        _table(rules)
    else:
        for rule in rules.values():
            say(f"{rule.code}\t{rule.severity}\t{rule.title}")


@click.command("explain", short_help="Explain a rule.")
@click.argument("code")
@_format
def explain_command(code: str, output: str) -> None:
    """Explain a rule: what goes wrong, what to do instead, and an example."""
    rules = _catalogue()
    rule = rules.get(code.upper())
    if rule is None:
        close = difflib.get_close_matches(code.upper(), rules, n=3)
        hint = f"; did you mean {' or '.join(close)}?" if close else "; moorings rules lists them"
        raise click.UsageError(f"unknown rule {code}{hint}")
    if output == "json":
        click.echo(json.dumps(asdict(rule), indent=2, ensure_ascii=False))
        return
    say(f"{rule.code} ({rule.format or 'every format'}, {rule.severity})", bold=True)
    say(f"  {rule.title}")
    for name, text in (("why", rule.why), ("fix", rule.fix), ("example", rule.example), ("source", rule.source)):
        if text:
            say()
            say(f"  {name}", bold=True)
            for line in text.splitlines():
                say(f"    {line}")
    if rule.mirror:
        say()
        say(f"  the opposite change: {rule.mirror}")


def _table(rules: dict[str, Rule]) -> None:
    from rich.console import Console  # 0.07 CPU-seconds: only for a terminal
    from rich.table import Table

    table = Table("rule", "severity", "title", box=None, header_style="bold")
    colours = {"break": "red", "undecided": "yellow", "changes_meaning": "yellow"}
    for rule in rules.values():
        weight = str(rule.severity)
        table.add_row(rule.code, f"[{colours.get(weight, 'cyan')}]{weight}[/]", rule.title)
    Console().print(table)
