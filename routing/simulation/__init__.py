"""Days that never were: the router's own engine, and the ways of others, on invented or recorded work."""
