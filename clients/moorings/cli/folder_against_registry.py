"""`moorings check`: the whole folder compared with the registry, as a push would be decided; nothing is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from moorings.api.api import Api
from moorings.api.domain_contracts import DomainContracts
from moorings.cli.kept_checks import KeptChecks
from moorings.cli.results import Checked
from moorings.cli.verify import ABOUT_CONTENT, check_contract
from moorings.contracts.schema_cache import BlockingSchemaCache
from moorings.errors import NotAllowed, RegistryRefused, advice_of, places_of
from moorings.layout import ContractFile, Folder, Issue, Parsed, Weight, lint, split_file_name
from moorings.layout.domain_file import DomainFile
from moorings.layout.lock_file import Lock
from moorings.layout.lowered_policies import lowered_policies
from moorings.sync.matching import Matching
from moorings.sync.push_plan import VERSION, Part, Plan, plan_push

_REPORTED = "SCHEMA_INCOMPATIBLE"
"""A refusal that the check of the contract itself shows, with its findings."""


def check_folder_against_registry(
    api: Api, root: Path, level: str | None, kept: KeptChecks | None = None
) -> list[Checked]:
    """Check every contract of the repository's own domains, and everything else that files say of them.

    With *kept*, the registry keeps the checks of those contracts that are compared with earlier revisions.

    Raises:
        FileNotFoundError: the folder does not exist.
    """
    folder, issues = lint(root)
    check = _Check(Matching(api, Parsed(folder), Lock.read(root)), BlockingSchemaCache(api), tuple(issues), level, kept)
    return list(check.results())


@dataclass(slots=True)
class _Check:
    matching: Matching
    schemas: BlockingSchemaCache
    issues: tuple[Issue, ...]
    level: str | None
    kept: KeptChecks | None = None

    @property
    def folder(self) -> Folder:
        return self.matching.parsed.folder

    def results(self) -> Iterator[Checked]:
        """Yield the files of no domain with errors, contracts, the other files with faults, and what is missing."""
        own = self.folder.own_domains
        everywhere = [one for one in self.folder.errors(self.issues, own) if not self.folder.domain_of(one.file)]
        for file in dict.fromkeys(one.file for one in everywhere):
            yield Checked(str(file), "invalid", "", file, problems=self._errors_of(file))
        checked = [self._contract(one) for one in self.matching.parsed.in_order() if one.domain in own]
        faults = [one for name in own for one in self._decided(name)]
        names = {one.name for one in checked}
        for one in checked:
            said = {problem.code for problem in one.problems}
            of_schema = [fault for fault in faults if fault.file == one.file and fault.code not in said]
            of_settings = [fault for fault in faults if _name(self.folder, fault.file) == one.name]
            problems = (*of_schema, *of_settings)
            yield replace(one, verdict="invalid", problems=(*one.problems, *problems)) if problems else one
        schemas = {one.file for one in checked}
        left = [one.file for one in faults if one.file not in schemas and _name(self.folder, one.file) not in names]
        for file in dict.fromkeys(left):
            problems = tuple(one for one in faults if one.file == file)
            yield Checked(_name(self.folder, file), "invalid", "", file, problems=problems)
        for name in own:
            yield from self._missing(name)

    def _contract(self, contract: ContractFile) -> Checked:
        own = self._errors_of(contract.path)
        if own:
            return Checked(contract.label, "invalid", "", contract.path, contract.text, problems=own)
        return check_contract(self.matching, self.schemas, contract, self.level, self.kept)

    def _decided(self, name: str) -> list[Issue]:
        """Return the errors in a domain's other files, and what the registry would refuse of the rest."""
        domain = self.folder.domain(name)
        texts = {one.path for one in self.folder.contracts}
        errors = self.folder.errors(self.issues, (name,))
        found = [one for one in errors if self.folder.domain_of(one.file) == name and one.file not in texts]
        if domain is None or found or any(self._errors_of(one) for one in texts if one.parent.name == name):
            return found
        known = self.matching.registered(name)
        if known is not None:
            found += lowered_policies(self.folder, _as_registered(known), domain, "the registry")
        others = [one for one in self.folder.contracts if one.domain != name and one.domain in self.folder.own_domains]
        waiting = [(one.subject, one.major) for one in others if self.matching.version(one) is None]
        plan = plan_push(self.matching, domain, waiting)
        try:
            self.matching.api.put_contracts(name, plan.body, dry_run=True)
        except NotAllowed:
            raise
        except RegistryRefused as refused:
            found += self._refusals(plan, refused, domain.path, lowered=bool(found))
        return found

    def _refusals(self, plan: Plan, refused: RegistryRefused, path: Path, *, lowered: bool) -> Iterator[Issue]:
        """Yield what the registry says of each part, but for findings, which the check of the contract shows."""
        parts = [one for one in refused.errors if one.get("code")]
        if not parts:
            yield Issue(path, refused.code, refused.detail, refused.fix)
        for error in parts:
            part = plan.part(str(error.get("pointer", "")))
            if error["code"] == _REPORTED or part is None:
                continue
            if part.kind == "domain" and lowered:
                continue  # said already, with its line
            file = self._file_of(part, str(error["code"]), path)
            yield Issue(file, str(error["code"]), _detail(error), advice_of(error))

    def _file_of(self, part: Part, code: str, otherwise: Path) -> Path:
        event, own = self.folder.event(part.subject), self.folder.major(part.subject, part.major)
        contract = self.folder.contract(part.subject, part.major)
        if part.kind == VERSION and contract is not None:
            return own.path if own is not None and code in ABOUT_CONTENT else contract.path
        if part.kind == "event" and event is not None:
            return event.path
        return own.path if own is not None else otherwise

    def _missing(self, name: str) -> Iterator[Checked]:
        """Yield the majors that are registered and in use, and that the folder does not have."""
        known = self.matching.registered(name)
        weight = Weight.ERROR if self.folder.repository.found else Weight.WARNING
        for event in known.events if known is not None else ():
            short = event.subject.rpartition(".")[2]
            for major in event.majors:
                label, state = f"{event.subject} v{major.major}", major.state
                is_file = split_file_name(f"{short}.v{major.major}.avsc") is not None
                if not is_file or state == "retired" or self.folder.contract(event.subject, major.major) is not None:
                    continue
                advice = "Deprecate it, and retire it after its sunset; or write its file again: moorings pull."
                file = self.folder.root / name
                issue = Issue(file, "CONTRACT_DELETED", f"{label} is still registered, and {state}", advice, weight)
                verdict = "invalid" if weight is Weight.ERROR else "clean"
                yield Checked(label, verdict, "", file, problems=(issue,), note="not in the folder")

    def _errors_of(self, file: Path) -> tuple[Issue, ...]:
        return tuple(one for one in self.issues if one.file == file and one.weight is Weight.ERROR)


def _as_registered(known: DomainContracts) -> Folder:
    """Return a folder whose only domain is as the registry has it."""
    domain = known.domain
    return Folder(Path(), (DomainFile(domain.domain, Path(), domain.owner, policy=domain.policy),), (), ())


def _name(folder: Folder, file: Path) -> str:
    """Return what a file is about, as results name it."""
    files: tuple[Any, ...] = (*folder.events, *folder.majors)
    found = next((one for one in files if one.path == file), None)
    if found is not None:
        return str(getattr(found, "label", found.subject))
    return file.parent.name if file.name == "domain.toml" else str(file)


def _detail(error: Mapping[str, Any]) -> str:
    inside = error.get("errors")
    found = inside if isinstance(inside, list) else ()
    said = str(error.get("detail", ""))
    return said + places_of(found[:5], said)
