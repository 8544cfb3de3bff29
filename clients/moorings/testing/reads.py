"""Events that note which of their fields are touched, handed to the handlers of a consumer in its tests."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from moorings.codecs.formats import event_name
from moorings.contracts.contract import EventContract
from moorings.testing.payloads import adversarial, valid
from moorings_compat.fields import ANY, FieldTree, field_tree, pointer_of

REQUIRED, OPTIONAL = "required", "optional"
_Path = tuple[str, ...]


class Touched:
    """The fields that were touched of one major of an event."""

    def __init__(self) -> None:
        self._values: dict[_Path, str] = {}
        self._opened: dict[_Path, str] = {}

    def note(self, path: _Path, use: str, *, opened: bool) -> None:
        """Note that the value at *path* was read; of a collection, that it was *opened*."""
        kept = self._opened if opened else self._values
        if kept.get(path) != REQUIRED:
            kept[path] = use

    @property
    def fields(self) -> dict[str, str]:
        """Pointers with their uses; a collection is among them only where nothing inside it was touched."""
        found = dict(self._values)
        for path, use in self._opened.items():
            inside = (one for one in (*self._values, *self._opened) if one != path and one[: len(path)] == path)
            if not any(inside):
                found[path] = use
        return {pointer_of(path): use for path, use in sorted(found.items())}


class NotingDict(dict[str, Any]):
    """An object of an event; equal to the plain one, and noting what is read of it."""

    def __init__(self, plain: dict[str, Any], path: _Path, touched: Touched, tree: FieldTree | None) -> None:
        self._path, self._touched = path, touched
        self._children = tree.children() if tree is not None else {}
        noting = {
            key: _noting(value, (*path, self._step(key)), touched, self._children.get(self._step(key)))
            for key, value in plain.items()
        }
        super().__init__(noting)

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        self._note(key, value, REQUIRED)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        value = super().get(key, default)
        self._note(key, value, OPTIONAL)
        return value

    def pop(self, key: str, *default: Any) -> Any:
        value = super().pop(key, *default)
        self._note(key, value, OPTIONAL if default else REQUIRED)
        return value

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        if isinstance(key, str):
            self._note(key, super().get(key), OPTIONAL)
        return found

    def __iter__(self) -> Iterator[str]:  # defined so that dict(event) and **event ask for each value
        return super().__iter__()

    def items(self) -> Any:
        self._note_all()
        return super().items()

    def values(self) -> Any:
        self._note_all()
        return super().values()

    def copy(self) -> dict[str, Any]:
        self._note_all()
        return super().copy()

    def __eq__(self, other: object) -> bool:
        self._note_all()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def _step(self, key: str) -> str:
        """What a path calls the value of *key*: a key of a map may be anything."""
        return ANY if key not in self._children and ANY in self._children else key

    def _note(self, key: str, value: Any, use: str) -> None:
        opened = isinstance(value, NotingDict | NotingList)
        self._touched.note((*self._path, self._step(key)), use, opened=opened)

    def _note_all(self) -> None:
        for key, value in super().items():
            self._note(key, value, OPTIONAL)


class NotingList(list[Any]):
    """An array of an event; its items note what is read of them."""

    def __init__(self, plain: list[Any], path: _Path, touched: Touched, tree: FieldTree | None) -> None:
        inside = tree.children().get(ANY) if tree is not None else None
        super().__init__(_noting(one, (*path, ANY), touched, inside) for one in plain)
        self._path, self._touched = path, touched

    def __getitem__(self, index: Any) -> Any:
        self._note()
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[Any]:
        self._note()
        return super().__iter__()

    def __len__(self) -> int:
        self._note()
        return super().__len__()

    def __contains__(self, item: object) -> bool:
        self._note()
        return super().__contains__(item)

    def __eq__(self, other: object) -> bool:
        self._note()
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def _note(self) -> None:
        self._touched.note(self._path, REQUIRED, opened=True)


class ReadRecorder:
    """Records what the handlers of applications touch, for `moorings consumers record`."""

    def __init__(self) -> None:
        self._touched: dict[tuple[str, str, int], Touched] = {}

    def events(self, application: str, contract: EventContract, n: int = 10, seed: int = 0) -> Iterator[Any]:
        """Yield generated events of *contract*, ordinary and edge-case ones, that note what *application* touches.

        Raises:
            TypeError: the handle gives objects of a class, which cannot note anything.
        """
        for event in valid(contract, n=n, seed=seed):
            yield self.noting(application, contract, event)
        for payload in adversarial(contract, seed=seed):
            yield self.noting(application, contract, payload.event)

    def noting(self, application: str, contract: EventContract, event: Any) -> Any:
        """Return *event* so that it notes which of its fields *application* touches.

        Raises:
            TypeError: it is not a dict.
        """
        if not isinstance(event, dict):
            kind = type(event).__name__
            raise TypeError(f"events of {contract.subject} are {kind} objects here; record with a plain handle")
        touched = self._of(application, contract.subject, contract.major)
        tree = field_tree(contract.schemas[1], event_name(contract.subject))
        return NotingDict(event, (), touched, tree)

    def fields(self, application: str, subject: str, major: int = 1) -> dict[str, str]:
        """The pointers that were touched so far, each with its use."""
        return self._of(application, subject, major).fields

    def write(self, folder: Path, process: str) -> None:
        """Write what was recorded into *folder*, a file for each application and *process* of the test session."""
        by_application: dict[str, list[dict[str, Any]]] = {}
        for (application, subject, major), touched in sorted(self._touched.items()):
            read = {"event": subject, "major": major, "fields": touched.fields}
            by_application.setdefault(application, []).append(read)
        for application, reads in by_application.items():
            folder.mkdir(parents=True, exist_ok=True)
            text = json.dumps({"application": application, "reads": reads}, indent=2)
            (folder / f"{application}.{process}.json").write_text(text, "utf-8")

    def _of(self, application: str, subject: str, major: int) -> Touched:
        return self._touched.setdefault((application, subject, major), Touched())


def _noting(value: Any, path: _Path, touched: Touched, tree: FieldTree | None) -> Any:
    if value.__class__ is dict:
        return NotingDict(value, path, touched, tree)
    if value.__class__ is list:
        return NotingList(value, path, touched, tree)
    return value
