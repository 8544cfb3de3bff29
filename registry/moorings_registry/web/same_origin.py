"""Forms are taken from pages of the registry alone: browsers say where a request comes from."""

from urllib.parse import urlsplit

from flask import request

from moorings_registry.errors import CrossSiteRefused


def require_same_origin() -> None:
    """Pass, or refuse a request that another site made a browser send.

    Browsers say it in `Sec-Fetch-Site` (Fetch Metadata), and those that do not in `Origin`, which they send with every
    POST. What says neither is not a form of a browser: programs use the API.

    Raises:
        CrossSiteRefused
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != "same-origin":
            raise CrossSiteRefused
        return
    origin = urlsplit(request.headers.get("Origin", ""))
    if origin.scheme not in ("http", "https") or origin.netloc != request.host:
        raise CrossSiteRefused
