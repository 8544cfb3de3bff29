"""What the shapes of answers are written from: values of the state, and what is worked out beside them."""

from hashlib import sha256
from typing import Any

from moorings_compat.fields import pointer_of
from moorings_compat.fields.internal import internal_paths
from moorings_registry.etags import domain_etag
from moorings_registry.event_rules import declaration_of, domain_kinds, is_complete, kind_of
from moorings_registry.lifecycle import successor
from moorings_registry.names import Subject, is_within
from moorings_registry.policy import (
    DAYS,
    domain_days,
    domain_formats,
    domain_internal_fields,
    domain_json_dialect,
    domain_json_fields,
    domain_level,
    domain_names,
    domain_protobuf_level,
    domain_type_names,
    effective_level,
    json_fields_of,
    level_of_major,
    owning_domains,
)
from moorings_registry.schema_cache import SchemaCache
from moorings_registry.settings import Settings
from moorings_registry.state import Declaration, Domain, Lifecycle, State, SubjectState, Version


def version_value(state: State, version: Version) -> dict[str, Any]:
    """What `ListedVersionShape` writes."""
    held = state.subject(version.subject)
    return {
        "version": version,
        "definition": state.definitions[version.guid],
        "state": held.life(version.major).state if held else "active",
        "json_fields": json_fields_of(state, version.subject, version.major),
    }


def full_version_value(state: State, version: Version, schema_cache: SchemaCache) -> dict[str, Any]:
    """What `VersionShape` writes."""
    definition = state.definitions[version.guid]
    if definition.unreadable:
        digest = sha256(definition.text.encode()).hexdigest()
        return {**version_value(state, version), "fingerprint": digest, "internal_fields": []}
    schema = schema_cache.schema(state, definition, version.subject.context)
    internal = internal_paths(schema, version.subject.of_event.name, definition.metadata)
    return {
        **version_value(state, version),
        "fingerprint": schema.fingerprint,
        "internal_fields": [pointer_of(one) for one in internal],
    }


def declaration_value(state: State, subject: Subject) -> dict[str, Any]:
    """What `DeclarationShape` writes."""
    declared = declaration_of(state, subject)
    return {"declared": declared is not None, "declaration": declared or Declaration(kind_of(state, subject))}


def event_value(state: State, held: SubjectState, settings: Settings) -> dict[str, Any]:
    """What `EventShape` writes."""
    owners = owning_domains(state, held.subject)
    newest = held.versions[-1] if held.versions else None
    return {
        "held": held,
        **declaration_value(state, held.subject),
        "owner": owners[0].owner if owners else None,
        "contacts": owners[0].contacts if owners else (),
        "format": state.definitions[newest.guid].format if newest else None,
        "level": effective_level(state, held.subject, settings),
        "internal": domain_internal_fields(state, owners[0].name) if owners else None,
        "majors": [_major_value(state, held, major, settings) for major in held.majors],
    }


def lifecycle_value(life: Lifecycle) -> dict[str, Any]:
    """What `LifecycleShape` writes."""
    return {
        "state": life.state,
        "sunset": life.sunset or None,
        "since": life.since or None,
        "replacement": life.replacement,
        "page": life.page,
    }


def _major_value(state: State, held: SubjectState, major: int, settings: Settings) -> dict[str, Any]:
    life = held.life(major)
    return {
        "major": major,
        "level": level_of_major(state, held.subject, major, settings),
        "json_fields": json_fields_of(state, held.subject, major),
        **lifecycle_value(life),
        "successor": successor(state, held.subject, major) if life.since else None,
        "revisions": [one for one in held.versions if one.major == major],
    }


def effective_policy(state: State, name: str, settings: Settings) -> dict[str, Any]:
    """What holds in a domain, whoever set it."""
    return {
        "level": domain_level(state, name, settings),
        "names": domain_names(state, name),
        "formats": domain_formats(state, name),
        "json_fields": domain_json_fields(state, name),
        "protobuf_level": domain_protobuf_level(state, name),
        **{key: domain_days(state, name, key) for key in DAYS},
        "kinds": domain_kinds(state, name),
        "complete": is_complete(state, name),
        "type_names": domain_type_names(state, name),
        "internal": domain_internal_fields(state, name),
        "json_dialect": str(domain_json_dialect(state, name)),
    }


def domain_value(state: State, domain: Domain, settings: Settings) -> dict[str, Any]:
    """What `DomainShape` writes."""
    return {
        "domain": domain,
        "etag": domain_etag(state, domain.name),
        "effective": effective_policy(state, domain.name, settings),
        "events": sum(1 for one in state.active_names() if is_within(one.domain, domain.name)),
    }
