"""Everything about sending a request: effects and their two runners, endpoints, retries, breaker, cache."""
