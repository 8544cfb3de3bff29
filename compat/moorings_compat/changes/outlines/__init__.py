"""Outlines of each format: what people see when they edit a schema."""

from moorings_compat.changes.outlines.table import outline_of

__all__ = ["outline_of"]
