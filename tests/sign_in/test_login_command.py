"""A person on the command line, at a certified OpenID provider: `moorings login`, `whoami`, `open`, `logout`."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.registry.serving import Serving
from tests.sign_in.oidc_provider import OidcProvider, browse, follow_forms
from tests.sign_in.serving_people import provider as provider
from tests.sign_in.serving_people import serving_people

pytestmark = pytest.mark.timeout(400)  # the packages may have to be installed first
REPOSITORY = Path(__file__).parents[2]
BROWSER = """import sys
sys.path[:0] = {path!r}
from tests.sign_in.oidc_provider import browse
browse(sys.argv[1], "ann")
"""


class Terminal:
    """The command, with a configuration of its own, and a browser that signs in as ann."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        script = folder / "browser.py"
        script.write_text(BROWSER.format(path=[str(REPOSITORY), *sys.path]))
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("MOORINGS_", "SSH_"))}
        self.environment = {
            **ours,
            "XDG_CONFIG_HOME": str(folder / "config"),
            "BROWSER": f"{sys.executable} {script} %s",
            "MOORINGS_URL": url,
            "PYTHONPATH": os.pathsep.join((str(REPOSITORY), *sys.path)),
        }

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "moorings", *words], env=self.environment, cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *words: str, code: int = 0) -> str:
        started = self.start(*words)
        told, _ = started.communicate(timeout=60)
        assert started.returncode == code, told
        return told

    def sign_in_by_device(self) -> str:
        """Sign in with a code that another device enters."""
        started = self.start("login", "--device")
        assert started.stdout is not None
        line = started.stdout.readline()
        found = re.match(r"open (\S+) on any device, and enter the code (\S+)", line)
        assert found, line
        browse(found[1], "ann", found[2])
        told, _ = started.communicate(timeout=60)
        assert started.returncode == 0, told
        return told

    @property
    def file(self) -> Path:
        (found,) = (self.folder / "config" / "moorings" / "logins").glob("*.json")
        return found


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, provider: OidcProvider) -> Iterator[Serving]:
    lines = ('login_client_id = "moorings-command"', 'login_scopes = ["openid", "offline_access"]')
    with serving_people(tmp_path_factory.mktemp("registry"), provider, *lines) as one:
        yield one


@pytest.fixture
def terminal(tmp_path: Path, serving: Serving, provider: OidcProvider) -> Terminal:
    return Terminal(tmp_path, provider.pages)


def test_a_person_signs_in_by_the_browser_and_every_command_knows(terminal: Terminal) -> None:
    assert "anonymous" in terminal.run("whoami")
    told = terminal.run("login")
    assert "signed in as people:ann, renewed by itself, until" in told
    assert json.loads(terminal.run("whoami", "--format", "json"))["claims"]["groups"] == ["shop-team"]
    assert terminal.file.stat().st_mode & 0o777 == 0o600
    assert terminal.file.parent.stat().st_mode & 0o777 == 0o700
    stored = json.loads(terminal.file.read_text())["login"]
    assert stored["token"] not in told
    assert "no grants" in terminal.run("grants")
    assert "signed out" in terminal.run("logout")
    assert "anonymous" in terminal.run("whoami")
    refused = httpx2.post(
        stored["token_url"],
        data={
            "grant_type": "refresh_token",
            "refresh_token": stored["refresh_token"],
            "client_id": stored["client_id"],
        },
    )
    assert refused.status_code == 400  # it was revoked


def test_a_token_that_ends_is_renewed_once_by_several_commands(terminal: Terminal) -> None:
    terminal.sign_in_by_device()
    _change(terminal.file, expires_s=time.time() - 1)
    before = json.loads(terminal.file.read_text())["login"]
    started = [terminal.start("whoami") for _ in range(3)]
    for one in started:
        told, _ = one.communicate(timeout=60)
        assert "people:ann" in told, told
    after = json.loads(terminal.file.read_text())["login"]
    assert after["refresh_token"] not in ("", before["refresh_token"])
    assert after["expires_s"] > time.time()


def test_without_a_refresh_token_a_login_ends(terminal: Terminal) -> None:
    terminal.sign_in_by_device()
    _change(terminal.file, refresh_token="", expires_s=time.time() - 1)
    assert "run `moorings login` again" in terminal.run("whoami", code=3)


def test_a_file_that_others_can_read_is_refused(terminal: Terminal) -> None:
    terminal.sign_in_by_device()
    terminal.file.chmod(0o640)
    assert "others can read or change" in terminal.run("whoami", code=3)


def test_the_pages_open_as_whom_the_command_is_signed_in_as(
    terminal: Terminal, provider: OidcProvider, serving: Serving
) -> None:
    terminal.sign_in_by_device()
    link = terminal.run("open", "/admin/events", "--print").split()[-1]
    with httpx2.Client(base_url=provider.pages, follow_redirects=True) as browser, httpx2.Client() as preview:
        assert "Open the registry as" in preview.get(link).text  # a preview does not use it up
        shown = browser.get(link)
        assert shown.headers["Referrer-Policy"] == "strict-origin"
        assert "people:ann" in shown.text
        assert browser.get("/admin/events").url.path == "/admin/login"  # nobody is signed in yet
        code = link.partition("code=")[2]
        form = {"code": code, "form_key": ""}
        foreign = browser.post("/admin/open", data=form, headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403
        opened = browser.post("/admin/open", data=form, headers={"Origin": provider.pages})
        assert (opened.status_code, opened.url.path) == (200, "/admin/events")
        assert "by a link of moorings open" in opened.text
        assert browser.get(link).status_code == 404
    assert code not in serving.log()


def test_only_people_get_links(provider: OidcProvider, serving: Serving) -> None:
    assert serving.call("POST", "/v1/sign-in/links", {}).status == 401
    told = serving.call("GET", "/v1/sign-in").json
    assert told["pages"] is True
    assert [(one["alias"], one["client_id"]) for one in told["issuers"]] == [("people", "moorings-command")]


def test_two_workers_share_sessions_and_their_end(provider: OidcProvider, serving: Serving) -> None:
    with httpx2.Client(base_url=provider.pages, follow_redirects=True) as browser:
        begun = browser.get("/admin/login/people?to=/admin/access")
        shown = follow_forms(browser, begun, "ann")
        assert shown.url.path == "/admin/access"
        assert "Ann of the shop" in shown.text
        for _ in range(6):  # of both workers: each connection may reach either
            assert browser.get("/admin/", headers={"Connection": "close"}).url.path == "/admin/"
        cookie = {one.name: str(one.value) for one in browser.cookies.jar if one.name.startswith("moorings-")}
        key = shown.text.partition('name="form_key" value="')[2].partition('"')[0]
        out = browser.post("/admin/logout", data={"form_key": key}, headers={"Origin": provider.pages})
        assert "You are signed out" in out.text
        with httpx2.Client(base_url=provider.pages, cookies=cookie) as thief:
            for _ in range(6):
                reply = thief.get("/admin/", headers={"Connection": "close"})
                assert (reply.status_code, "why=ended" in reply.headers["Location"]) == (303, True)
    assert "code=" not in serving.log()


def _change(path: Path, **changed: object) -> None:
    stored = json.loads(path.read_text())
    stored["login"].update(changed)
    path.write_text(json.dumps(stored))
