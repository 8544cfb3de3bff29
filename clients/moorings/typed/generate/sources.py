"""Contracts to generate from: those of a folder, or those of a registry."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from moorings.api.api import Api
from moorings.errors import ContractUnknown
from moorings.event_model.event_formats import event_model_of
from moorings.event_model.model import EventModel
from moorings.layout import ContractFile, Folder, Parsed
from moorings.layout.lock_file import Lock
from moorings.registry import Registry
from moorings.typed.contract_value import Contract, ContractReference
from moorings.typed.generate.internal_fields import STRIP, is_own, without_internal
from moorings.typed.generate.plan import ContractSource
from moorings_compat import Reference, ResolvedReference, Schema, content_guid


def from_folder(folder: Folder, subjects: Iterable[str] = ()) -> tuple[list[ContractSource], list[str]]:
    """Read the contracts of a folder, each after those it uses; and what could not be read, as sentences.

    With *subjects* only those; else those of the domains that `moorings.toml` names, and what they use. The lock file
    counts for a file as long as the digest that it pins is the file's. Those of domains that the repository does not
    own come without their internal fields.
    """
    parsed, lock, wanted = Parsed(folder), Lock.read(folder.root), set(subjects)
    sources, problems = [], []
    chosen = _chosen(folder, parsed, wanted)
    for contract in parsed.in_order():
        if (contract.subject, contract.major) not in chosen:
            continue
        schema = parsed.schema(contract)
        if schema is None:
            continue
        uses = tuple((use.subject, use.major) for use in parsed.uses(contract))
        model = _file_model(folder, lock, contract, schema)
        sources.append(ContractSource(_file_contract(contract, schema, lock), model, uses))
    known = {source.contract.subject for source in sources}
    problems += [f"{issue.file}: {issue.message}" for issue in parsed.issues]
    problems += [f"the folder has no contract {subject}" for subject in sorted(wanted - known)]
    return sources, problems


def _file_model(folder: Folder, lock: Lock, contract: ContractFile, schema: Schema) -> EventModel:
    model = event_model_of(schema, contract.subject, docs=True)
    pulled = () if folder.repository.found else lock.consumed
    own = [one for one in folder.own_domains if one not in pulled]
    if is_own(contract.domain, own) or folder.policy_value(contract.domain, "internal", STRIP) != STRIP:
        return model
    major = folder.major(contract.subject, contract.major)
    return without_internal(model, schema, major.metadata if major is not None else None)


def _chosen(folder: Folder, parsed: Parsed, wanted: set[str]) -> set[tuple[str, int]]:
    """Return what to generate, by subject and major: what is *wanted*, else what the repository has and uses."""
    if wanted:
        return {(one.subject, one.major) for one in folder.contracts if one.subject in wanted}
    waiting = [one for one in folder.contracts if one.domain in folder.named_domains]
    chosen: set[tuple[str, int]] = set()
    while waiting:
        contract = waiting.pop()
        if (contract.subject, contract.major) not in chosen:
            chosen.add((contract.subject, contract.major))
            used = (folder.contract(use.subject, use.major) for use in parsed.uses(contract))
            waiting.extend(one for one in used if one is not None)
    return chosen


def _file_contract(contract: ContractFile, schema: Schema, lock: Lock) -> Contract:
    references = tuple(_file_reference(one, lock) for one in schema.references)
    guid = _guid(schema, references)
    pinned = lock.find(contract.subject, contract.major)
    label = pinned.label if pinned is not None and pinned.guid == guid else None
    return Contract(contract.subject, contract.major, label, guid, str(schema.format), schema.text, references)


def _file_reference(resolved: ResolvedReference, lock: Lock) -> ContractReference:
    """Describe a reference of a file: its version there is the major, and the lock file has the real one."""
    reference, schema = resolved.reference, resolved.schema
    inner = tuple(_file_reference(one, lock) for one in schema.references)
    pinned = lock.find(reference.subject, reference.version)
    guid = _guid(schema, inner)
    version = pinned.version if pinned is not None and pinned.guid == guid else None
    return ContractReference(reference.name, reference.subject, version, schema.text, inner)


def _guid(schema: Schema, references: tuple[ContractReference, ...]) -> str | None:
    """Compute the guid of a contract; None where a reference's version is not known."""
    if any(one.version is None for one in references):
        return None
    named = [Reference(one.name, one.subject, one.version or 0) for one in references]
    return str(content_guid(schema.format, schema.identity, named, None, None))


def from_registry(registry: Registry, subjects: Iterable[str], own: Iterable[str] = ()) -> list[ContractSource]:
    """Read every major of *subjects* that is not retired, in its latest revision.

    Those of domains that are not the application's *own* come without their internal fields.

    Raises:
        ContractUnknown: the registry has no such event.
    """
    sources = []
    own = tuple(own)
    for subject in sorted(set(subjects)):
        event = registry.api.event(subject)
        hides = event is not None and event.internal_fields == STRIP
        for major in _majors(registry.api, subject):
            handle = registry.event(subject, major)
            version, schema = handle.latest, handle.schema
            references = tuple(_registered_reference(one) for one in schema.references)
            contract = Contract(
                subject, major, version.label, str(version.guid), str(schema.format), schema.text, references
            )
            model = event_model_of(schema, subject, docs=True)
            if hides and not is_own(subject.rpartition(".")[0], own):
                model = without_internal(model, schema, version.metadata)
            sources.append(ContractSource(contract, model))
    keys = [source.key for source in sources]
    return [
        replace(source, uses=tuple(key for key in keys if key[0] in _used_subjects(source.contract.references)))
        for source in sorted(sources, key=lambda one: (_depth(one.contract.references), one.key))
    ]


def _used_subjects(references: tuple[ContractReference, ...]) -> set[str]:
    return {one.subject for one in references}.union(*(_used_subjects(one.references) for one in references))


def _depth(references: tuple[ContractReference, ...]) -> int:
    """Count how deep references go: a contract that is used goes less deep than its user, and so comes first."""
    return 1 + max((_depth(one.references) for one in references), default=-1)


def _majors(api: Api, subject: str) -> Iterator[int]:
    event = api.event(subject)
    if event is None:
        raise ContractUnknown(subject, 1)
    yield from (one.major for one in event.majors if one.state != "retired" and one.latest is not None)


def _registered_reference(resolved: ResolvedReference) -> ContractReference:
    reference, schema = resolved.reference, resolved.schema
    inner = tuple(_registered_reference(one) for one in schema.references)
    return ContractReference(reference.name, reference.subject, reference.version, schema.text, inner)
