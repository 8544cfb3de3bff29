"""The contracts of a folder, parsed with their references from the same folder, without a registry."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from moorings.layout.contract_file import ContractFile
from moorings.layout.folder import Folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.positions import position_of
from moorings.layout.references import ContractUse, References
from moorings_compat import (
    LARGEST_LIMITS,
    Format,
    ProtobufCompilerUnavailable,
    Reference,
    ResolvedReference,
    Schema,
    SchemaError,
    parse,
)


class Parsed:
    """Parses contracts on demand, each file once; `issues` collects what is wrong with them.

    The version of a reference is the major of its file: only a registry knows real versions.
    """

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.issues: list[Issue] = []
        self._references = References(folder)
        self._schemas: dict[Path, Schema | None] = {}  # by file: by mistake, two may be one major
        self._uses: dict[Path, tuple[ContractUse, ...]] = {}
        self._open: list[ContractFile] = []

    def uses(self, contract: ContractFile) -> tuple[ContractUse, ...]:
        if contract.path not in self._uses:
            self._uses[contract.path] = self._references.uses(contract)
        return self._uses[contract.path]

    def schema(self, contract: ContractFile) -> Schema | None:
        """Return the parsed contract; None if it, or a contract that it uses, cannot be parsed here."""
        if contract.path in self._schemas:
            return self._schemas[contract.path]
        if contract in self._open:
            circle = " → ".join(one.label for one in [*self._open[self._open.index(contract) :], contract])
            advice = "Move what they share into a contract of its own, or put them into one contract."
            self._refuse(contract, "REFERENCE_CIRCLE", f"references form a circle: {circle}", advice)
            return None
        self._open.append(contract)
        try:
            schema = self._parse(contract)
        finally:
            self._open.pop()
        return self._schemas.setdefault(contract.path, schema)

    def in_order(self) -> Iterator[ContractFile]:
        """Yield every contract after those that it uses, otherwise by name."""
        given: set[Path] = set()

        def visit(contract: ContractFile, above: tuple[ContractFile, ...]) -> Iterator[ContractFile]:
            if contract.path in given or contract in above:
                return
            for use in self.uses(contract):
                target = self.folder.contract(use.subject, use.major)
                if target is not None:
                    yield from visit(target, (*above, contract))
            if contract.path not in given:
                given.add(contract.path)
                yield contract

        for contract in self.folder.contracts:
            yield from visit(contract, ())

    def _parse(self, contract: ContractFile) -> Schema | None:
        resolved: list[ResolvedReference] = []
        failed = False
        for use in self.uses(contract):
            schema = self._used(contract, use)
            failed = failed or schema is None
            if schema is not None:
                resolved.append(ResolvedReference(Reference(use.name, use.subject, use.major), schema))
        return None if failed or self._is_imported_twice(contract, resolved) else self._compile(contract, resolved)

    def _used(self, contract: ContractFile, use: ContractUse) -> Schema | None:
        """Return what *contract* uses; None, and an issue, where it cannot be had."""
        target = self.folder.contract(use.subject, use.major)
        if use.problem:
            self._refuse(contract, "REFERENCE_UNRESOLVED", f"{use.written!r} is used: {use.problem}", "", use)
            return None
        if target is None:
            message = f"{use.written!r} is {use.subject} v{use.major}, which only the registry has"
            self._note(contract, "REFERENCE_EXTERNAL", message)
            return None
        schema = self.schema(target)
        if schema is None:
            message = f"{use.written!r} is used, and {target.label} cannot be parsed"
            self._refuse(contract, "REFERENCE_UNRESOLVED", message, "Correct that contract first.", use)
        return schema

    def _is_imported_twice(self, contract: ContractFile, resolved: Sequence[ResolvedReference]) -> bool:
        """Refuse a `.proto` that gets one file under two paths: to protoc, all in it would be defined twice."""
        paths: dict[tuple[str, int], str] = {}
        waiting = list(resolved) if contract.format is Format.PROTOBUF else []
        while waiting:
            one = waiting.pop(0)
            key = (one.reference.subject, one.reference.version)
            known = paths.setdefault(key, one.reference.name)
            if known != one.reference.name:
                message = (
                    f"{key[0]} v{key[1]} is imported as {known!r} here, and as {one.reference.name!r} by what it uses"
                )
                use = next((use for use in self.uses(contract) if use.name == known), None)
                self._refuse(contract, "REFERENCE_UNRESOLVED", message, "Write the same path in both.", use)
                return True
            waiting.extend(one.schema.references)
        return False

    def _compile(self, contract: ContractFile, resolved: Sequence[ResolvedReference]) -> Schema | None:
        try:
            dialect = self.folder.json_dialect(contract.domain)
            return parse(contract.text, contract.format, resolved, LARGEST_LIMITS, dialect=dialect)
        except SchemaError as error:
            for problem in error.problems:
                line, column = position_of(contract.text, problem.where)
                self.issues.append(
                    Issue(contract.path, error.code, problem.message, "", Weight.ERROR, problem.where, line, column)
                )
        except ProtobufCompilerUnavailable as error:
            self._note(contract, error.code, str(error))
        return None

    def _refuse(
        self, contract: ContractFile, code: str, message: str, advice: str, use: ContractUse | None = None
    ) -> None:
        line, column = _position(contract.text, use) if use is not None else (1, 0)
        self.issues.append(Issue(contract.path, code, message, advice, line=line, column=column))

    def _note(self, contract: ContractFile, code: str, message: str) -> None:
        self.issues.append(Issue(contract.path, code, message, weight=Weight.NOTE))


def _position(text: str, use: ContractUse) -> tuple[int, int]:
    """Return line and column of the name that is used; of a type of Avro, where its short name stands first."""
    if use.place:
        return position_of(text, use.place)
    names = (f'"{use.name}"', f'"{use.name.rpartition(".")[2]}"')
    offset = next((found for name in names if (found := text.find(name)) >= 0), 0)
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
