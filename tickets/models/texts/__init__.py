"""Models of texts that a company writes once: articles, macros, signatures, contact reasons."""
