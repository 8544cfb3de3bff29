"""From a verdict to findings: which assertions of the reader fail, where, in which words, shown by which payload."""

from moorings_compat.json_schema.explaining.explainer import Explainer

__all__ = ["Explainer"]
