"""Pages of the docs whose commands are run: what is in a block of a console, and what it is to print."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
_PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"(?<![\w.:/@-])moorings(?:-registry)? (?:--?[a-z]|[a-z])[^|;&#>`]*")
_EXIT = re.compile(r"  # exit code (\d)$")


@dataclass
class Step:
    """A command of a page, and the lines that it prints among others; ``…`` stands for anything."""

    command: str
    exit_code: int = 0
    printed: list[str] = field(default_factory=list)


def steps_of(page: str, heading: str = "") -> Iterator[Step]:
    """Yield the commands of the page *page*, in order; those below one heading alone if it is given."""
    text = (DOCS / page).read_text()
    if heading:
        text = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for block in _BLOCK.findall(text):
        yield from _steps(iter(block.splitlines()))


def python_of(page: str) -> list[str]:
    """Return the Python of the page *page*, block by block."""
    return _PYTHON.findall((DOCS / page).read_text())


def _steps(lines: Iterator[str]) -> Iterator[Step]:
    step: Step | None = None
    for line in lines:
        if line.startswith("$ "):
            if step is not None:
                yield step
            told = _EXIT.search(line)
            step = Step(_EXIT.sub("", line)[2:], int(told[1]) if told else 0)
            while _is_unfinished(step.command):
                step.command += "\n" + next(lines)
            if step.command.endswith("<<'END'"):
                for more in lines:
                    step.command += "\n" + more
                    if more == "END":
                        break
        else:
            assert step is not None, line
            step.printed.append(line)
    if step is not None:
        yield step


def _is_unfinished(command: str) -> bool:
    """Whether a quotation is open, or the line ends with a backslash."""
    try:
        shlex.split(command)
    except ValueError:
        return True
    return False


def command_lines(text: str) -> Iterator[list[str]]:
    """Yield the words of each `moorings` or `moorings-registry` command, in a text's blocks and between backticks."""
    blocks = [block for language, block in _FENCED.findall(text) if language in ("", "bash", "console", "yaml")]
    spans = _SPAN.findall(_FENCED.sub("", text))
    for written in [*spans, *("\n".join(blocks)).replace("\\\n", " ").splitlines()]:
        for command in _COMMAND.findall(written):
            yield command.split()


class Shell:
    """Runs the commands of a page in a folder, with other addresses in the place of those that the page has."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.instead: dict[str, str] = {}
        self.ran = 0
        self._environment: Mapping[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "GIT_", "CI"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Ann"),
            **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "ann@shop.example"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "PYTHONWARNINGS": "ignore",
            **environment,
        }

    def run(self, step: Step) -> None:
        """Run a command, and hold it against what the page says."""
        if step.command.startswith("cd "):
            self.folder /= step.command.removeprefix("cd ")
            return
        command = step.command
        for named, meant in self.instead.items():
            command = command.replace(named, meant)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        said = done.stdout + done.stderr
        assert done.returncode == step.exit_code, f"$ {command}\n{said}"
        for line in step.printed:
            pattern = re.escape(line).replace("…", ".+")
            assert re.search(f"^{pattern}$", said, re.MULTILINE), f"$ {command}\nhas no line {line!r}:\n{said}"
        self.ran += 1
