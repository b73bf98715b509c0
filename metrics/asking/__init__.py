"""A question, its figure and its uncertainty."""
