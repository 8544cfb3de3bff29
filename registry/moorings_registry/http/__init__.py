"""HTTP: two APIs and what they share. It translates, and decides nothing."""
