"""What the errors of Redis mean for a ledger."""

from redis import exceptions

from moorings_registry.ledger.errors import LedgerCorrupt, LedgerError, LedgerMisconfigured, LedgerUnavailable

CONNECTION_LOST = exceptions.ConnectionError
ANSWER_LOST = (exceptions.ConnectionError, exceptions.TimeoutError)
"""What leaves open whether a command was carried out."""

_GRANT = (
    "Grant it EVAL, HMGET, HSET, INFO, XADD, XLEN, XRANGE and XREAD on the ledger's keys, "
    "and WAITAOF, or CONFIG GET on a server before 7.2, and WAIT where the ledger URL asks for replicas"
)
_ALONE = "Name a server that stands alone"

_MISCONFIGURED: dict[type[exceptions.RedisError], tuple[str, str]] = {
    exceptions.AuthenticationError: (
        "Redis refuses the name or password",
        "Correct user and password_file of the ledger URL",
    ),
    exceptions.NoPermissionError: ("Redis does not let this user keep a ledger", _GRANT),
    exceptions.MovedError: ("this Redis is one node of a cluster", _ALONE),
    exceptions.ClusterCrossSlotError: ("this Redis is one node of a cluster", _ALONE),
}
_UNAVAILABLE: dict[type[exceptions.RedisError], str] = {  # the first that fits: classes before their bases
    exceptions.BusyLoadingError: "Redis is still loading its data",
    exceptions.ClusterDownError: "Redis waits for the rest of its cluster",
    exceptions.MasterDownError: "Redis is a replica that has lost its master",
    exceptions.OutOfMemoryError: "Redis has no memory left: raise `maxmemory`",
    exceptions.ReadOnlyError: "Redis is a replica and takes no writes: point the ledger URL at the master",
    exceptions.TimeoutError: "Redis does not answer in time",
    exceptions.ConnectionError: "Redis cannot be reached",
}
_PREFIXES = {  # of answers that have no class of their own
    "BUSY": "Redis is held up by a script",
    "MISCONF": "Redis cannot write to its disk: free some space there",
    "NOREPLICAS": "Redis has too few replicas to accept a write",
}


def ledger_error(error: exceptions.RedisError, *, in_doubt: bool = False) -> LedgerError:
    """Translate *error*; what the tables do not know is unavailable, with the words of Redis."""
    for kind, (what, fix) in _MISCONFIGURED.items():
        if isinstance(error, kind):
            return LedgerMisconfigured(what, fix)
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return LedgerMisconfigured(
            f"the certificate of Redis is refused ({text})", "Name its authority in the ledger URL: ?ca_file=PATH"
        )
    for kind, reason in _UNAVAILABLE.items():
        if isinstance(error, kind):
            return LedgerUnavailable(f"{reason} ({text})", in_doubt=in_doubt, public=reason)
    for prefix, reason in _PREFIXES.items():
        if text.startswith(prefix):
            return LedgerUnavailable(reason, in_doubt=in_doubt)
    if text.startswith("WRONGTYPE"):
        return LedgerMisconfigured("another program uses the ledger's keys", "Add ?prefix=NAME to the ledger URL")
    if "ID specified in XADD" in text:
        return LedgerCorrupt(None, "the head that Redis stores is older than its last entry")
    public = "Redis refuses the command"
    return LedgerUnavailable(f"Redis refuses: {text}", retryable=False, in_doubt=in_doubt, public=public)
