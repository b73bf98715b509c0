"""The email channel. It imports nothing here: the parser's subprocess loads this package without Django."""
