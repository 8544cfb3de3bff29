"""A certified OpenID provider in a process of its own, and a browser without a window that signs people in there."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urljoin

import httpx2
from joserfc.jwk import ECKey

from moorings.signin import ClientCredentials, TokenCache
from moorings.transport.sync_runner import SyncRunner
from tests.node_packages import node_folder
from tests.ports import free_port
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


def browse(start: str, who: str, code: str = "") -> httpx2.Response:
    """Open a page of the provider and send its forms as *who* does, until it leads elsewhere or has no form left.

    *code* is entered where a form asks for one of another device.
    """
    with httpx2.Client(follow_redirects=True, timeout=20) as browser:
        return follow_forms(browser, browser.get(start), who, code)


def follow_forms(browser: httpx2.Client, page: httpx2.Response, who: str, code: str = "") -> httpx2.Response:
    """The same in a *browser* that is there already, and keeps its cookies."""
    provider = page.url.netloc
    typed = {"login": who, "password": "x", "user_code": code}
    for _ in range(8):
        form = re.search(r"<form(?: [^>]*)?method=\"post\"[^>]*>.*?</form>", page.text, re.DOTALL)
        if page.url.netloc != provider or form is None:
            return page
        action = re.search(r'action="([^"]*)"', form[0])
        fields = dict.fromkeys(re.findall(r'<input[^>]*name="?([\w]+)"?', form[0]), "")
        for field in re.findall(r"<input[^>]*>", form[0]):
            name, value = re.search(r'name="?([\w]+)', field), re.search(r'value="?([^">]*)', field)
            if name and value:
                fields[name[1]] = value[1]
        fields |= {name: value for name, value in typed.items() if name in fields}
        address = urljoin(str(page.url), action[1].replace("&amp;", "&") if action else "")
        page = browser.post(address, data=fields)
    raise AssertionError(f"too many forms at {page.url.path}: {page.text[:500]}")
