"""Finding events, domains, applications and schemas by what people remember of them."""

from moorings_registry.search.index import Found, Hit, HitKind, SearchIndex

__all__ = ["Found", "Hit", "HitKind", "SearchIndex"]
