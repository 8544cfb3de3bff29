"""Corrected texts of a candidate: each way out of a change, tried by running the check."""

from moorings_compat.changes.corrections.correcting import Corrected, Corrections, corrections_of, way_title

__all__ = ["Corrected", "Corrections", "corrections_of", "way_title"]
