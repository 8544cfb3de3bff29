"""What the candidate declares against what the older schema declared: generated code, and reservations.

Neither is about a payload, so there is no witness, and the direction of a promise does not matter: the older schema's
names are what people's code uses, and its numbers are what bytes out there may hold.
"""
