"""The story of a run, top to bottom: read, validate, look up, post, report."""
