"""Codecs: events as bytes, one folder or module per format."""
