"""Exporting: keeping other registries in step with this one, over the API that both speak."""

from moorings_registry.exporting.runner import Runner

__all__ = ["Runner"]
