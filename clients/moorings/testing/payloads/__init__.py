"""Events for the tests of a consumer: ordinary and edge-case ones, all of them valid."""

from moorings.testing.payloads.events import Payload, PayloadsImpossible, adversarial, older, strategy, valid

__all__ = ["Payload", "PayloadsImpossible", "adversarial", "older", "strategy", "valid"]
