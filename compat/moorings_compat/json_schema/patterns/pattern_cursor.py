"""A place in the text of a pattern, for those who read one character by character."""


class PatternCursor:
    """`at` is the index of the next character of `pattern`."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def peek(self) -> str:
        """Return the next character, and stay before it; empty at the end."""
        return self.pattern[self.at] if self.at < len(self.pattern) else ""

    def taken(self, text: str) -> bool:
        """Step over *text* where it comes next; say whether it did."""
        if self.pattern.startswith(text, self.at):
            self.at += len(text)
            return True
        return False
