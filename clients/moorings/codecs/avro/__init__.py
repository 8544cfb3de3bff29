"""Avro: events written and read by functions generated once per schema; fastavro takes what they do not cover."""

from moorings.codecs.avro.codec import AvroReader, AvroWriter
from moorings.codecs.avro.raw import make_reader, make_writer

__all__ = ["AvroReader", "AvroWriter", "make_reader", "make_writer"]
