"""What the errors of PostgreSQL mean for a ledger."""

from moorings_registry.ledger.errors import LedgerCorrupt, LedgerError, LedgerMisconfigured, LedgerUnavailable


class AnswerLost(Exception):
    """The connection ended, or the time was up, before the answer came: the statement may or may not have run."""


class Refused(Exception):
    """PostgreSQL answered with an error."""

    def __init__(self, state: str, message: str) -> None:
        """*state* is the SQLSTATE, five characters (PostgreSQL, Appendix A)."""
        super().__init__(state, message)
        self.state = state
        self.message = message


READ_ONLY = "25006"

_INIT = "Let the owner of the database run what `moorings-registry ledger init --ledger URL` prints"
_SIGN_IN = (
    "Check user and database of the ledger URL, and the rules of pg_hba.conf; name a client certificate (sslcert, "
    "sslkey), a passfile or a password_command there if the server asks for more"
)

_MISCONFIGURED = {
    "42P01": ("the database has no ledger", _INIT),
    "3F000": ("the database has no ledger", _INIT),
    "42703": ("the table of the ledger has other columns", "Name another schema in the ledger URL: ?schema=NAME"),
    "42501": ("PostgreSQL does not let this user keep a ledger", _INIT),
    "42704": (
        "PostgreSQL does not have this user",
        f"Correct the ledger URL. For a new ledger: {_INIT[0].lower()}{_INIT[1:]}",
    ),
    "3D000": ("PostgreSQL does not have this database", "Create it, or correct the ledger URL"),
    "28000": ("PostgreSQL refuses to sign this user in", _SIGN_IN),
    "28P01": ("PostgreSQL refuses to sign this user in", _SIGN_IN),
}
_UNAVAILABLE = {
    READ_ONLY: "PostgreSQL takes no writes here: it is a standby, or was made read-only",
    "53100": "PostgreSQL has no space left on its disk",
    "53200": "PostgreSQL has no memory left",
    "53300": "PostgreSQL takes no more connections: raise `max_connections`, or run fewer workers",
    "55P03": "PostgreSQL holds the ledger's table locked for somebody else",
    "57014": "PostgreSQL canceled the statement",
    "57P01": "PostgreSQL is being shut down",
    "57P02": "PostgreSQL is starting again after a crash",
    "57P03": "PostgreSQL is starting",
    "58030": "PostgreSQL cannot read or write its files",
}
_DAMAGED = ("XX001", "XX002")
"""A page of a table, or of an index, is not as it was written."""


def ledger_error(error: Refused, *, in_doubt: bool = False) -> LedgerError:
    """Translate what PostgreSQL answered; what the tables do not know is unavailable, with its own words."""
    if error.state in _MISCONFIGURED:
        return LedgerMisconfigured(*_MISCONFIGURED[error.state])
    if error.state in _UNAVAILABLE:
        return LedgerUnavailable(_UNAVAILABLE[error.state], in_doubt=in_doubt)
    if error.state in _DAMAGED:
        return LedgerCorrupt(None, f"PostgreSQL says that its files are damaged ({_line(error.message)})")
    public = "PostgreSQL refuses the statement"
    return LedgerUnavailable(
        f"PostgreSQL refuses ({error.state}): {_line(error.message)}", retryable=False, in_doubt=in_doubt, public=public
    )


def unreachable(cause: object) -> LedgerUnavailable:
    """No connection: *cause* is what the driver says, which names hosts and users and stays in the log."""
    reason = "PostgreSQL cannot be reached"
    return LedgerUnavailable(f"{reason} ({_line(cause)})", public=reason)


def untrusted(cause: object) -> LedgerMisconfigured:
    """No TLS connection as the URL asks for it: *cause* is what the driver says."""
    return LedgerMisconfigured(
        f"no TLS connection to PostgreSQL can be made ({_line(cause)})",
        "Check sslmode, sslrootcert, sslcert and sslkey of the ledger URL, and the certificate of the server",
    )


def _line(text: object) -> str:
    return " ".join(str(text).split())
