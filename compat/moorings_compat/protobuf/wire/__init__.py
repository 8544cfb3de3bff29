"""The wire: bytes that the writer wrote, parsed by the reader, values compared by field number."""
