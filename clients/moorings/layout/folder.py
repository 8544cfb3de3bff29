"""The folder of contracts, `schemas/`: a folder for each domain, in it the files of its events and their majors."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moorings.layout.contract_file import (
    ContractFile,
    corrected_name,
    is_meant_for_a_contract,
    split_file_name,
)
from moorings.layout.domain_file import FILE_NAME, DomainFile, is_domain_name, read_domain_file
from moorings.layout.event_file import EventFile, read_event_file, split_event_file_name
from moorings.layout.issues import Issue, Weight
from moorings.layout.major_file import MajorFile, read_major_file, split_major_file_name
from moorings.layout.paths_within import files_below, is_within
from moorings.layout.policy_keys import DEFAULT_KINDS
from moorings.layout.repository_file import NO_REPOSITORY, Repository, read_repository
from moorings.upcasting.mapping_file import split_mapping_name
from moorings_compat import DEFAULT_DIALECT, Dialect, JsonFields, Policy, ProtobufLevel
from moorings_compat.event_names import EventKind

_LARGEST_BYTES = 16 * 1024 * 1024
_CONTRACT_NAMES = "Name contracts as OrderPlaced.v1.avsc, OrderPlaced.v1.schema.json or OrderPlaced.v1.proto."
_NOT_A_CONTRACT = "What is not a contract gets a name that begins with _, and is ignored."


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of contracts as it was read, with the issues of what could not be read."""

    root: Path
    domains: tuple[DomainFile, ...]
    contracts: tuple[ContractFile, ...]
    issues: tuple[Issue, ...]
    mappings: tuple[Path, ...] = ()
    """Files of the earlier form that map one major of an event to the next."""
    events: tuple[EventFile, ...] = ()
    majors: tuple[MajorFile, ...] = ()
    repository: Repository = NO_REPOSITORY
    """What the `moorings.toml` beside the folder says."""

    def contract(self, subject: str, major: int) -> ContractFile | None:
        return next((one for one in self.contracts if (one.subject, one.major) == (subject, major)), None)

    def event(self, subject: str) -> EventFile | None:
        return next((one for one in self.events if one.subject == subject), None)

    def major(self, subject: str, major: int) -> MajorFile | None:
        return next((one for one in self.majors if (one.subject, one.major) == (subject, major)), None)

    def subjects(self, domain: str) -> list[str]:
        """Return the events of a domain, in whichever files they are, by name."""
        files: tuple[ContractFile | EventFile | MajorFile, ...] = (*self.contracts, *self.events, *self.majors)
        return sorted({one.subject for one in files if one.domain == domain})

    @property
    def own_domains(self) -> tuple[str, ...]:
        """The domains that are this repository's: those that `moorings.toml` names; without one, all of the folder."""
        names = tuple(one.domain for one in self.domains)
        return tuple(name for name in names if name in self.repository.owns) if self.repository.found else names

    @property
    def named_domains(self) -> tuple[str, ...]:
        """The domains of the folder that the repository has to do with: owned or consumed; without the file, all."""
        names = tuple(one.domain for one in self.domains)
        named = (*self.repository.owns, *self.repository.consumes)
        return tuple(name for name in names if name in named) if self.repository.found else names

    def errors(self, issues: Iterable[Issue], domains: Container[str]) -> tuple[Issue, ...]:
        """Return the errors that keep *domains* from being registered: theirs, and those of no domain at all."""
        known = {one.domain for one in self.domains}
        foreign = {name for name in known if name not in domains}
        return tuple(one for one in issues if one.weight is Weight.ERROR and self.domain_of(one.file) not in foreign)

    def domain_of(self, path: Path) -> str:
        """Return the domain in whose folder *path* is, or whose folder it is; empty for what is in none."""
        if not path.is_relative_to(self.root) or path == self.root:
            return ""
        name = path.relative_to(self.root).parts[0]
        return name if self.domain(name) is not None else ""

    def domain(self, name: str) -> DomainFile | None:
        return next((one for one in self.domains if one.domain == name), None)

    def names_policy(self, domain: str) -> str:
        """Return the naming policy of a domain: its own, an ancestor's, else past tense."""
        return str(self.policy_value(domain, "names", "past_tense"))

    def kinds(self, domain: str) -> tuple[str, ...]:
        """Return the kinds of events that a domain has: those that it lists, out of those of the domains above it."""
        kinds: tuple[str, ...] | None = None
        for policy in self._policies(domain):
            own = policy.get("kinds")
            if own is not None:
                kinds = tuple(own if kinds is None else (one for one in kinds if one in own))
        return DEFAULT_KINDS if kinds is None else kinds

    def kind(self, subject: str) -> EventKind:
        """Return the kind of an event: that of its file; else a fact, or a type where its domain has types alone."""
        event = self.event(subject)
        if event is not None:
            return event.kind
        kinds = self.kinds(subject.rpartition(".")[0])
        return EventKind.TYPE if EventKind.TYPE in kinds and EventKind.FACT not in kinds else EventKind.FACT

    def is_complete(self, domain: str) -> bool:
        """Whether a domain asks for complete facts: where it or one above says so, or none says anything."""
        said = [policy["complete"] for policy in self._policies(domain) if "complete" in policy]
        return any(said) or not said

    def comparison_policy(self, domain: str, *, conditions: bool = False) -> Policy:
        """Return the policy for comparisons in a domain: its own, an ancestor's, else the registry's default.

        *conditions* says whether rules are compared, which takes the extra `rules`.
        """
        return Policy(
            formats_asserted=self.policy_value(domain, "formats", "asserted") != "annotations",
            protobuf_level=ProtobufLevel(self.policy_value(domain, "protobuf_level", ProtobufLevel.WIRE)),
            json_fields=JsonFields(self.policy_value(domain, "json_fields", JsonFields.DECLARED)),
            conditions=conditions,
        )

    def json_dialect(self, domain: str) -> Dialect:
        """Return the draft in which *domain* reads JSON Schemas that name a dialect of another party."""
        return Dialect(self.policy_value(domain, "json_dialect", DEFAULT_DIALECT))

    def _policies(self, domain: str) -> list[Mapping[str, Any]]:
        """Return the policies of a domain and of those above it, from the top down."""
        parts = domain.split(".")
        names = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
        return [found.policy for name in names if (found := self.domain(name)) is not None]

    def policy_value(self, domain: str, key: str, default: Any) -> Any:
        """Return *key* of the nearest policy from *domain* upwards that has it; *default* if none has."""
        while domain:
            found = self.domain(domain)
            if found is not None and key in found.policy:
                return found.policy[key]
            domain = domain.rpartition(".")[0]
        return default


