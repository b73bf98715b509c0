"""The desk's views, one module per concept; each reads the input, calls one function and renders."""
