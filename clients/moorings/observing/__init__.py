"""Notices as spans and metrics of other tools. Each module needs the extra of its name."""
