"""The pytest plugin.

It is loaded into every test session where the client is installed. Importing the client and what the fixtures need
takes 0.1 CPU-seconds, so a fixture imports it when a test asks for the fixture.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from moorings.registry import Registry
    from moorings.testing.fault_proxy import FaultProxy
    from moorings.testing.project_contracts import ProjectContracts
    from moorings.testing.reads import ReadRecorder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("moorings_schemas", "the folder of event contracts, from the root of the project", default="schemas")
    parser.addini("moorings_reads", "the folder that recorded reads are written to", default=".moorings/reads")


_RECORDER = pytest.StashKey["ReadRecorder"]()


@pytest.fixture
def moorings_reads(request: pytest.FixtureRequest) -> "ReadRecorder":
    """A recorder of the fields that handlers touch; what it recorded is written when the session ends."""
    from moorings.testing.reads import ReadRecorder

    return request.config.stash.setdefault(_RECORDER, ReadRecorder())


def pytest_sessionfinish(session: pytest.Session) -> None:
    recorder = session.config.stash.get(_RECORDER, None)
    if recorder is not None:
        folder = Path(session.config.rootpath, session.config.getini("moorings_reads"))
        recorder.write(folder, os.environ.get("PYTEST_XDIST_WORKER", "main"))


@pytest.fixture
def moorings_application() -> "WSGIApplication":
    """An in-process registry as a WSGI application: the real service, empty, in memory."""
    from moorings.errors import ExtraMissing
    from moorings.testing.in_process import registry_application

    try:
        return registry_application()
    except ExtraMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def moorings_registry(moorings_application: "WSGIApplication") -> Iterator["Registry"]:
    """A client of an empty in-process registry; no socket, no thread, a new one for each test."""
    import httpx2

    from moorings.connecting import connect

    with connect(http=httpx2.WSGITransport(app=moorings_application), refresh_s=None) as registry:
        yield registry


@pytest.fixture
def moorings_contracts(moorings_registry: "Registry", request: pytest.FixtureRequest) -> "ProjectContracts":
    """The project's contracts (ini option `moorings_schemas`), registered in `moorings_registry`."""
    from moorings.testing.project_contracts import ProjectContracts

    folder = Path(request.config.rootpath, request.config.getini("moorings_schemas"))
    if not folder.is_dir():
        pytest.fail(f"folder not found: {folder}; set moorings_schemas in the pytest settings", pytrace=False)
    return ProjectContracts(moorings_registry, folder)


@pytest.fixture
def moorings_fault_proxy(moorings_application: "WSGIApplication") -> Iterator["FaultProxy"]:
    """A `FaultProxy` in front of the registry of `moorings_registry`, over real TCP; connect to its `url`."""
    from moorings.testing.fault_proxy import FaultProxy
    from moorings.testing.in_process import served

    with served(moorings_application) as url, FaultProxy(url) as proxy:
        yield proxy