def read_folder(root: Path) -> Folder:
    """Read the whole folder, in alphabetical order; hidden files are skipped.

    Raises:
        FileNotFoundError: the folder does not exist.
    """
    if not root.is_dir():
        raise FileNotFoundError(
            f"folder not found: {root}; run this at the root of the repository, name the folder of contracts with"
            " --schemas, or write the first ones with moorings init"
        )
    reading = _FolderReader(root)
    for path in sorted(root.iterdir()):
        if path.name.startswith((".", "_")):
            continue
        if path.is_dir():
            reading.domain(path)
        elif is_meant_for_a_contract(path.name):
            advice = f"Move it into the folder of its domain: {root.name}/shop.orders/{path.name}."
            reading.issues.append(
                Issue(path, "FILE_MISPLACED", "a contract file outside the folder of a domain", advice)
            )
    repository = read_repository(root)
    return Folder(
        root,
        tuple(reading.domains),
        tuple(reading.contracts),
        (*repository.issues, *reading.issues),
        tuple(reading.mappings),
        tuple(reading.events),
        tuple(reading.majors),
        repository,
    )


class _FolderReader:
    """Reads the folders of domains, and collects what is in them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.domains: list[DomainFile] = []
        self.contracts: list[ContractFile] = []
        self.events: list[EventFile] = []
        self.majors: list[MajorFile] = []
        self.mappings: list[Path] = []
        self.issues: list[Issue] = []

    def domain(self, path: Path) -> None:
        if not self._is_within(path):
            return
        if not is_domain_name(path.name):
            advice = "Name it in lower case, with dots between the levels: shop.orders."
            self._refuse(path, "DOMAIN_NAME_INVALID", f"{path.name!r} is not the name of a domain", advice)
            return
        described = path / FILE_NAME
        if described.is_file() and self._is_within(described):
            domain, found = read_domain_file(described)
            self.issues.extend(found)
        else:
            domain = DomainFile(path.name, described)
            advice = f'Add {FILE_NAME} with at least owner = "team-name".'
            self._refuse(path, "DOMAIN_FILE_MISSING", f"the domain has no {FILE_NAME}", advice)
        self.domains.append(domain)
        for file in sorted(path.iterdir()):
            if file.name != FILE_NAME and not file.name.startswith((".", "_")):
                self._file(file, path.name)

    def _file(self, file: Path, domain: str) -> None:
        if not self._is_within(file):
            return
        if not file.is_file():
            self._unknown(file)
        elif split_file_name(file.name) is not None:
            self._contract(file, domain)
        elif split_event_file_name(file.name) is not None:
            event, found = read_event_file(file)
            self.issues.extend(found)
            self.events.extend([event] if event is not None else [])
        elif split_major_file_name(file.name) is not None:
            major, found = read_major_file(file)
            self.issues.extend(found)
            self.majors.extend([major] if major is not None else [])
        elif split_mapping_name(file.name) is not None:
            self.mappings.append(file)
        elif file.suffix.lower() not in (".md", ".txt"):
            self._unknown(file)

    def _contract(self, file: Path, domain: str) -> None:
        parts = split_file_name(file.name)
        assert parts is not None
        event, major, format = parts
        try:
            if file.stat().st_size > _LARGEST_BYTES:
                self._refuse(file, "SCHEMA_INVALID", f"larger than {_LARGEST_BYTES} bytes", "Split it.")
                return
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            self._refuse(file, "SCHEMA_INVALID", "not UTF-8", "Save it as UTF-8.")
        except OSError as error:
            self._refuse(file, "SCHEMA_INVALID", f"cannot be read: {error.strerror}", "Check its permissions.")
        else:
            self.contracts.append(ContractFile(file, domain, event, major, format, text))

    def _is_within(self, path: Path) -> bool:
        """Refuse what a symbolic link brings in from elsewhere."""
        if is_within(path, self.root):
            return True
        message = "a symbolic link that leads out of the folder of contracts; nothing outside of it is read"
        if not any(one.file == path for one in self.issues):
            self._refuse(path, "FILE_OUTSIDE", message, "Put the file itself here.")
        return False

    def _unknown(self, file: Path) -> None:
        """Refuse what is meant for a contract and would never be registered; name anything else that is not read."""
        if file.is_dir():
            meant = next(_schemas_below(file), None)
            message = f"the folder {file.name} is inside the folder of a domain, and nothing in it is read"
            if meant is None:
                self._warn(file, message, "Move it out of the folder of contracts.")
            else:
                advice = f"Move the file into {file.parent.name}. {_NOT_A_CONTRACT}"
                self._refuse(meant, "FILE_MISPLACED", message, advice)
        elif not file.is_file():
            self._warn(
                file, "a pipe, a socket or a device, so nothing reads it", "Move it out of the folder of contracts."
            )
        elif is_meant_for_a_contract(file.name):
            name = corrected_name(file.name, {one.name for one in file.parent.iterdir()})
            advice = f"Rename it to {name or 'EVENT.vMAJOR.ENDING, such as OrderPlaced.v1.avsc'}. {_NOT_A_CONTRACT}"
            self._refuse(file, "FILE_NAME_INVALID", _wrong_name(file.name), advice)
        else:
            self._warn(file, "not the name of a contract, so nothing reads this file", _CONTRACT_NAMES)

    def _warn(self, path: Path, message: str, advice: str) -> None:
        self.issues.append(Issue(path, "FILE_UNKNOWN", message, advice, Weight.WARNING))

    def _refuse(self, path: Path, code: str, message: str, advice: str) -> None:
        self.issues.append(Issue(path, code, message, advice))


def _schemas_below(folder: Path) -> Iterator[Path]:
    """Yield the schema files in *folder* and in the folders in it, but for what is hidden or begins with _."""
    for path in files_below(folder):
        if (
            not path.name.startswith((".", "_"))
            and path.suffix.lower() != ".toml"
            and is_meant_for_a_contract(path.name)
        ):
            yield path


def _wrong_name(name: str) -> str:
    """Say what is wrong with the name of a file that is meant for a contract."""
    if name.lower().endswith(".toml"):
        return f"{name} is not the name of an event's or a major's file, so nothing reads it"
    return f"{name} is not the name of a contract (EVENT.vMAJOR.ENDING), so it would never be registered"
