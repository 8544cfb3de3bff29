"""Sending requests: effects and their two runners, endpoints, retries, breaker, disk cache."""
