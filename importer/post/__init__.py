"""Documents become entries: plan, send, judge."""
