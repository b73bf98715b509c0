"""Limits on what comes in at any door, counted in PostgreSQL."""
