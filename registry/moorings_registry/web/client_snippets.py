"""What to type in order to use an event with each client."""

import json
import shlex
from dataclasses import dataclass

from moorings_registry.state import Version
from moorings_registry.web.links import events_api


@dataclass(frozen=True, slots=True)
class Snippet:
    """A few lines for one client."""

    title: str
    text: str


def client_snippets(version: Version, base_url: str) -> tuple[Snippet, ...]:
    """The lines for the major of *version*, of the registry at *base_url*."""
    subject, major = str(version.subject), version.major
    url, name = json.dumps(base_url), json.dumps(subject, ensure_ascii=False)
    python = f"""\
import moorings

registry = moorings.connect({url})
event = registry.event({name}, major={major})
data = event.encode(value)  # validates
value = event.decode(data)  # any revision of major {major}"""
    domain = version.subject.domain
    command = f"moorings --url {shlex.quote(base_url)} pull" + (f" --domain {shlex.quote(domain)}" if domain else "")
    stock = f"""\
from confluent_kafka.schema_registry import SchemaRegistryClient

client = SchemaRegistryClient({{"url": {url}}})
schema = client.get_latest_version({name}).schema"""
    java = f"schema.registry.url={base_url}\nauto.register.schemas=false\nuse.latest.version=true"
    curl = f"curl --fail-with-body {shlex.quote(f'{base_url}{events_api(subject)}/versions/{version.label}')}"
    return (
        Snippet("Python, with moorings", python),
        Snippet("The command", command),
        Snippet("Python, with Confluent's client", stock),
        Snippet("Java, with Confluent's serializers", java),
        Snippet("HTTP", curl),
    )
