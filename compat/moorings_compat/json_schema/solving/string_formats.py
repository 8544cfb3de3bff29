"""Formats, as far as proofs and payloads need them: strings that fit, their shapes, and which format includes which.

Sources: RFC 3339 (dates and times), RFC 4122 (UUID), RFC 2673 (IPv4), RFC 4291 (IPv6), RFC 5321 (addresses), RFC 3986
(URI), RFC 3987 (IRI), RFC 6901 (JSON Pointer). A shape is a pattern that every string of the format matches: wide
enough to be certain, narrow enough to prove lengths and prefixes with.
"""

SAMPLES: dict[str, tuple[str, ...]] = {
    "date": ("2020-01-01", "1999-12-31", "2024-02-29"),
    "date-time": ("2020-01-01T00:00:00Z", "1999-12-31T23:59:59.5+01:00", "2020-01-01t00:00:00z"),
    "time": ("00:00:00Z", "23:59:59.5+01:00"),
    "duration": ("P1D", "PT1H", "P1Y2M3DT4H5M6S", "P1W"),
    "email": ("a@b", "a@b.c", "joe.bloggs@example.com", "a@b.co"),
    "idn-email": ("a@b.c", "ä@b.c", "joe@example.com"),
    "hostname": ("a", "example.com", "a-1.b", "0"),
    "hostname@4": ("a", "example.com", "a-1.b", "0"),
    "idn-hostname": ("a", "example.com", "ä.example"),
    "ipv4": ("127.0.0.1", "0.0.0.0", "255.255.255.255"),  # noqa: S104  # a string that is valid, not an address to bind
    "ipv6": (
        *("::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "1111:2222:3333:4444:5555:6666:7777:8888"),
        "1111:2222:3333:4444:5555:6666:123.123.123.123",
    ),
    "uri": ("a:", "http://example.com/", "urn:x:y", "https://example.com/a?b=c#d"),
    "uri-reference": ("", "a", "/a", "#a", "http://example.com/"),
    "iri": ("a:", "http://example.com/", "http://ä.example/"),
    "iri-reference": ("", "a", "/ä", "http://example.com/"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "2eb8aa08-aa98-41ea-b4aa-73b441d16380"),
    "uri-template": ("", "a", "{a}", "http://example.com/{a}"),
    "json-pointer": ("", "/a", "/a/0"),
    "relative-json-pointer": ("0", "1/a", "0#"),
    "regex": ("", "a", "^a$", "[a-z]+"),
}

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([zZ]|[+-][0-9]{2}:[0-9]{2})"

SHAPES: dict[str, str] = {
    "date": f"^{_DATE}$",
    "date-time": f"^{_DATE}[tT ]{_TIME}$",
    "time": f"^{_TIME}$",
    "duration": "^P[0-9A-Z.,]{2,}$",
    "email": "^[^\\n]+@[^\\n]+$",
    "ipv4": r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$",
    "ipv6": r"^(?=[0-9A-Fa-f:.]{2,45}$)[^:]*:[^:]*:",
    "uri": "^[A-Za-z][A-Za-z0-9+.-]*:",
    "uuid": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
    "relative-json-pointer": "^[0-9]+",
    "json-pointer": "^(/|$)",
}

_LABELS = "^[A-Za-z0-9]{1,20}(-[A-Za-z0-9]{1,20}){0,2}$"
_UNRESERVED = "^[A-Za-z0-9._~-]*$"
_ADDRESS = "^https?://[a-z0-9]{1,20}(\\.[a-z0-9]{1,20}){0,3}(/[A-Za-z0-9._~-]*)*$"
_MAILBOX = "^[a-z0-9]{1,20}@[a-z0-9]{1,20}\\.[a-z]{2,10}$"
_OCTET = "([0-9]|[1-9][0-9]|1[0-9][0-9])"

SURE: dict[str, str] = {
    "date": "^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$",
    "ipv4": f"^{_OCTET}\\.{_OCTET}\\.{_OCTET}\\.{_OCTET}$",
    "uuid": SHAPES["uuid"],
    "regex": "^[A-Za-z0-9 _,;:@#=-]*$",
    **dict.fromkeys(["email", "idn-email"], _MAILBOX),
    **dict.fromkeys(["hostname", "hostname@4", "idn-hostname"], _LABELS),
    **dict.fromkeys(["uri", "iri"], _ADDRESS),
    **dict.fromkeys(["uri-reference", "iri-reference", "uri-template"], _UNRESERVED),
}
"""A pattern that only strings of the format match: its strings need not be tried as strings of another format."""

_PLAIN = frozenset(
    ["hostname", "hostname@4", "idn-hostname", "uri-reference", "iri-reference", "uri-template", "regex"]
)
"""Formats of every text of letters, digits, dots and single hyphens that is built below."""

INCLUDED: dict[str, frozenset[str]] = {
    "date": _PLAIN | {"date"},
    "ipv4": _PLAIN | {"ipv4"},
    "uuid": _PLAIN | {"uuid"},
    "uri": frozenset(["uri", "uri-reference", "iri", "iri-reference"]),
    "uri-reference": frozenset(["uri-reference", "iri-reference"]),
    "iri": frozenset(["iri", "iri-reference"]),
    "email": frozenset(["email", "idn-email"]),
}
"""A string of the first format is one of each of these, by their grammars."""

LONGEST: dict[str, int] = {
    "date": 10,
    "ipv4": 15,
    "ipv6": 45,
    "uuid": 36,
    **dict.fromkeys(["hostname", "hostname@4", "idn-hostname"], 253),
    **dict.fromkeys(["email", "idn-email"], 320),
}
"""Characters that no string of the format exceeds: 253 of a name (RFC 1035, section 2.3.4: 255 bytes with the lengths
of the first label and of the root); in an address 64, an @ and 255 (RFC 5321, section 4.5.3.1)."""

_STRETCHED: dict[str, tuple[str, str, str]] = {
    "date-time": ("2020-01-01T00:00:00.", "0", "Z"),
    "time": ("00:00:00.", "0", "Z"),
    "duration": ("P", "1", "D"),
    "json-pointer": ("/", "a", ""),
    "relative-json-pointer": ("0/", "a", ""),
    **dict.fromkeys(["uri", "iri"], ("http://a/", "a", "")),
    **dict.fromkeys(["uri-reference", "iri-reference", "uri-template", "regex"], ("", "a", "")),
}
"""The part before and the part after the part that can be repeated."""


def stretched(name: str, length: int) -> str:
    """Write *length* characters that are likely to be of the format *name*; empty if none are known."""
    if name in _STRETCHED:
        before, repeated, behind = _STRETCHED[name]
        return before + repeated * (length - len(before) - len(behind)) + behind
    if name.removesuffix("@4").endswith("hostname"):
        return _host(length)
    if name.endswith("email"):
        local = max(1, min(64, length - 2))
        return "a" * local + "@" + _host(length - local - 1)
    return ""


def _host(length: int) -> str:
    """Labels of at most 63 characters, none of them empty."""
    labels: list[str] = []
    while length > 0:
        size = min(62, length) if length == 64 else min(63, length)
        labels.append("a" * size)
        length -= size + 1
    return ".".join(labels)
