"""The REST resources of routing."""
