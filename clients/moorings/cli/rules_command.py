"""`moorings rules` and `moorings explain`: every code that is printed, without a registry."""

import difflib
import json
from dataclasses import asdict

import click

from moorings.cli.catalogue import known_rules
from moorings.cli.explained import Explained, known_codes, meanings_of
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


@click.command("explain", short_help="Explain a code: of a rule, lint, an event, an error.")
@click.argument("code")
@_format
def explain_command(code: str, output: str) -> None:
    """Explain a code that was printed: what goes wrong, and what to do instead.

    Codes of rules (moorings rules lists them), of moorings lint, of events that break a contract, of errors of the
    client and of the registry.
    """
    rules = _catalogue()
    found = meanings_of(code.upper(), rules)
    if not found:
        close = difflib.get_close_matches(code.upper(), known_codes(rules), n=3)
        hint = f"; did you mean {' or '.join(close)}?" if close else "; moorings rules lists those of a check"
        raise click.UsageError(f"unknown code {code}{hint}")
    if output == "json":
        click.echo(json.dumps(found[0].fields, indent=2, ensure_ascii=False))
        return
    for number, one in enumerate(found):
        if number:
            say()
        _show(one)


def _show(one: Explained) -> None:
    say(f"{one.code} ({one.printed_by})", bold=True)
    say(f"  {one.title}")
    for name, text in one.paragraphs:
        say()
        say(f"  {name}", bold=True)
        for line in text.splitlines():
            say(f"    {line}")


def _table(rules: dict[str, Rule]) -> None:
    from rich.console import Console  # 0.07 CPU-seconds: only for a terminal
    from rich.table import Table

    table = Table("rule", "severity", "title", box=None, header_style="bold")
    colours = {"break": "red", "undecided": "yellow", "changes_meaning": "yellow"}
    for rule in rules.values():
        weight = str(rule.severity)
        table.add_row(rule.code, f"[{colours.get(weight, 'cyan')}]{weight}[/]", rule.title)
    Console().print(table)
