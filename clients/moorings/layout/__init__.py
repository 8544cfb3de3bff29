"""Contracts as files: the layout of the folder in a repository, and checks that need no registry."""

from moorings.layout.contract_file import ContractFile, file_name, split_file_name
from moorings.layout.domain_file import FILE_NAME, DomainFile, json_fields_in
from moorings.layout.folder import Folder, read_folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.lint import lint
from moorings.layout.parsed import Parsed

__all__ = [
    "FILE_NAME",
    "ContractFile",
    "DomainFile",
    "Folder",
    "Issue",
    "Parsed",
    "Weight",
    "file_name",
    "json_fields_in",
    "lint",
    "read_folder",
    "split_file_name",
]
