"""What the owner of a server makes there before a registry can keep its ledger on it."""

from moorings_registry.engines.engine import Setup
from moorings_registry.engines.table import found
from moorings_registry.ledger import LedgerMisconfigured


def setup_script(url: str, user: str) -> str:
    """What makes the ledger at *url* for a registry that signs in as *user*: SQL, or commands of Kafka's tools.

    Raises:
        LedgerMisconfigured: the engine has nothing to make, or the URL or the name cannot be used.
    """
    return _required(url).script(user)


def run_setup(url: str, user: str) -> None:
    """Make what `setup_script` says, all or nothing where it is SQL, signed in as *url* says.

    Raises:
        LedgerMisconfigured, LedgerUnavailable
    """
    _required(url).run(user)


def missing_tables(url: str) -> tuple[str, ...]:
    """The tables that this release needs and the ledger at *url* does not have; none where the engine makes its own.

    Raises:
        LedgerMisconfigured, LedgerUnavailable
    """
    engine, address = found(url)
    setup = engine.setup(address)
    return setup.missing() if setup else ()


def _required(url: str) -> Setup:
    engine, address = found(url)
    setup = engine.setup(address)
    if setup is None:
        raise LedgerMisconfigured("this engine makes what it needs itself", "Serve it")
    return setup
