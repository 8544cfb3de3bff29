"""What pages name exists: codes, options and links."""

import json
import re
import tomllib
from functools import cache
from typing import Any

import pytest
import yaml
from click import Command, Context, Group
from click.testing import CliRunner

from moorings.cli.catalogue import known_rules
from moorings.cli.commands import commands as client
from moorings.cli.explained import meanings_of
from moorings_registry.cli.main import main as service
from moorings_registry.cli.serve import serve
from moorings_registry.registry_events import EVENT_KINDS
from moorings_registry.web.blueprint import ROUTES
from tests.docs.pages import DOCS, command_lines
from tests.registry.granting import Guarded
from tests.web.site import new_site

_CODE = re.compile(r"`([A-Z]{3,}(?:_[A-Z]+)+)(?: \([a-z]+\))?`")
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_ROUTE = re.compile(r"\b(GET|POST|PUT|DELETE|PATCH) (/[\w./{}<>:@*-]+)")
EVERY_PAGE = sorted(one.name for one in DOCS.glob("*.md"))
_VARIABLE = re.compile(r"MOORINGS_[A-Z_]+")
PAGES = [
    "coming-from-apicurio.md",
    "coming-from-confluent.md",
    "coming-from-karapace.md",
    "deploying.md",
    "first-repository.md",
    "troubleshooting.md",
    "webhooks.md",
]


def anchors(name: str) -> set[str]:
    """The anchors of a page, as forges make them of its headings."""
    headings = re.findall(r"^#+ (.*)$", (DOCS / name).read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_link_leads_somewhere(page: str) -> None:
    for target, anchor in _LINK.findall((DOCS / page).read_text()):
        assert (DOCS / target).exists(), target
        if anchor:
            assert anchor in anchors(target or page), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES)
def test_every_code_is_one(page: str) -> None:
    rules, _ = known_rules()
    levels = {"FULL_TRANSITIVE", "SSL_CERT_FILE"}
    codes = set(_CODE.findall((DOCS / page).read_text())) - levels
    assert {one for one in codes if not one.startswith("MOORINGS_") and not meanings_of(one, rules)} == set()


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_command_has_its_options(page: str) -> None:
    for words in command_lines((DOCS / page).read_text()):
        unknown = unknown_words(client if words[0] == "moorings" else service, words[1:])
        assert unknown == [], " ".join(words)


def unknown_words(command: Command, words: list[str]) -> list[str]:
    """Return the subcommand, or else the options, that the command does not have."""
    context, options = Context(command), {"--help", "--version"}
    expected = iter(words)
    for word in expected:
        options.update(*(one.opts for one in command.params))
        if word.startswith("-"):
            if isinstance(command, Group) and word not in ("--help", "--version"):
                next(expected, None)  # the value of an option of `moorings` itself
        elif isinstance(command, Group):
            found = command.get_command(context, word.rstrip(",.:"))
            if found is None:
                return [word]
            command, context = found, Context(found, parent=context)
        else:
            break
    options.update(*(one.opts for one in command.params))
    named = [one.partition("=")[0].rstrip(",.:)'\"") for one in words if re.match("--[a-z]", one)]
    return [one for one in named if one not in options]


def test_the_searches_of_pages_find_what_is_there() -> None:
    """Where a pattern no longer fits how the pages are written, the tests that go by it would pass."""
    texts = [(DOCS / page).read_text() for page in EVERY_PAGE]
    for pattern in (_LINK, _CODE, _ROUTE):
        assert sum(bool(pattern.search(text)) for text in texts) > 10, pattern.pattern
    assert sum(1 for text in texts for _ in command_lines(text)) > 100


@cache
def routes() -> list[tuple[re.Pattern[str], frozenset[str]]]:
    """The paths that are served, as patterns, and their methods; those of the APIs and of sign-in."""
    framework: Any = Guarded().application.middleware.framework
    rules = framework.url_map.iter_rules()
    return [(re.compile(re.sub("<[^>]+>", "[^/]+", one.rule) + "$"), frozenset(one.methods)) for one in rules]


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_every_route_is_served(page: str) -> None:
    for method, path in _ROUTE.findall((DOCS / page).read_text()):
        if path.endswith("..."):  # several routes
            continue
        plain = re.sub("{[^}]+}|<[^>]+>", "one", path).rstrip(".,:")
        of_a_tool = (page, path) == ("tools.md", "/security/acls")
        assert of_a_tool or any(form.match(plain) and method in methods for form, methods in routes()), (method, path)


def test_every_variable_of_the_service_is_an_option() -> None:
    known = {one.envvar for one in serve.params} | {"MOORINGS_LEDGER"}
    assert set(_VARIABLE.findall((DOCS / "deploying.md").read_text())) <= known
    assert CliRunner().invoke(serve, ["--help"]).exit_code == 0


def test_every_page_is_listed() -> None:
    """But for the steps of a sign-in, and for what another page shows under an address of its own."""
    listed = set(re.findall(r"`/admin(/[^`]*)`", (DOCS / "pages.md").read_text()))
    by_rule = {re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule).replace("{subject}", "{event}") for rule, _ in ROUTES}
    others = {"/login", "/login/{alias}", "/callback", "/open", "/event", "/event/compare"}
    assert {one for one in by_rule - listed - others if not one.endswith(("/again", "/schema"))} == set()
    assert listed <= by_rule


def test_the_kinds_of_events_are_those_of_the_registry() -> None:
    named = set(re.findall(r"`([A-Z][a-z]+[A-Z][A-Za-z]+)`", (DOCS / "webhooks.md").read_text()))
    others = {"RegistryEvents", "SignatureInvalid"}
    assert named - others <= set(EVENT_KINDS)
    missing = {one for one in EVENT_KINDS if one not in named and not one.startswith(("Exporter", "Kek", "Dek"))}
    assert missing == set()


def test_the_alerts_for_somebody_to_see_now_are_those_that_page() -> None:
    rules = yaml.safe_load((DOCS.parent / "deploy" / "prometheus" / "moorings.rules.yaml").read_text())
    alerts = [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]
    rows = re.findall(r"^\| (`Moorings.*?) \|", (DOCS / "deploying.md").read_text(), re.MULTILINE)
    named = {name for row in rows for name in re.findall("`(\\w+)`", row)}
    assert named == {one["alert"] for one in alerts if one["labels"]["severity"] == "page"}


def test_the_declaration_of_a_consumer_and_its_test_are_accepted() -> None:
    page = (DOCS / "consumers.md").read_text()
    declared = tomllib.loads("".join(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)))
    draft = re.search(r"versions .* -d '(.*?)'$", page, re.DOTALL | re.MULTILINE)
    assert draft is not None
    host, ask = {"Host": "localhost:8081"}, new_site().client
    ask.put("/v1/domains/shop.orders", json={"owner": "team-orders"}, headers=host)
    made = ask.post("/v1/events/shop.orders.OrderPlaced/versions", json=json.loads(draft[1]), headers=host)
    assert made.status_code == 201, made.text
    for read in declared["reads"]:  # in JSON every field is an object, as the page says
        read["fields"] = [{"path": one} if isinstance(one, str) else one for one in read["fields"]]
    reply = ask.put(f"/v1/consumers/{declared.pop('application')}", json=declared, headers=host)
    assert reply.status_code < 300, reply.text
