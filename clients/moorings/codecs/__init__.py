"""Events as bytes, a folder or module a format."""
