"""Registries that know less: no contexts, no pages, no modes, answers with fewer members."""

from typing import Any

import httpx2
import pytest

from moorings_registry.migration import ImportedRegistry, ImportedVersion, Peer, SourceUnreadable, read_registry
from moorings_registry.migration.assessing import read_as_far_as_possible

PLAIN: dict[str, Any] = {
    "/config": {"compatibilityLevel": "BACKWARD"},
    "/config/s": {"compatibilityLevel": "NONE"},
    "/subjects": ["s"],
    "/subjects?deleted": ["s", "t"],
    "/subjects/s/versions": [2],
    "/subjects/s/versions?deleted": [1, 2],
    "/subjects/s/versions/2?deleted": {"subject": "s", "version": 2, "id": 5, "schema": '"int"'},
    "/subjects/t/versions?deleted": [1],
    "/subjects/t/versions/1?deleted": {"subject": "t", "version": 1, "id": 5, "schema": '"int"'},
}


def read(answers: dict[str, Any]) -> ImportedRegistry:
    def handle(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path + ("?deleted" if "deleted" in request.url.params else "")
        if path in answers:
            return httpx2.Response(200, json=answers[path])
        return httpx2.Response(404, json={"error_code": 404, "message": "HTTP 404 Not Found"})

    return read_registry(Peer("http://old:8081", transport=httpx2.MockTransport(handle)))


def test_a_registry_may_speak_the_api_below_a_path() -> None:
    """As Apicurio Registry does, at /apis/ccompat/v7."""
    asked: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        path = request.url.path.removeprefix("/apis/ccompat/v7") + (
            "?deleted" if "deleted" in request.url.params else ""
        )
        return httpx2.Response(200, json=PLAIN[path]) if path in PLAIN else httpx2.Response(404, json={})

    found = read_registry(Peer("http://old:8080/apis/ccompat/v7/", transport=httpx2.MockTransport(handle)))
    assert [(one.subject, one.number, one.id) for one in found.versions] == [("s", 2, 5), ("t", 1, 5)]
    assert all(path.startswith("/apis/ccompat/v7/") for path in asked)


def test_what_they_tell_is_read() -> None:
    assert read(PLAIN) == ImportedRegistry(
        (ImportedVersion("s", 2, 5, "AVRO", '"int"'), ImportedVersion("t", 1, 5, "AVRO", '"int"', deleted=True)),
        {"": {"compatibility": "BACKWARD"}, "s": {"compatibility": "NONE"}},
        {},
        ("s version 1: soft-deleted, and not shown by the other registry",),
    )


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/subjects", {"not": "a list"}, "not a list"),
        ("/subjects", [1], "not a list of names"),
        ("/subjects/s/versions", ["1"], "not a list of version numbers"),
        ("/subjects/s/versions", [2, 3], "was deleted while it was read"),
        ("/subjects/s/versions/2?deleted", [], "not a JSON object"),
        ("/subjects/s/versions/2?deleted", {"subject": "s"}, "version is not an integer"),
        (
            "/subjects/s/versions/2?deleted",
            {"subject": "s", "version": 9, "id": 5, "schema": '"int"'},
            "answers for s version 9",
        ),
        ("/config", [], "not a JSON object"),
        ("/mode", {"mode": 3}, "mode is not a string"),
    ],
)
def test_nonsense_is_named(path: str, answer: Any, said: str) -> None:
    with pytest.raises(SourceUnreadable, match=said):
        read({**PLAIN, path: answer})


@pytest.mark.parametrize("missing", ["/subjects", "/config"])
def test_something_without_subjects_or_settings_is_no_registry(missing: str) -> None:
    answers = {path: answer for path, answer in PLAIN.items() if path.partition("?")[0] != missing}
    with pytest.raises(SourceUnreadable, match="is this a registry"):
        read(answers)


def test_an_assessment_reads_what_an_import_does() -> None:
    """At the root, as Karapace has it, and below a path, as Apicurio Registry does."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.removeprefix("/apis/ccompat/v7") + (
            "?deleted" if "deleted" in request.url.params else ""
        )
        return httpx2.Response(200, json=PLAIN[path]) if path in PLAIN else httpx2.Response(404, json={})

    for url in ("http://old:8081", "http://old:8080/apis/ccompat/v7"):
        found = read_as_far_as_possible(Peer(url, transport=httpx2.MockTransport(handle)))
        assert (found.source, found.unread, found.owners) == (url, (), {})
        assert found.registry == read(PLAIN)
