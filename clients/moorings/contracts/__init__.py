"""Handles of event contracts: how they are found, cached, kept current, and what is made of the events they read."""
