"""The candidate's declarations against the older schema's: generated code, and reservations.

Neither is about a payload, so there is no witness, and the direction of a promise does not matter: the older schema's
names are used by existing code, and its numbers are in bytes that were written.
"""
