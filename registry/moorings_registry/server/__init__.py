"""Servers that run the application, and their options."""
