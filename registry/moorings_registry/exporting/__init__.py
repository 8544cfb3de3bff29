"""Exporting: keeping other registries in step with this one, over the API that both speak."""
