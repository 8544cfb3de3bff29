"""Forms about a waiver: another caller approves it, or it ends before its time."""

from flask import Response

from moorings_registry.commands import ApproveWaiver, WithdrawWaiver
from moorings_registry.web import forms, links


def approve_waiver(id: int) -> Response:
    """Approve a waiver, and lead back to it.

    Raises:
        CrossSiteRefused, and what `ApproveWaiver` raises.
    """
    return forms.carry_out(ApproveWaiver(id), links.waiver_href(id))


def end_waiver(id: int) -> Response:
    """Deny a waiver that waits for its approval, or end one that holds.

    Raises:
        CrossSiteRefused, and what `WithdrawWaiver` raises.
    """
    return forms.carry_out(WithdrawWaiver(id), links.waiver_href(id))
