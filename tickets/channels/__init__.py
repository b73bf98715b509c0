"""Channels: what an adapter is, where adapters are found, and one folder for each."""
