"""The standard variables of OpenTelemetry: what they turn on, and what of them is refused.

Source: OpenTelemetry Specification, Environment Variable Specification, and OTLP Exporter Configuration.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_PREFIX = "OTEL_EXPORTER_OTLP"
SIGNALS = ("TRACES", "METRICS")
_SAMPLERS = ("always_on", "always_off", "traceidratio")


class TelemetryRefused(Exception):
    """The variables ask for what this service does not do; the text says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which signals are exported."""

    traces: bool = False
    metrics: bool = False

    def __bool__(self) -> bool:
        return self.traces or self.metrics


def wanted(environment: Mapping[str, str] = os.environ) -> Wanted:
    """What *environment* turns on: nothing unless it names an endpoint.

    Raises:
        TelemetryRefused
    """
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return Wanted()
    found = Wanted(*(_is_wanted(signal, environment) for signal in SIGNALS))
    if found:
        _require_no_secrets(environment)
        _require_known(environment)
    return found


def require_usable(environment: Mapping[str, str] = os.environ) -> None:
    """Pass where nothing is exported, or all that exporting takes is there.

    Raises:
        TelemetryRefused
    """
    if not wanted(environment):
        return
    try:
        import opentelemetry.exporter.otlp.proto.http
        import opentelemetry.sdk.trace  # noqa: F401
    except ModuleNotFoundError as error:
        raise TelemetryRefused(
            f"{_PREFIX}_ENDPOINT is set, but the extra is not installed: "
            f"pip install 'moorings-registry[otlp]' ({error})"
        ) from None


def _is_wanted(signal: str, environment: Mapping[str, str]) -> bool:
    kind = environment.get(f"OTEL_{signal}_EXPORTER", "").strip() or "otlp"
    endpoint = environment.get(f"{_PREFIX}_{signal}_ENDPOINT") or environment.get(f"{_PREFIX}_ENDPOINT", "")
    if not endpoint or kind == "none":
        return False
    if kind != "otlp":
        raise TelemetryRefused(f"OTEL_{signal}_EXPORTER is {kind!r}: only otlp and none are supported")
    _require_url(f"{_PREFIX}_{signal}_ENDPOINT or {_PREFIX}_ENDPOINT", endpoint)
    return True


def _require_url(name: str, endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        is_usable = False
    if not is_usable:
        raise TelemetryRefused(f"{name} is not an http or https URL")
    if parts.username is not None or parts.password is not None or parts.query:
        raise TelemetryRefused(f"{name} holds credentials or a query: remove them; {_INSTEAD}")


_INSTEAD = (
    f"sign in with a client certificate ({_PREFIX}_CLIENT_CERTIFICATE and {_PREFIX}_CLIENT_KEY name files), or send to "
    "a collector beside the service that signs in"
)


def _require_no_secrets(environment: Mapping[str, str]) -> None:
    for name in (f"{_PREFIX}_HEADERS", *(f"{_PREFIX}_{signal}_HEADERS" for signal in SIGNALS)):
        if environment.get(name):
            raise TelemetryRefused(f"{name} is set, and would be a static secret in the environment: {_INSTEAD}")


def _require_known(environment: Mapping[str, str]) -> None:
    for name in (f"{_PREFIX}_PROTOCOL", *(f"{_PREFIX}_{signal}_PROTOCOL" for signal in SIGNALS)):
        if environment.get(name, "http/protobuf") not in ("", "http/protobuf"):
            raise TelemetryRefused(f"{name} is {environment[name]!r}: only http/protobuf is supported")
    sampler = environment.get("OTEL_TRACES_SAMPLER", "").strip().lower()
    if sampler.removeprefix("parentbased_") not in ("", *_SAMPLERS):
        raise TelemetryRefused(
            f"OTEL_TRACES_SAMPLER is {sampler!r}: use {', '.join(_SAMPLERS)}, also with parentbased_ before"
        )
    if sampler.endswith("traceidratio"):
        _require_share(environment.get("OTEL_TRACES_SAMPLER_ARG", "1.0"))
    for name in ("OTEL_METRIC_EXPORT_INTERVAL", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_MAX_QUEUE_SIZE"):
        if environment.get(name) and not (environment[name].isdecimal() and int(environment[name]) > 0):
            raise TelemetryRefused(f"{name} is not a positive number")


def _require_share(sent: str) -> None:
    try:
        is_share = 0.0 <= float(sent) <= 1.0
    except ValueError:
        is_share = False
    if not is_share:
        raise TelemetryRefused("OTEL_TRACES_SAMPLER_ARG is not a number from 0 to 1")
