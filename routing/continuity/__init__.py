"""Who knows whom: relationships, account owners, and the choice to wait for a person."""
