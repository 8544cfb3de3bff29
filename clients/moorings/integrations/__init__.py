"""Contracts on transports, one module for each: `docs/transports.md`."""
