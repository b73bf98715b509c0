"""Who may enter which route: one row a route, and a test that fails where a row is missing."""
