"""The email channel. Kept empty of imports: the parser's subprocess loads this package without Django."""
