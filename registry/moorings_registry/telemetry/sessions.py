"""Connections to a collector."""

import requests


def session() -> requests.Session:
    """A session without proxies and netrc of the machine: what it sends goes to the endpoint, with no password."""
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = 0
    return made
