"""Targets with a certificate of an authority of one's own, which the operator names and exporters refer to."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import click
import pytest
from werkzeug.serving import make_server

from moorings_registry.cli.serve import _authorities
from moorings_registry.exporting.runner import Runner
from moorings_registry.settings import Settings
from tests.confluent.api import Api, new_api, record
from tests.exporters.pairs import Turns
from tests.sign_in.certificates import SERVER, TestAuthority


@dataclass(slots=True)
class Encrypted:
    """A target over TLS, and the files of two authorities, of which the first is the target's."""

    target: Api
    url: str
    right: Path
    wrong: Path

    def source(self, *authorities: tuple[str, str]) -> Api:
        source = new_api(Settings(exporter_authorities=authorities))
        source.register("s", record("id"))
        return source


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    folder, authority = tmp_path_factory.mktemp("tls"), TestAuthority.make()
    pair = authority.issue(folder, "target", usage=SERVER, ids=(), hosts=("localhost",))
    right, wrong = folder / "right.pem", folder / "wrong.pem"
    right.write_bytes(authority.pem)
    wrong.write_bytes(TestAuthority.make().pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    target = new_api()
    server = make_server("127.0.0.1", 0, target.application.middleware, threaded=True, ssl_context=context)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Encrypted(target, f"https://localhost:{server.port}", right, wrong)
    server.shutdown()
    thread.join()


def exporting(source: Api, url: str, **config: Any) -> Any:
    body = {"name": "x", "contextType": "CUSTOM", "context": "eu"}
    return source.post("/exporters", {**body, "config": {"schema.registry.url": url, **config}})


def status(source: Api) -> dict[str, Any]:
    now = iter(range(0, 10_000, 60))
    runner = Runner(source.application.registry, Turns(), clock=lambda: next(now))
    runner.turn()
    told: dict[str, Any] = source.get("/exporters/x/status").json
    return told


def test_the_authority_that_is_named_is_trusted_and_no_other(encrypted: Encrypted) -> None:
    for named, state in (
        ({}, "ERROR"),
        ({"moorings.ssl.ca": "wrong"}, "ERROR"),
        ({"moorings.ssl.ca": "corp"}, "RUNNING"),
    ):
        source = encrypted.source(("corp", str(encrypted.right)), ("wrong", str(encrypted.wrong)))
        assert exporting(source, encrypted.url, **named).status == 200
        assert status(source)["state"] == state, named
    assert encrypted.target.get("/subjects?subjectPrefix=:.eu:").json == [":.eu:s"]


def test_an_authority_that_is_gone_is_an_error_and_one_that_comes_back_counts(
    encrypted: Encrypted, tmp_path: Path
) -> None:
    file = tmp_path / "corp.pem"
    file.write_bytes(encrypted.wrong.read_bytes())
    source = encrypted.source(("corp", str(file)))
    assert exporting(source, encrypted.url, **{"moorings.ssl.ca": "corp"}).status == 200
    clock = iter(range(0, 10_000, 60))
    runner = Runner(source.application.registry, Turns(), clock=lambda: next(clock))
    runner.turn()
    file.unlink()
    runner.turn()
    assert "cannot be read on this node: FileNotFoundError" in source.get("/exporters/x/status").json["trace"]
    file.write_bytes(encrypted.right.read_bytes())
    runner.turn()
    assert source.get("/exporters/x/status").json["state"] == "RUNNING"


@pytest.mark.parametrize("name", ["/etc/ssl/cert.pem", "../corp", "other", "", 7, None])
def test_what_is_not_the_name_of_an_authority_opens_nothing(name: object) -> None:
    source = new_api(Settings(exporter_authorities=(("corp", "/nowhere"),)))
    refused = exporting(source, "https://eu.example", **{"moorings.ssl.ca": name})
    assert refused.status == 422
    assert "/nowhere" not in refused.text
    assert exporting(source, "http://eu.example", **{"moorings.ssl.ca": "corp"}).status == 422


def test_the_operator_names_files_that_hold_certificates(encrypted: Encrypted, tmp_path: Path) -> None:
    assert _authorities((f"corp={encrypted.right}",)) == (("corp", str(encrypted.right)),)
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for wrong in (f"corp={empty}", "corp=/nowhere/x.pem", str(encrypted.right), f"Corp x={encrypted.right}"):
        with pytest.raises(click.BadParameter):
            _authorities((wrong,))
