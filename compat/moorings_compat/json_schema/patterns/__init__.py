"""Regular expressions of ECMA-262: syntax, languages, and the guard against patterns that are too large."""
