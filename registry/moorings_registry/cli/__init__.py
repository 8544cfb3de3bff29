"""The command line of the service: it wires, and explains itself."""
