"""Upcasting: an event of one major read as the next major, by a mapping that is declared next to the contracts."""

from moorings.upcasting.checking import Finding, check_mapping
from moorings.upcasting.mapping_file import MappingInvalid, read_mapping, read_mapping_file
from moorings.upcasting.stages import Target, UpcastingReader, Way
from moorings.upcasting.upcasts import Upcastable, Upcasts, find_mapping_files
from moorings_compat.mappings.applying import StepFailed, upcast
from moorings_compat.mappings.conversions import CONVERSIONS, Conversion
from moorings_compat.mappings.mapping import Mapping
from moorings_compat.mappings.reading import Problem

__all__ = [
    "CONVERSIONS",
    "Conversion",
    "Finding",
    "Mapping",
    "MappingInvalid",
    "Problem",
    "StepFailed",
    "Target",
    "Upcastable",
    "UpcastingReader",
    "Upcasts",
    "Way",
    "check_mapping",
    "find_mapping_files",
    "read_mapping",
    "read_mapping_file",
    "upcast",
]
