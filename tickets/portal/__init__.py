"""The customers' pages: write, follow one's requests, be called back, read the FAQ."""
