"""Events for the tests of a consumer: ordinary ones, and those that handlers stumble over. All of them are valid."""

from moorings.testing.payloads.events import Payload, PayloadsImpossible, adversarial, older, strategy, valid

__all__ = ["Payload", "PayloadsImpossible", "adversarial", "older", "strategy", "valid"]
