"""The folder of contracts, `schemas/`: a folder for each domain, with a `domain.toml`, and a file for each major."""

from dataclasses import dataclass
from pathlib import Path

from moorings.layout.contract_file import ContractFile, split_file_name
from moorings.layout.domain_file import FILE_NAME, DomainFile, is_domain_name, read_domain_file
from moorings.layout.issues import Issue, Weight
from moorings.upcasting.mapping_file import split_mapping_name
from moorings_compat import JsonFields, Policy, ProtobufLevel

_LARGEST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of contracts as it was read, with the issues of what could not be read."""

    root: Path
    domains: tuple[DomainFile, ...]
    contracts: tuple[ContractFile, ...]
    issues: tuple[Issue, ...]
    mappings: tuple[Path, ...] = ()
    """Files that map one major of an event to the next."""

    def contract(self, subject: str, major: int) -> ContractFile | None:
        return next((one for one in self.contracts if (one.subject, one.major) == (subject, major)), None)

    def domain(self, name: str) -> DomainFile | None:
        return next((one for one in self.domains if one.domain == name), None)

    def names_policy(self, domain: str) -> str:
        """Return the naming policy of a domain: its own, an ancestor's, else past tense."""
        return self._policy(domain, "names") or "past_tense"

    def comparison_policy(self, domain: str) -> Policy:
        """Return the policy for comparisons in a domain: its own, an ancestor's, else the registry's default."""
        level, fields = self._policy(domain, "protobuf_level"), self._policy(domain, "json_fields")
        return Policy(
            formats_asserted=self._policy(domain, "formats") != "annotations",
            protobuf_level=ProtobufLevel(level) if level in tuple(ProtobufLevel) else ProtobufLevel.WIRE,
            json_fields=JsonFields(fields) if fields in tuple(JsonFields) else JsonFields.DECLARED,
        )

    def _policy(self, domain: str, key: str) -> str:
        """Return *key* of the nearest policy from *domain* upwards that has it; empty if none has."""
        while domain:
            found = self.domain(domain)
            if found is not None and key in found.policy:
                return str(found.policy[key])
            domain = domain.rpartition(".")[0]
        return ""


def read_folder(root: Path) -> Folder:
    """Read the whole folder, in alphabetical order; hidden files are skipped.

    Raises:
        FileNotFoundError: the folder does not exist.
    """
    if not root.is_dir():
        raise FileNotFoundError(f"folder not found: {root}; name the folder of contracts with --schemas")
    domains: list[DomainFile] = []
    contracts: list[ContractFile] = []
    issues: list[Issue] = []
    for path in sorted(root.iterdir()):
        if path.name.startswith((".", "_")):
            continue
        if path.is_dir():
            _read_domain(path, domains, contracts, issues)
        elif split_file_name(path.name) is not None:
            advice = "Move it into the folder of its domain."
            issues.append(Issue(path, "FILE_MISPLACED", "a contract file outside the folder of a domain", advice))
    mappings = [file for one in domains for file in _mappings(root / one.domain)]
    return Folder(root, tuple(domains), tuple(contracts), tuple(issues), tuple(mappings))


def _read_domain(path: Path, domains: list[DomainFile], contracts: list[ContractFile], issues: list[Issue]) -> None:
    if not is_domain_name(path.name):
        advice = "Name it in lower case, with dots between the levels: shop.orders."
        issues.append(Issue(path, "DOMAIN_NAME_INVALID", f"{path.name!r} is not the name of a domain", advice))
        return
    described = path / FILE_NAME
    if described.is_file():
        domain, found = read_domain_file(described)
        issues.extend(found)
    else:
        domain = DomainFile(path.name, described)
        advice = f'Add {FILE_NAME} with at least owner = "team-name".'
        issues.append(Issue(path, "DOMAIN_FILE_MISSING", f"the domain has no {FILE_NAME}", advice))
    domains.append(domain)
    for file in sorted(path.iterdir()):
        if file.name != FILE_NAME and not file.name.startswith((".", "_")):
            _read_contract(file, path.name, contracts, issues)


def _mappings(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.iterdir()) if split_mapping_name(file.name) is not None]


def _read_contract(file: Path, domain: str, contracts: list[ContractFile], issues: list[Issue]) -> None:
    parts = split_file_name(file.name)
    if parts is None or not file.is_file():
        if split_mapping_name(file.name) is None and file.suffix.lower() not in (".md", ".txt"):
            advice = "Name contracts as OrderPlaced.v1.avsc, OrderPlaced.v1.schema.json or OrderPlaced.v1.proto."
            issues.append(Issue(file, "FILE_UNKNOWN", "not the name of a contract", advice, Weight.WARNING))
        return
    event, major, format = parts
    try:
        if file.stat().st_size > _LARGEST_BYTES:
            issues.append(Issue(file, "SCHEMA_INVALID", f"larger than {_LARGEST_BYTES} bytes", "Split it."))
            return
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        issues.append(Issue(file, "SCHEMA_INVALID", "not UTF-8", "Save it as UTF-8."))
        return
    except OSError as error:
        issues.append(Issue(file, "SCHEMA_INVALID", f"cannot be read: {error.strerror}", "Check its permissions."))
        return
    contracts.append(ContractFile(file, domain, event, major, format, text))
