"""Servers that run the application, and what they are told."""
