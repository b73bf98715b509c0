"""Models of texts that a company prepares: articles, canned responses, signatures, contact reasons."""
