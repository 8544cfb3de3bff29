"""The page about this API says what is served."""

import re
from pathlib import Path

from flask import Flask

from moorings_registry import errors
from moorings_registry.http.confluent import confluent_blueprint
from moorings_registry.http.confluent.blueprint import ROUTES
from moorings_registry.http.confluent.documentation import document
from moorings_registry.http.confluent.openapi import PATH
from moorings_registry.http.statuses import STATUSES

PAGE = Path(__file__).parents[2] / "docs" / "confluent-api.md"


def test_the_page_is_the_one_that_the_routes_write() -> None:
    assert PAGE.read_text() == document(), "write it again: make docs"


def test_every_route_is_served_at_the_root_and_below_a_context() -> None:
    app = Flask("test", static_folder=None)
    app.register_blueprint(confluent_blueprint())
    served = {
        (method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods or () if method != "HEAD"
    }
    for route in ROUTES:
        assert (route.method, route.path) in served
        assert (route.method, f"/contexts/<within>{route.path}") in served
    described = {("GET", PATH), *((route.method, route.path) for route in ROUTES)}
    assert {one for one in served if one[0] != "OPTIONS" and not one[1].startswith("/contexts/<within>")} == described


def test_every_view_has_a_summary() -> None:
    for route in ROUTES:
        assert re.match(r"[A-Z].*\.$", (route.view.__doc__ or "").splitlines()[0]), route.shown_path


def test_no_two_routes_match_one_request() -> None:
    asked = [(route.method, re.sub(r"<[^>]*>", "*", route.path)) for route in ROUTES]
    assert len(set(asked)) == len(asked)


def test_every_error_of_a_route_has_a_code() -> None:
    for route in ROUTES:
        for refusal in route.errors:
            assert issubclass(refusal, errors.Refusal)
            assert STATUSES[refusal].confluent == int(str(STATUSES[refusal].error_code)[:3])
