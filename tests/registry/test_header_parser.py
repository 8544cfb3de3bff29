"""The parser of headers answers as gunicorn's own does, for every byte."""

import pytest
from gunicorn.asgi.parser import PythonProtocol

from moorings_registry.server.asgi_worker import Parser


@pytest.mark.parametrize("before", [b"", b"a", b"a b\t"])
def test_every_byte_is_judged_as_before(before: bytes) -> None:
    ours, theirs = Parser(), PythonProtocol()
    for one in range(256):
        text = before + bytes([one])
        assert ours._has_invalid_header_chars(text) == theirs._has_invalid_header_chars(text), one
        assert ours._is_valid_token(text) == theirs._is_valid_token(text), one
    for text in (b"", before):
        assert ours._has_invalid_header_chars(text) == theirs._has_invalid_header_chars(text)
        assert ours._is_valid_token(text) == theirs._is_valid_token(text)
