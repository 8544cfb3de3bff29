"""The admin pages, below /admin."""

from moorings_registry.web.blueprint import lead_browsers, pages_blueprint
from moorings_registry.web.fact_descriptions import described

__all__ = ["described", "lead_browsers", "pages_blueprint"]
