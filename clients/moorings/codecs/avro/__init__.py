"""Avro: events written and read by functions generated once per schema; fastavro takes what they do not cover."""

from moorings.codecs.avro.codec import AvroReader, AvroWriter

__all__ = ["AvroReader", "AvroWriter"]
