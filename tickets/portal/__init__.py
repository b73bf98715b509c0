"""The customers' pages: write to us, follow requests, ask for a call back, read the FAQ."""
