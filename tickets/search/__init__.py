"""Find tickets and customers among what the reader may see."""
