"""ProtoJSON: text that the writer printed, parsed by the reader, where names matter and numbers of fields do not."""
