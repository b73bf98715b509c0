"""Measure the router on the real database."""
