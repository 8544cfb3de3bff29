"""Metrics of issuers: whether their keys can be fetched."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from moorings_registry.issuers import Trust


class IssuerMetrics:
    """What is read off at the moment of a scrape, by the worker that answers it: each fetches keys for itself."""

    def __init__(self, trust: Trust | None) -> None:
        self._trust = trust

    def collect(self) -> Iterator[Metric]:
        """The metrics, as a collector of prometheus-client gives them; none where nobody signs in."""
        away = GaugeMetricFamily(
            "moorings_issuer_away_seconds",
            "Since when the keys of an issuer cannot be fetched; 0 while they can. Known ones hold for 24 hours.",
            labels=["issuer"],
        )
        for alias, seconds in self._trust.away_s() if self._trust else ():
            away.add_metric([alias], seconds)
        yield away
