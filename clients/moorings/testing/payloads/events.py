"""Events of a contract, decoded and encoded; the same seed gives the same events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from moorings.api.api import Api
from moorings.api.responses import Version
from moorings.codecs.formats import event_name, make_writer
from moorings.codecs.framing import id_prefix
from moorings.contracts.contract import EventContract
from moorings.errors import ExtraMissing, MooringsError
from moorings.event_model.event_formats import EVENT_FORMATS, event_model_of
from moorings.registry import Registry
from moorings.testing.payloads import json_edge_values
from moorings.testing.payloads.building import Builder
from moorings.testing.payloads.varying import Varying
from moorings.typed.handle import TypedContract, converter
from moorings.violations import Violation
from moorings_compat import DEFAULT_DIALECT, Dialect, ResolvedReference, Schema, parse
from moorings_compat.json_text import pointer

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

AnyContract = EventContract | TypedContract[Any]
_ATTEMPTS = 100
"""How many events are built until the validator accepts one."""
_MOST_PAYLOADS = 3000


class PayloadsImpossible(MooringsError):
    """No valid event of a contract was found: its schema demands what random values rarely have."""

    code = "PAYLOADS_IMPOSSIBLE"


@dataclass(frozen=True, slots=True)
class Payload:
    """`event` is decoded, `data` encoded and framed; `shows` says what is unusual at `path`."""

    event: Any
    data: bytes
    shows: str
    path: str = ""
    revision: str = ""
    """The label of the revision that wrote it."""


def valid(contract: AnyContract, n: int = 10, seed: int = 0) -> list[Any]:
    """Make *n* ordinary valid events, decoded.

    Raises:
        PayloadsImpossible: none was found.
    """
    rng = Random(seed)  # noqa: S311 - generated events are not secret, and must be the same every time
    way = _codec_of(contract)
    making = EventMaker(way.contract.schema, way.contract.subject)
    return [way.decode(way.encode(making.event(rng, way.violations))) for _ in range(n)]


def adversarial(contract: AnyContract, seed: int = 0) -> list[Payload]:
    """Make edge-case events: each is unusual at one place, and all of them are valid.

    Least and greatest numbers, unusual texts, null bytes, empty and huge collections, every branch of every union,
    every symbol, every optional field left out and given.

    Raises:
        PayloadsImpossible: no valid event was found to begin with.
    """
    rng = Random(seed)  # noqa: S311 - see valid
    way = _codec_of(contract)
    making = EventMaker(way.contract.schema, way.contract.subject)
    start = making.event(rng, way.violations)
    found: dict[bytes, Payload] = {}
    for variant in Varying(making.builder, rng).variants(start):
        if len(found) >= _MOST_PAYLOADS or way.violations(variant.event):
            continue
        data = way.encode(variant.event)
        path = pointer(*variant.path)
        found.setdefault(data, Payload(way.decode(data), data, variant.shows, path, way.contract.latest.label))
    return list(found.values())


def older(registry: Registry, contract: AnyContract, n: int = 3, seed: int = 0) -> list[Payload]:
    """Make *n* events of every earlier revision of the major, written with it, as the contract reads them.

    Raises:
        EventUnreadable: the contract cannot read what an earlier revision wrote.
    """
    rng = Random(seed)  # noqa: S311 - see valid
    payloads = []
    way = _codec_of(contract)
    subject, latest = way.contract.subject, way.contract.latest
    for listed in registry.api.versions(subject):
        if listed.major != way.contract.major or listed.version >= latest.version or listed.deleted:
            continue
        version = registry.api.version(subject, listed.version)
        making = EventMaker(_parsed_version(registry.api, version), subject)
        writer = make_writer(making.schema, event_name(subject), id_prefix(version.id), way.contract.json_fields)
        for _ in range(n):
            event = making.event(rng, writer.violations)
            data = writer.encode(event)
            shows = f"written with revision {version.label}"
            payloads.append(Payload(way.decode(data), data, shows, revision=version.label))
    return payloads


def strategy(contract: AnyContract) -> "SearchStrategy[Any]":
    """Return a hypothesis strategy of valid, decoded events; failing ones are shrunk.

    Raises:
        ExtraMissing: hypothesis is not installed.
    """
    try:
        from hypothesis import assume  # an extra, needed only here
        from hypothesis import strategies as st
    except ModuleNotFoundError:
        raise ExtraMissing("testing", "a strategy of events") from None
    way = _codec_of(contract)
    making = EventMaker(way.contract.schema, way.contract.subject)

    @st.composite
    def events(draw: "DrawFn") -> Any:
        event = making.builder.event(draw(st.randoms(use_true_random=False)))
        assume(not way.violations(event))
        return way.decode(way.encode(event))

    return events()


@dataclass(frozen=True, slots=True)
class _Codec:
    """Encodes generated dicts and decodes them, with a handle of dicts or of objects."""

    contract: EventContract
    violations: Callable[[Any], Sequence[Violation]]
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


def _codec_of(contract: AnyContract) -> _Codec:
    if isinstance(contract, EventContract):
        return _Codec(contract, contract.validate, contract.encode, contract.decode)
    into = converter(contract.kind, str(contract.contract.latest.format)).into

    def violations(event: Any) -> Sequence[Violation]:
        return contract.validate(into(event))

    return _Codec(contract.contract, violations, lambda event: contract.encode(into(event)), contract.decode)


class EventMaker:
    """Builds events of one schema until one is valid."""

    def __init__(self, schema: Schema, subject: str) -> None:
        self.schema = schema
        self.builder = Builder(event_model_of(schema, subject), EVENT_FORMATS[schema.format])
        self._subject = subject
        self._proven: list[Any] | None = None

    def event(self, rng: Random, violations: Callable[[Any], Sequence[Violation]]) -> Any:
        """Return an event that has no *violations*.

        Raises:
            PayloadsImpossible: none was found.
        """
        for _ in range(_ATTEMPTS if self.builder.is_possible(self.builder.known.root) else 0):
            event = self.builder.event(rng)
            if not violations(event):
                return event
        for event in self._from_proof():
            if not violations(event):
                return event
        raise PayloadsImpossible(
            f"{self._subject}: no valid event was found in {_ATTEMPTS} attempts; write one by hand for this contract"
        )

    def _from_proof(self) -> list[Any]:
        """Ask the solver that proves verdicts for an event; only JSON Schema demands more than types."""
        if self._proven is None:
            self._proven = []
            if self.builder.format.is_json:
                self._proven = json_edge_values.solved(self.schema)
        return self._proven


def _parsed_version(api: Api, version: Version) -> Schema:
    """Parse a version with all that it refers to."""
    references = [
        ResolvedReference(one, _parsed_version(api, api.version(one.subject, one.version)))
        for one in version.references
    ]
    return parse(version.schema, version.format, references, dialect=Dialect(version.dialect or DEFAULT_DIALECT))
