"""The first minutes of an empty installation: a link that makes its first administrator, once."""
