"""Webhooks at work: events of the registry are signed, and sent to those who subscribed to them."""
