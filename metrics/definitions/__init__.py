"""One metric a file; metrics.catalogue.registry finds them here."""
