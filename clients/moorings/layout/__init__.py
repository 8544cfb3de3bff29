"""Contracts as files: the layout of the folder in a repository, and checks that need no registry."""

from moorings.layout.contract_file import ContractFile, file_name, split_file_name
from moorings.layout.domain_file import FILE_NAME, DomainFile, json_fields_in
from moorings.layout.event_file import EventFile
from moorings.layout.folder import Folder, read_folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.lint import lint
from moorings.layout.major_file import MajorFile
from moorings.layout.parsed import Parsed
from moorings.layout.repository_file import REPOSITORY_FILE, Repository

__all__ = [
    "FILE_NAME",
    "REPOSITORY_FILE",
    "ContractFile",
    "DomainFile",
    "EventFile",
    "Folder",
    "Issue",
    "MajorFile",
    "Parsed",
    "Repository",
    "Weight",
    "file_name",
    "json_fields_in",
    "lint",
    "read_folder",
    "split_file_name",
]
