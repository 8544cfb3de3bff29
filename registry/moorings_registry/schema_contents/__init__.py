"""What a schema holds besides its text: metadata, rule sets, inline tags, field names, formats to show it in."""
