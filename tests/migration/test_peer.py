"""Asking another registry: patient within bounds, and plain about what went wrong."""

from collections.abc import Callable

import httpx2
import pytest

from moorings_registry.migration import Peer, SourceAway, SourceUnreadable
from moorings_registry.migration.peer import PAGE, TRIES, segment

Handler = Callable[[httpx2.Request], httpx2.Response]


def peer(handler: Handler, url: str = "http://user:secret@there:8081/registry/") -> tuple[Peer, list[float]]:
    pauses: list[float] = []
    return Peer(url, transport=httpx2.MockTransport(handler), pause=pauses.append), pauses


def answering(*answers: httpx2.Response | Exception) -> Handler:
    left = iter(answers)

    def handle(_request: httpx2.Request) -> httpx2.Response:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handle


def test_what_may_pass_is_tried_again() -> None:
    asked, pauses = peer(
        answering(
            httpx2.ReadTimeout("slow"), httpx2.Response(503), httpx2.Response(429), httpx2.Response(200, json=[1])
        )
    )
    assert asked.get("/subjects") == [1]
    assert pauses == sorted(pauses)
    assert len(pauses) == 3


def test_what_does_not_pass_is_given_up_without_telling_the_password() -> None:
    asked, pauses = peer(answering(*[httpx2.ConnectError("user:secret refused")] * TRIES))
    with pytest.raises(SourceAway, match="http://there:8081/registry does not answer") as caught:
        asked.get("/subjects")
    assert "secret" not in str(caught.value)
    assert len(pauses) == TRIES - 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_closed_door_is_not_knocked_at_twice(status: int) -> None:
    asked, pauses = peer(answering(httpx2.Response(status)))
    with pytest.raises(SourceAway, match="denied access"):
        asked.get("/subjects")
    assert pauses == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx2.Response(200, text="<html>"), "not JSON"),
        (httpx2.Response(302, headers={"Location": "http://elsewhere"}), "answered 302"),
        (httpx2.Response(404), "is this a registry"),
    ],
)
def test_something_else_than_a_registry_is_recognised(answer: httpx2.Response, said: str) -> None:
    asked, _ = peer(answering(answer))
    with pytest.raises(SourceUnreadable, match=said):
        asked.get("/subjects")


def test_credentials_and_the_path_of_the_url_are_used() -> None:
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={})

    peer(handle)[0].get("/config/a%2Fb")
    assert seen[0].url.raw_path == b"/registry/config/a%2Fb"
    assert seen[0].headers["authorization"].startswith("Basic ")


NAMES = [f"s{number}" for number in range(2 * PAGE + 5)]


@pytest.mark.parametrize(
    ("pages", "held"), [(True, NAMES), (False, NAMES), (False, NAMES[:PAGE]), (True, NAMES[:PAGE])]
)
def test_lists_are_read_to_their_end_whether_or_not_they_have_pages(pages: bool, held: list[str]) -> None:
    def handle(request: httpx2.Request) -> httpx2.Response:
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        return httpx2.Response(200, json=held[offset : offset + limit] if pages else held)

    assert list(peer(handle)[0].pages("/subjects?deleted=true")) == held


def test_what_is_not_served_is_an_empty_list() -> None:
    assert list(peer(answering(httpx2.Response(404)))[0].pages("/contexts")) == []


@pytest.mark.parametrize("url", ["localhost:8081", "ftp://there", "http://", "http://[", "http://there:99999"])
def test_what_is_no_url_of_a_registry_is_refused(url: str) -> None:
    with pytest.raises(SourceUnreadable):
        Peer(url)


@pytest.mark.parametrize(("name", "path"), [("..", b"/mode/%2E%2E"), (".", b"/mode/%2E"), ("a.b/c", b"/mode/a.b%2Fc")])
def test_a_name_stays_one_segment(name: str, path: bytes) -> None:
    paths: list[bytes] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        paths.append(request.url.raw_path)
        return httpx2.Response(200, json={})

    peer(handle, "http://there:8081")[0].get(f"/mode/{segment(name)}")
    assert paths == [path]
