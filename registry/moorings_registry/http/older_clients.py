"""Clients that fail on a member of an answer that they do not know.

Java's client of Confluent's registry did so in its older releases, which Kafka Connect, Flink, Spark and Hudi still
ship. They send the JDK's own `User-Agent`. Releases that skip what they do not know say so in a header.
"""

from collections.abc import Mapping

SKIPS_UNKNOWN = "confluent-accept-unknown-properties"
_JDK = "Java/"


def is_older(headers: Mapping[str, str]) -> bool:
    """Whether a request with these *headers*, named in lower case, comes from such a client."""
    return headers.get("user-agent", "").startswith(_JDK) and headers.get(SKIPS_UNKNOWN, "").lower() != "true"
