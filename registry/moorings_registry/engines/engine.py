"""What an engine is: one row of the table of engines, and the parts of a URL that its functions take."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from moorings_registry.drift import DriftStore
from moorings_registry.entries import START
from moorings_registry.expiring_records import ExpiringRecords
from moorings_registry.export_statuses import StatusStore
from moorings_registry.exporting.leases import Lease
from moorings_registry.kept_checks import KeptCheckStore
from moorings_registry.ledger import Ledger, LedgerMisconfigured, LedgerMissing

BESIDE_TIMEOUT_S = 2.0
"""How long to wait for what is stored beside the ledger, which nothing depends on."""


@dataclass(frozen=True, slots=True)
class Address:
    """A ledger's URL, taken apart."""

    parts: SplitResult
    parameters: Mapping[str, str]

    def seconds(self, name: str, default: float) -> float:
        """Read the parameter *name*, a number of seconds.

        Raises:
            LedgerMisconfigured: it is not one between 0 and 60.
        """
        try:
            value = float(self.parameters.get(name, default))
        except ValueError:
            value = -1.0
        if not 0 < value <= 60:
            raise LedgerMisconfigured(f"{name} is not a number of seconds", "Write a number between 0 and 60")
        return value


@dataclass(frozen=True, slots=True)
class Setup:
    """What the owner of a server makes there before a registry can keep its ledger on it."""

    script: Callable[[str], str]
    """Takes the user that the registry signs in as. Returns SQL, or commands of Kafka's tools."""
    run: Callable[[str], None]
    """Takes that user too, and makes what the script says."""
    missing: Callable[[], tuple[str, ...]]
    """The names of the tables that this release needs and that are not there."""


def _no_file(_address: Address) -> None:
    """Most engines are not on a disk of this node."""


def _no_setup(_address: Address) -> None:
    """Most engines make what they need when they open a ledger."""


def _no_notes(_address: Address) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Engine:
    """One row of the table of engines."""

    example: str
    about: str
    open_ledger: Callable[[Address, bool], Ledger]
    """Takes whether a ledger is made where there is none."""
    open_counts: Callable[[Address, str, timedelta], DriftStore]
    """Takes what is counted, drift or usage, which names where the counts are kept, and for how long a row is kept."""
    open_lease: Callable[[Address, Path, str], Lease]
    """Takes the folder of this run, for what does not outlive it, and what the lease is for."""
    open_statuses: Callable[[Address, Path], StatusStore]
    """Takes the folder of this run, too."""
    open_kept_checks: Callable[[Address], KeptCheckStore]
    open_records: Callable[[Address], ExpiringRecords]
    parameters: frozenset[str] = frozenset()
    shared: bool = True
    """Whether several processes that open the same URL see the same entries."""
    file: Callable[[Address], Path | None] = _no_file
    """The file on a disk of this node that is the ledger, or beside it; None where there is none."""
    setup: Callable[[Address], Setup | None] = _no_setup
    """None where the engine makes what it needs itself."""
    start_notes: Callable[[Address], tuple[str, ...]] = _no_notes
    """What somebody should know who serves the ledger, one sentence each."""


def engine_among(url: str, engines: Mapping[str, Engine]) -> Engine:
    """Look up the engine of *url* in *engines*, which are by scheme, without opening anything.

    Raises:
        LedgerMisconfigured: none of them has this scheme; lists them.
    """
    scheme, colon, _ = url.partition(":")
    if colon and scheme.lower() in engines:
        return engines[scheme.lower()]
    raise LedgerMisconfigured(
        f"unknown ledger engine {scheme!r}" if colon else "the ledger is not given as a URL",
        "Write one of: " + "  ".join(engine.example for engine in engines.values()),
    )


def address_of(url: str, engine: Engine) -> Address:
    """Take apart *url*, which *engine* opens.

    Raises:
        LedgerMisconfigured: it cannot be read, or has a parameter that the engine does not have.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # its text may repeat a password
        raise LedgerMisconfigured("the ledger URL cannot be read", f"Write {engine.example}") from None
    if parts.fragment:
        raise LedgerMisconfigured("the ledger URL holds a #", "Write %23 where it belongs to a path or a password")
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in parameters.keys() - engine.parameters:
        what = repr(name) if name.isidentifier() else "with an invalid name"  # it may be the rest of a password
        known = ", ".join(sorted(engine.parameters)) or "none"
        raise LedgerMisconfigured(f"the ledger URL has an unknown parameter {what}", f"Known here: {known}")
    return Address(parts, parameters)


def beside_file(file: Path, suffix: str) -> Path:
    """The absolute path of what is stored beside *file*, under its name and *suffix*."""
    return file.with_name(file.name + suffix).absolute()


@contextmanager
def needing_extra(extra: str, module: str, client: str) -> Iterator[None]:
    """Import what needs *module*, the client of an engine, which comes with *extra*.

    Raises:
        LedgerMisconfigured: it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        what, fix = f"the {client} client is not installed", f"Run pip install 'moorings-registry[{extra}]'"
        raise LedgerMisconfigured(what, fix) from None


def with_entries(ledger: Ledger, otherwise: str) -> Ledger:
    """Return *ledger*, which has entries.

    Raises:
        LedgerMissing: it has none, which *otherwise* says.
    """
    if ledger.head() == START:
        ledger.close()
        raise LedgerMissing(otherwise, "Check the URL")
    return ledger
