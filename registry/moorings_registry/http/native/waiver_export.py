"""Waivers as tables: comma-separated values for spreadsheets, and lines of JSON for machines."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request

JSON = "json"
TABLES = {"csv": "text/csv; charset=utf-8; header=present", "ndjson": "application/x-ndjson"}
"""The other forms of the list, by the name in ``format``."""
TABLE_TYPES = {one.partition(";")[0]: form for form, one in TABLES.items()}
"""The names in ``format``, by the media types of the other forms, without parameters."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def form_asked(named: str) -> str:
    """The form that the query names, else the one that `Accept` prefers; JSON where neither says."""
    if named:
        return named
    offered = {"application/json": JSON, **TABLE_TYPES}
    return offered.get(request.accept_mimetypes.best_match(list(offered), default=""), JSON)


def table(form: str, columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    """Write *rows* in one of `TABLES`, a line for each."""
    text = _csv(tuple(columns), rows) if form == "csv" else "".join(f"{json.dumps(row)}\n" for row in rows)
    disposition = {"Content-Disposition": f'attachment; filename="waivers.{form}"', "Vary": "Accept"}
    return Response(text, content_type=TABLES[form], headers=disposition)


def _csv(columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")  # RFC 4180
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in columns])
    return written.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(map(str, value))
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text  # a spreadsheet would run it
