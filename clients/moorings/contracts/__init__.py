"""Handles of event contracts: how they are found, cached and kept current, and what they read events as."""
