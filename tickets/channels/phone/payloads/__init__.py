"""What providers send, one module a format: `check` its signature, name it with `key_of`, `read` it."""
