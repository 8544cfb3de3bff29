"""What the policy LENIENT lets pass: bets on producers never having sent names that their schema did not declare.

As Confluent's `compatibilityPolicy` LENIENT has it: properties may be added to open objects if they are optional or
have a default, and removed from closed ones, and what further properties may be can be narrowed. Every one of these
findings has a witness, and keeps it.
"""

LENIENT = "LENIENT"

_TOLERATED = frozenset(
    [
        "JSON_PROPERTY_ADDED_TO_OPEN",
        "JSON_PROPERTY_REMOVED_FROM_CLOSED",
        "JSON_ADDITIONAL_PROPERTIES_CLOSED",
        "JSON_ADDITIONAL_PROPERTIES_NARROWED",
        "JSON_UNEVALUATED_PROPERTIES_CLOSED",
    ]
)


def is_tolerated(code: str, *, about_undeclared: bool, required_with_default: bool) -> bool:
    """Say whether LENIENT lets a finding of the rule *code* pass.

    *about_undeclared*: it lies within what `additionalProperties` or `unevaluatedProperties` say.
    *required_with_default*: the property is new to the writer's open object, and the reader gives it a default.
    """
    if code == "JSON_PROPERTY_REQUIRED_ADDED":
        return required_with_default
    return about_undeclared or code in _TOLERATED
