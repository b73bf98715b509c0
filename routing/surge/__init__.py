"""Surges, volunteers, overflow between queues, on call, alerts."""
