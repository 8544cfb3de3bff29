"""What a generated class knows of its contract: enough to read it again without any registry."""

from dataclasses import dataclass

from moorings_compat import Format, Reference, ResolvedReference, Schema, parse


@dataclass(frozen=True, slots=True)
class ContractReference:
    """A contract that another one uses, whole. `version` is None where no registry has given it."""

    name: str
    subject: str
    version: int | None
    schema: str
    references: "tuple[ContractReference, ...]" = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """One revision of a contract; `label` and `guid` are None where no registry has given them."""

    subject: str
    major: int
    label: str | None
    guid: str | None
    format: str
    schema: str
    references: tuple[ContractReference, ...] = ()

    def parsed(self) -> Schema:
        """Parse the contract again; nothing is fetched.

        Raises:
            SchemaError: the text was changed.
        """
        format = Format(self.format)
        return parse(self.schema, format, [_resolved_reference(one, format) for one in self.references])


def _resolved_reference(reference: ContractReference, format: Format) -> ResolvedReference:
    inner = [_resolved_reference(one, format) for one in reference.references]
    schema = parse(reference.schema, format, inner)
    return ResolvedReference(Reference(reference.name, reference.subject, reference.version or 1), schema)
