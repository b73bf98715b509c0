"""One metric a file; metrics.registry finds them here."""
