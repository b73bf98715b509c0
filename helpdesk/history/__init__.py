"""Synthetic history in bulk, for benchmarks and for looking at large numbers."""
