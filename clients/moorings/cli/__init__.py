"""The `moorings` command, for CI jobs and for people; needs the extra `cli`."""
