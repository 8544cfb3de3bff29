"""The admin pages, below /admin."""

from moorings_registry.web.blueprint import lead_browsers, pages_blueprint

__all__ = ["lead_browsers", "pages_blueprint"]
