"""Outgoing mail: building, signing, sending, and delivery events from providers."""
