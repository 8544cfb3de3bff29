"""The output formats: for people, for machines, and for CI systems."""

from collections.abc import Callable, Sequence

from moorings.cli.output.forge_annotations import azure, azure_error, github, github_error, gitlab
from moorings.cli.output.junit import junit, junit_error
from moorings.cli.output.machine import results_json
from moorings.cli.output.markdown import markdown, markdown_error
from moorings.cli.output.sarif import sarif, sarif_error
from moorings.cli.results import Checked

FORMATS: dict[str, Callable[[Sequence[Checked]], str]] = {
    "json": results_json,
    "sarif": sarif,
    "junit": junit,
    "github": github,
    "gitlab": gitlab,
    "azure": azure,
    "markdown": markdown,
}
"""All but ``text``, which `cli.screen` writes."""

ERROR_REPORTS: dict[str, Callable[[str], str]] = {
    "junit": junit_error,
    "sarif": sarif_error,
    "github": github_error,
    "azure": azure_error,
    "markdown": markdown_error,
}
"""Reports of a check that could not be made: a CI system that finds none says something else is wrong."""

__all__ = ["ERROR_REPORTS", "FORMATS"]
