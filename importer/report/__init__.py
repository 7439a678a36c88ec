"""A result becomes a page, a JSON document, lines on a terminal."""
