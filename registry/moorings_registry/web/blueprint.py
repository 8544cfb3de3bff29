"""The routes of the admin pages."""

from flask import Blueprint


def pages_blueprint() -> Blueprint:
    """Every page below /admin."""
    return Blueprint("pages", __name__)
