"""A certified OpenID provider in a process of its own, and a browser without a window that signs people in there."""

import json
import shutil
import subprocess
from pathlib import Path

from joserfc.jwk import ECKey

from moorings.signin import ClientCredentials, TokenCache
from moorings.transport.sync_runner import SyncRunner
from tests.node_packages import node_folder
from tests.servers import free_port
from tests.sign_in.forging_issuer import AUDIENCE

HERE = Path(__file__).parent / "node"


class OidcProvider:
    """The provider in a process of its own; `start` it again with other keys to rotate them."""

    def __init__(self, folder: Path, pages: str = "http://127.0.0.1:1") -> None:
        """*pages* is the address of the registry whose pages people sign in to."""
        self.folder = folder
        self.pages = pages
        self.port = free_port()
        self.client_key = ECKey.generate_key("P-256", auto_kid=True)
        self.keys = [ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)]
        packages = node_folder("test-issuer", HERE)
        self._script = shutil.copy(HERE / "provider.mjs", packages)
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "client.pem").write_bytes(self.client_key.as_pem(private=True))
        (folder / "client.json").write_text(json.dumps({"keys": [self.client_key.as_dict(private=False)]}))
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        keys = self.folder / "keys.json"
        keys.write_text(json.dumps({"keys": [one.as_dict(private=True) for one in self.keys]}))
        self._process = subprocess.Popen(
            ["node", self._script, str(self.port), str(keys), str(self.folder / "client.json"), AUDIENCE, self.pages],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"listening\n"

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def token(self) -> str:
        """A token that the client signed in for with its private key."""
        source = ClientCredentials(
            f"{self.url}/token", "orders-ci", self.folder / "client.pem",
            scope="registry", audience=self.url, resource=AUDIENCE, key_id=self.client_key.kid,
        )  # fmt: skip
        runner = SyncRunner()
        try:
            return runner.run(TokenCache(source).token())
        finally:
            runner.close()
