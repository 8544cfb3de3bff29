"""In the place of a package that a tool of development brings, and that no installation of the registry has.

`jsonschema` imports it where it is there, for a format that the registry does not ask for, and it compiles its grammar
as it is imported: a second of CPU in each process that asks the second engine.
"""

raise ImportError("left out, as it is where the registry is installed")
