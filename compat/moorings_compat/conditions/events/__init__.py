"""Made-up events of each format, as conditions see them."""
