"""Numbers with their nouns, as the command prints them."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun: ``1 subject``, ``1,200 subjects``."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def entries(number: int) -> str:
    """Write a number of entries of a ledger, without separators: programs read it."""
    return f"{number} {'entry' if number == 1 else 'entries'}"
