"""Models of customers, their identities and links."""
