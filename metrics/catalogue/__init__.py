"""The metrics there are: found by their files, answered, and documented."""
