"""The checks of one job that the registry keeps: what they are kept for, and where their pages are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from moorings.cli.ci_source import CiSource


@dataclass(slots=True)
class KeptChecks:
    """Collects what the registry answers while the contracts of one job are checked."""

    source: CiSource
    registry: str
    """The registry's URL, without what signs in."""
    pages: list[str] = field(default_factory=list)
    """The addresses of the checks that were kept."""
    reasons: list[str] = field(default_factory=list)
    """Why others were not, each reason once."""

    @classmethod
    def of(cls, source: CiSource, address: str) -> "KeptChecks":
        """Begin for a job; of several addresses, pages are at the first."""
        parts = urlsplit(address.partition(",")[0].strip())
        path = parts.path.rstrip("/")
        return cls(source, f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}")

    @property
    def job(self) -> Mapping[str, str]:
        return self.source.as_json()

    def noted(self, report: Mapping[str, Any]) -> str:
        """Note what became of one check; return the address of its page, empty where it is not kept."""
        kept, reason = report.get("kept"), str(report.get("not_kept") or "")
        page = str(kept.get("page", "")) if isinstance(kept, Mapping) else ""
        if page.startswith("/"):
            self.pages.append(f"{self.registry}{page}")
            return self.pages[-1]
        self.not_kept(reason)
        return ""

    def not_kept(self, reason: str) -> None:
        """Note why a check is not kept; empty says nothing."""
        if reason and reason not in self.reasons:
            self.reasons.append(reason)

    @property
    def link(self) -> str:
        """The page of the checks of this branch; empty where none was kept."""
        if not self.pages:
            return ""
        asked = {"repository": self.source.repository, "branch": self.source.branch}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{self.registry}/admin/checks{'?' if query else ''}{query}"
