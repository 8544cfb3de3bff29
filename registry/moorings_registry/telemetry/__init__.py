"""OpenTelemetry: spans and metrics of this service, pushed to a collector (OTLP over HTTP). An extra.

`environment` says whether and where to, by the variables that OpenTelemetry defines; the rest needs the extra `otlp`.
"""
