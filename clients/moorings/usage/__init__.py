"""Usage: which events an application produces and consumes, reported to the registry; never a value."""

from moorings.usage.reporter import Usage, application_name, usage_of

__all__ = ["Usage", "application_name", "usage_of"]
