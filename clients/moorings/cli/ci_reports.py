"""What `moorings ci` writes: the console's format, the files of the CI system, its summary, and a comment's text."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from moorings.cli.ci_comparison import Comparison
from moorings.cli.ci_job import CiJob
from moorings.cli.options import write
from moorings.cli.output import ERROR_REPORTS, FORMATS
from moorings.cli.output.comment import LONGEST_COMMENT, LONGEST_SUMMARY, comment, comment_of_error
from moorings.cli.output.entries import summary
from moorings.cli.output.forge_annotations import azure_summary
from moorings.cli.screen import say
from moorings.errors import SettingInvalid

COMMENT_FILE = "comment.md"
PAGE_FILE = "page.txt"
"""The address of the page where the registry keeps what it found."""
DEFAULT_FOLDER = Path("moorings-reports")
"""Where reports go inside of CI; outside of it none are written unless a folder is given."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Where the reports of one job go; without a *folder*, only to the console."""

    job: CiJob
    folder: Path | None

    @property
    def console(self) -> str:
        return self.job.system.console if self.job.system else "text"

    def write(self, found: Comparison) -> None:
        """Write everything that was found.

        Raises:
            SettingInvalid: the folder of reports cannot be written.
        """
        self._forget_page()
        if self.console == "text" or any(one.problems or one.changes for one in found.results):
            write(found.results, self.console)
        if self.console != "text" or len(found.results) == 1:
            say(summary(found.results), bold=True)
        say(found.sentence)
        self._files(lambda output: FORMATS[output](found.results))
        self._markdown(lambda most_bytes: comment(found.results, found.sentence, most_bytes))
        if self.folder is not None and found.kept is not None and found.kept.link:
            self._put(PAGE_FILE, found.kept.link, "page")

    def write_error(self, message: str) -> None:
        """Write why nothing could be checked, wherever the system would otherwise say that a report is missing."""
        self._forget_page()
        if self.console in ERROR_REPORTS:
            click.echo(ERROR_REPORTS[self.console](message))
        self._files(lambda output: ERROR_REPORTS[output](message) if output in ERROR_REPORTS else None)
        self._markdown(lambda _: comment_of_error(message))

    def _forget_page(self) -> None:
        """Remove the address that an earlier job left in the same working directory."""
        if self.folder is not None:
            with contextlib.suppress(OSError):  # writing the reports says what is wrong with the folder
                (self.folder / PAGE_FILE).unlink()

    def _files(self, written: Callable[[str], str | None]) -> None:
        for output, name in self.job.system.files if self.job.system and self.folder else ():
            text = written(output)
            if text is not None:
                self._put(name, text, output)

    def _markdown(self, written: Callable[[int], str]) -> None:
        if self.job.summary is not None:
            try:
                with self.job.summary.open("a", encoding="utf-8", newline="\n") as file:
                    file.write(written(LONGEST_SUMMARY) + "\n")
            except OSError as error:
                raise SettingInvalid(f"cannot write the job's summary: {error.strerror}") from None
        if self.folder is not None:
            path = self._put(COMMENT_FILE, written(LONGEST_COMMENT), "comment")
            if self.console == "azure":
                click.echo(azure_summary(path))

    def _put(self, name: str, text: str, kind: str) -> Path:
        assert self.folder is not None
        path = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8", newline="\n")
        except OSError as error:
            raise SettingInvalid(f"cannot write the report {path}: {error.strerror}") from None
        say(f"{kind}: {path}")
        return path
