"""Channels: the adapter's interface, the registry that finds adapters, and one folder per channel."""
