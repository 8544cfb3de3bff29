"""Unions on either side: a written branch that the reader does not take, and branches that decoders disagree about."""

from functools import partial

from moorings_compat.avro.branches import BranchChoice
from moorings_compat.avro.edits import add_branch, read_as_written, write_as_read
from moorings_compat.avro.faults import Fault, NodePair
from moorings_compat.avro.model import Union
from moorings_compat.avro.schema_pair import SchemaPair
from moorings_compat.findings import Severity
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

BRANCH_UNREADABLE = Rule(
    code="AVRO_UNION_BRANCH_UNREADABLE",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="written branch that the reader's type does not take",
    why="Any branch of the writer's union may be written, and the reader, which is not a union, takes only one type.",
    fix="Keep the union on the reader's side for as long as any branch of it may be written.",
    source="Avro 1.12, Schema Resolution: if writer's is a union, but reader's is not",
    mirror="AVRO_UNION_NO_BRANCH",
    example='writer: ["null","string"]  reader: "string"',
)
NO_BRANCH = Rule(
    code="AVRO_UNION_NO_BRANCH",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="reader's union without a branch for what is written",
    why="No branch of the reader's union matches the written type, so there is nothing to read it as.",
    fix="Keep every branch that may be written; add a branch for readers before it is written.",
    source="Avro 1.12, Schema Resolution: the first schema in the reader's union that matches",
    mirror="AVRO_UNION_BRANCH_UNREADABLE",
    example='writer: "string"  reader: ["null","int"]',
)
BRANCH_MISTAKEN = Rule(
    code="AVRO_UNION_BRANCH_MISTAKEN",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="branch of the same name and another kind",
    why="Decoders that compare only unqualified names, fastavro among them, take the first branch of the written "
    "name, although it is of another kind: a record, an enum or a fixed.",
    fix="Give the types of one union different names, not only different namespaces.",
    source="Avro 1.12, Unions; fastavro 1.13, reading unions",
    mirror="none: a writer's union says which branch was written",
    example="writer: record b.P  reader: a union of enum a.P and record b.P",
)
BRANCHES_ALIKE = Rule(
    code="AVRO_UNION_BRANCHES_ALIKE",
    format=Format.AVRO,
    severity=Severity.CHANGES_MEANING,
    title="branches of the same name, among which decoders choose differently",
    why="The specification takes the first branch of the written unqualified name, Java the one of the full name. "
    "Libraries read the same bytes as different types.",
    fix="Give the types of one union different names, not only different namespaces.",
    source="Avro 1.12, Schema Resolution: the first schema in the reader's union that matches",
    mirror="none: a writer's union says which branch was written",
    example="writer: record b.P  reader: a union of record a.P and record b.P",
)
BRANCH_ORDER = Rule(
    code="AVRO_UNION_BRANCH_ORDER",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="promotion that comes before the written type",
    why="The specification takes the first branch that matches, by promotion too, so the value becomes another type "
    "although the union has its own type later; Java takes its own.",
    fix="Put the narrower type before those that it is promoted to.",
    source="Avro 1.12, Schema Resolution: the first schema in the reader's union that matches",
    mirror="none: only the order of the reader matters",
    example='writer: "int"  reader: ["double","int"]',
)
RULES = (BRANCH_UNREADABLE, NO_BRANCH, BRANCH_MISTAKEN, BRANCHES_ALIKE, BRANCH_ORDER)


def branch_unreadable(schemas: SchemaPair, nodes: NodePair, whole: NodePair) -> Fault:
    """Report a branch of the writer's union, the pair *whole*, that the reader's type, not a union, does not match."""
    has, was = schemas.reader_label(nodes.reader), schemas.writer_label(nodes.writer)
    return Fault(
        rule=BRANCH_UNREADABLE,
        nodes=nodes,
        reader_has=has,
        writer_has=was,
        message=f"{was} may be written here, and the reader takes only {has}.",
        advice=f"Let the reader keep the union for as long as {was} may be written.",
        reader_path=nodes.reader_at,
        writer_path=nodes.writer_at,
        reader_edit=partial(read_as_written, schemas, whole),
        writer_edit=partial(write_as_read, schemas, whole),
    )


def no_branch(schemas: SchemaPair, nodes: NodePair, union: Union) -> Fault:
    """Report a written type that no branch of the reader's *union* matches."""
    has, was = schemas.reader_label(union), schemas.writer_label(nodes.writer)
    return Fault(
        rule=NO_BRANCH,
        nodes=nodes,
        reader_has=has,
        writer_has=was,
        message=f"{was} may be written here, and no branch of the reader's union takes it.",
        advice=f"Keep {was} in the union; a new branch has to be in every reader's union before it is written.",
        reader_path=nodes.reader_at,
        writer_path=nodes.writer_at,
        reader_edit=partial(add_branch, nodes, union),
    )


def branches_alike(schemas: SchemaPair, nodes: NodePair, union: Union, choice: BranchChoice) -> Fault:
    """Report that decoders take different branches for a written named type."""
    words = " and ".join(schemas.reader_label(union.branches[one]) for one in choice.taken)
    was = schemas.writer_label(nodes.writer)
    return _fault(BRANCHES_ALIKE, schemas, nodes, union, f"{was} is read as {words}, depending on the library.")


def branch_mistaken(schemas: SchemaPair, nodes: NodePair, union: Union, mistaken: int) -> Fault:
    """Report that a written named type is read as one of another kind."""
    has, was = schemas.reader_label(union.branches[mistaken]), schemas.writer_label(nodes.writer)
    return _fault(
        BRANCH_MISTAKEN,
        schemas,
        nodes,
        union,
        f"{was} is read as {has} by libraries that compare only unqualified names.",
    )


def branch_order(schemas: SchemaPair, nodes: NodePair, union: Union, choice: BranchChoice) -> Fault:
    """Warn that a primitive is read by promotion although the union has its own type."""
    assert choice.first is not None, "there is an order among branches that match"
    has, was = schemas.reader_label(union.branches[choice.first]), schemas.writer_label(nodes.writer)
    return _fault(
        BRANCH_ORDER, schemas, nodes, union, f"{was} is read as {has}, which comes before {was} in the union."
    )


def _fault(rule: Rule, schemas: SchemaPair, nodes: NodePair, union: Union, message: str) -> Fault:
    return Fault(
        rule=rule,
        nodes=nodes,
        reader_has=schemas.reader_label(union),
        writer_has=schemas.writer_label(nodes.writer),
        message=message,
        advice=rule.fix,
        reader_path=nodes.reader_at,
        writer_path=nodes.writer_at,
    )
