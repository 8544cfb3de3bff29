"""What `moorings.notices` tells, in the words of other tools. Each module needs the extra of its name."""
