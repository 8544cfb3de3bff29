"""Groups of words, written as running text."""


def group(text: str) -> frozenset[str]:
    """The words of *text*, which spaces and line ends separate."""
    return frozenset(text.split())
