"""JSON Schema documents: drafts, references, pointers, and the canonical text."""
