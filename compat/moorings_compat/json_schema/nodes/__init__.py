"""A schema as a graph of nodes in which every keyword is an assertion about a value."""
