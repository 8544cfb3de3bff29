"""Names that the language derives from other names."""


def default_json_name(name: str) -> str:
    """Return the JSON name that a field has unless it declares one: ``order_id`` is ``orderId``."""
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
