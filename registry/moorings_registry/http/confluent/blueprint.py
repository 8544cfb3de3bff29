"""The routes of the Confluent API."""

from flask import Blueprint


def confluent_blueprint() -> Blueprint:
    """Every path of the Confluent API that is served."""
    return Blueprint("confluent", __name__)
