"""People and their time."""
