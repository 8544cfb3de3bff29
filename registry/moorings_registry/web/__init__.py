"""The admin pages, below /admin."""

from moorings_registry.web.blueprint import pages_blueprint

__all__ = ["pages_blueprint"]
