"""The registry's native API: requests, responses, and one method for each operation."""
