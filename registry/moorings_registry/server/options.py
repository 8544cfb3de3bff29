"""The options of `moorings-registry serve`, as one value that is also passed to worker processes in the environment."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from moorings_compat import Level, Limits
from moorings_registry.receiver_addresses import read_networks
from moorings_registry.server.tls import TlsFiles
from moorings_registry.settings import Settings

VARIABLE = "MOORINGS_SERVING"
"""Where a server that starts fresh processes as workers finds the options; ours alone, not for operators."""


@dataclass(frozen=True, slots=True)
class Options:
    """Where to listen, what to keep entries in, and how to govern."""

    host: str
    port: int
    ledger: str
    workers: int
    threads: int
    server: str
    default_level: str
    floor: str
    require_domain: bool
    lock_modes: bool
    schema_bytes: int
    access_log: bool
    runtime: str
    """A folder of this run: the node's position and the workers' metrics."""
    issuers: str = ""
    """The issuers file; empty: no sign-in."""
    socket: str = ""
    """A local socket to listen on besides."""
    proxy_users: tuple[int, ...] = ()
    """The uids of proxies that may call over that socket for others."""
    proxy_certificate_header: str = ""
    """The header with the client certificate that such a proxy verified."""
    public_url: str = ""
    """The address by which callers know the registry; empty: it signs nothing."""
    webhook_networks: tuple[str, ...] = ()
    """Networks that are not public, and that webhooks may lead to."""
    exporter_authorities: tuple[tuple[str, str], ...] = ()
    """Certificate authorities that exporters may name: names, and paths of files in PEM."""
    rotate_keys_s: int = 86_400
    """How long one of the registry's own keys signs."""
    base_folder: str = ""
    """Where bases are kept; empty: beside a ledger that is a file, and nowhere for others."""
    base_entries: int = 10_000
    """Entries after which another base is written; 0: none is written or read."""
    base_bytes: int = 0
    """Room that bases may take; 0: as much as the disk has, but its last."""
    ledger_wait_s: int = 300
    """How long a start waits for a ledger that cannot be reached; 0: it ends."""
    tls_certificate: str = ""
    tls_key: str = ""
    tls_client_ca: str = ""

    @property
    def settings(self) -> Settings:
        return Settings(
            limits=Limits(size_bytes=self.schema_bytes),
            default_level=Level(self.default_level),
            floor=Level(self.floor),
            require_domain=self.require_domain,
            modes_locked=self.lock_modes,
            webhook_networks=read_networks(self.webhook_networks),
            exporter_authorities=tuple((name, path) for name, path in self.exporter_authorities),
        )

    @property
    def tls(self) -> TlsFiles | None:
        """The files of TLS; None without it."""
        if not self.tls_certificate:
            return None
        client_ca = Path(self.tls_client_ca) if self.tls_client_ca else None
        return TlsFiles(Path(self.tls_certificate), Path(self.tls_key), client_ca)

    @property
    def node_position_path(self) -> Path:
        return self.runtime_path / "position"

    @property
    def runtime_path(self) -> Path:
        return Path(self.runtime)

    def to_environment(self) -> None:
        """Put the options where worker processes find them."""
        os.environ[VARIABLE] = json.dumps(asdict(self))
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = self.runtime


def options_from_environment() -> Options:
    """Read the options of the process that started this one."""
    return Options(**json.loads(os.environ[VARIABLE]))
