"""The fields of an event, read from a schema of any format."""
