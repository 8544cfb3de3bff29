"""Events as clients hand them over, in each format: what mappings are applied to, and whether the result is valid."""
