"""A comparison as a person reads it: in the terminal, as Markdown, as a page."""
