"""Connections, roles, caches, limits and backup: what is kept where."""
