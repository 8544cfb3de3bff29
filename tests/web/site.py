"""The admin pages of a registry in memory, asked in-process."""

from dataclasses import dataclass
from html.parser import HTMLParser

from werkzeug.test import Client, TestResponse

from moorings_registry.app import build_application
from moorings_registry.engines import open_ledger
from moorings_registry.http.access_log import AccessLog
from moorings_registry.ledger import Ledger
from moorings_registry.service import Registry


@dataclass(frozen=True, slots=True)
class Site:
    """A registry, and a caller of its pages."""

    registry: Registry
    client: Client

    def ask(self, path: str) -> TestResponse:
        return self.client.get(path, headers={"Host": "localhost:8081"})

    def page(self, path: str) -> str:
        """The HTML of a page that has to be there."""
        response = self.ask(path)
        assert response.status_code == 200, (path, response.status_code, response.text[:500])
        return response.text


def new_site(ledger: Ledger | None = None) -> Site:
    application = build_application(ledger or open_ledger("memory:"), access_log=AccessLog(None))
    return Site(application.registry, Client(application.middleware))


class Outline(HTMLParser):
    """What a test asks of a page: its visible text, its links, and whether its tags close in order."""

    VOID = frozenset(("meta", "link", "input", "col", "path", "br", "hr", "img", "rect"))

    INLINE = frozenset(("a", "b", "bdi", "code", "span", "strong", "time"))

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag == "a" and attributes.get("href"):
            self.links.append(str(attributes["href"]))
        if attributes.get("id"):
            self.ids.append(str(attributes["id"]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"
        self.text += "" if tag in self.INLINE else " "

    @property
    def words(self) -> str:
        """The text with single spaces."""
        return " ".join(self.text.split())

    def handle_data(self, data: str) -> None:
        self.text += data
