"""Protobuf: `.proto` source of proto2, proto3 and the editions, compared over descriptors."""

from moorings_compat.protobuf.parsing import parse

__all__ = ["parse"]
