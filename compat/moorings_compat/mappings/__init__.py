"""Mappings from one major of an event to the next: steps as values, applied to events, and tried on made-up ones."""
