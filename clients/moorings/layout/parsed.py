"""The contracts of a folder, parsed with their references from the same folder, without a registry."""

from collections.abc import Iterator

from moorings.layout.contract_file import ContractFile
from moorings.layout.folder import Folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.positions import position_of
from moorings.layout.references import ContractUse, uses_of
from moorings_compat import ProtobufCompilerUnavailable, Reference, ResolvedReference, Schema, SchemaError, parse


class Parsed:
    """Parses contracts on demand, each once; `issues` collects what is wrong with them.

    The version of a reference is the major of its file: only a registry knows real versions.
    """

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.issues: list[Issue] = []
        self._schemas: dict[tuple[str, int], Schema | None] = {}
        self._uses: dict[tuple[str, int], tuple[ContractUse, ...]] = {}
        self._open: list[ContractFile] = []

    def uses(self, contract: ContractFile) -> tuple[ContractUse, ...]:
        key = (contract.subject, contract.major)
        if key not in self._uses:
            self._uses[key] = uses_of(contract, self.folder)
        return self._uses[key]

    def schema(self, contract: ContractFile) -> Schema | None:
        """Return the parsed contract; None if it, or a contract that it uses, cannot be parsed here."""
        key = (contract.subject, contract.major)
        if key in self._schemas:
            return self._schemas[key]
        if contract in self._open:
            circle = " → ".join(one.label for one in [*self._open[self._open.index(contract) :], contract])
            self._refuse(contract, "REFERENCE_CIRCLE", f"references form a circle: {circle}", "Break the circle.")
            return None
        self._open.append(contract)
        try:
            schema = self._parse(contract)
        finally:
            self._open.pop()
        return self._schemas.setdefault(key, schema)

    def in_order(self) -> Iterator[ContractFile]:
        """Yield every contract after those that it uses, otherwise by name."""
        given: set[tuple[str, int]] = set()

        def visit(contract: ContractFile, above: tuple[ContractFile, ...]) -> Iterator[ContractFile]:
            key = (contract.subject, contract.major)
            if key in given or contract in above:
                return
            for use in self.uses(contract):
                target = self.folder.contract(use.subject, use.major)
                if target is not None:
                    yield from visit(target, (*above, contract))
            if key not in given:
                given.add(key)
                yield contract

        for contract in self.folder.contracts:
            yield from visit(contract, ())

    def _parse(self, contract: ContractFile) -> Schema | None:
        resolved = []
        for use in self.uses(contract):
            target = self.folder.contract(use.subject, use.major)
            if use.problem:
                self._refuse(contract, "REFERENCE_UNRESOLVED", f"{use.name!r} is used: {use.problem}", "", use.name)
                return None
            if target is None:
                message = f"{use.name!r} is {use.subject} v{use.major}, which only the registry has"
                self._note(contract, "REFERENCE_EXTERNAL", message)
                return None
            schema = self.schema(target)
            if schema is None:
                message = f"{use.name!r} is used, and {target.label} cannot be parsed"
                self._refuse(contract, "REFERENCE_UNRESOLVED", message, "Correct that contract first.", use.name)
                return None
            resolved.append(ResolvedReference(Reference(use.name, use.subject, use.major), schema))
        try:
            dialect = self.folder.json_dialect(contract.domain)
            return parse(contract.text, contract.format, resolved, dialect=dialect)
        except SchemaError as error:
            for problem in error.problems:
                line, column = position_of(contract.text, problem.where)
                self.issues.append(
                    Issue(contract.path, error.code, problem.message, "", Weight.ERROR, problem.where, line, column)
                )
        except ProtobufCompilerUnavailable as error:
            self._note(contract, error.code, str(error))
        return None

    def _refuse(self, contract: ContractFile, code: str, message: str, advice: str, name: str = "") -> None:
        offset = contract.text.find(f'"{name}') if name else -1
        line = contract.text.count("\n", 0, offset) + 1 if offset >= 0 else 1
        self.issues.append(Issue(contract.path, code, message, advice, line=line))

    def _note(self, contract: ContractFile, code: str, message: str) -> None:
        self.issues.append(Issue(contract.path, code, message, weight=Weight.NOTE))
