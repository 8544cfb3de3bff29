"""The Confluent Schema Registry API, at the root."""

from moorings_registry.http.confluent.blueprint import confluent_blueprint

__all__ = ["confluent_blueprint"]
