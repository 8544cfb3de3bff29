"""Expressions in CEL, compiled and run within bounds by Google's engine, which is an extra: `cel-expr-python`."""
