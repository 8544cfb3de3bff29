"""`make histories`: figures over files of questions, and over the git history of a clone."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def told(*arguments: object) -> tuple[int, list[str]]:
    command = [sys.executable, str(ROOT / "tools" / "histories.py"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    print(done.stdout, done.stderr)
    return done.returncode, done.stdout.splitlines()


def question(path: str, old: Any, new: Any) -> dict[str, Any]:
    return {"path": path, "format": "JSON", "mode": "FULL", "old": json.dumps(old), "new": json.dumps(new)}


MONEY = {"$id": "https://example.com/money.json", "type": "integer"}
ORDER = {"$id": "https://example.com/order.json", "properties": {"total": {"$ref": "money.json"}}}


def test_a_file_of_questions(tmp_path: Path) -> None:
    questions = [
        question("money", MONEY, {**MONEY, "title": "money"}),
        question("order", ORDER, {**ORDER, "title": "order"}),
        question("narrowed", MONEY, {**MONEY, "maximum": 3}),
        question("broken", MONEY, {"type": "shoe"}),
    ]
    file = tmp_path / "questions.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, questions)).encode()))
    code, (_, figures, reason) = told(file)
    assert code == 0
    assert figures.split()[:8] == ["questions.jsonl.gz", "4", "1", "0", "1", "1.0", "1.0", "0"]
    assert reason.startswith("    invalid, 1: ")


def test_what_stays_undecided_fails(tmp_path: Path) -> None:
    open_question = question("odd", {"pattern": "(?<=b)c"}, {"pattern": "(?<=[ab])c"})
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps(open_question))
    code, lines = told(file)
    assert code == 1
    assert lines[-1] == "    undecided: odd"


def test_a_clone(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        own = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", "-C", tmp_path, *own, *arguments], check=True, capture_output=True)

    git("init", "-q")
    versions = [
        {"shop/money.proto": 'syntax = "proto3"; package shop; message Money { int64 cents = 1; }'},
        {"shop/order.proto": 'syntax = "proto3"; package shop; import "shop/money.proto"; message O { Money m = 1; }'},
        {"shop/money.proto": 'syntax = "proto3"; package shop; message Money { int32 cents = 1; }'},
        {"shop/order.proto": 'syntax = "proto3"; package shop; import "shop/money.proto"; message O { Money n = 1; }'},
        {"notes.json": "{}", "order.json": json.dumps(ORDER), "money.json": json.dumps(MONEY)},
        {"order.json": json.dumps({**ORDER, "title": "order"})},
    ]
    for files in versions:
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(text)
        git("add", ".")
        git("commit", "-qm", "a version")
    code, (_, figures) = told(tmp_path)
    assert code == 0
    assert figures.split()[1:5] == ["3", "0", "0", "2"]
