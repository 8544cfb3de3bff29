"""The rules of every format whose libraries are installed here."""

from moorings_compat import Format, ProtobufCompilerUnavailable, Rule
from moorings_compat.conditions.rules import RULES as CONDITION_RULES
from moorings_compat.consumer_rules import RULES as CONSUMER_RULES
from moorings_compat.formats import format_parts
from moorings_compat.rules import FORMAT_CHANGED


def known_rules() -> tuple[dict[str, Rule], tuple[Format, ...]]:
    """Return the rules by code, and the formats that are left out because an extra is not installed."""
    rules = {rule.code: rule for rule in (*CONDITION_RULES, *CONSUMER_RULES, FORMAT_CHANGED)}
    left_out: list[Format] = []
    for format in Format:
        try:
            rules.update({rule.code: rule for rule in format_parts(format).RULES})
        except (ModuleNotFoundError, ProtobufCompilerUnavailable):
            left_out.append(format)
    return rules, tuple(left_out)
