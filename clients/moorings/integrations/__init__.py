"""Contracts on the transports that events travel by, a module each: `docs/transports.md`."""
