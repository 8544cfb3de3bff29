"""The routes of the native API."""

from flask import Blueprint


def native_blueprint() -> Blueprint:
    """Everything below /v1 that is ours, and its description."""
    return Blueprint("native", __name__)
