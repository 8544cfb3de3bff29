"""Protobuf: events written and read with message classes made from the contract; needs the extra `protobuf`."""

from moorings.codecs.protobuf.codec import ProtobufReader, ProtobufWriter, make_reader, make_writer

__all__ = ["ProtobufReader", "ProtobufWriter", "make_reader", "make_writer"]
