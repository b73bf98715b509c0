"""SQL that several jobs of routing share, and its rows as values."""
