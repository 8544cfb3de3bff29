"""The native API, below /v1."""

from moorings_registry.http.native.blueprint import native_blueprint

__all__ = ["native_blueprint"]
