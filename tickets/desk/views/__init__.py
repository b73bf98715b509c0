"""The desk's pages and fragments, one module a concept; each reads the input, calls one verb and renders."""
