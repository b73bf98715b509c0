"""Read a mail in a subprocess that is killed on time-out."""
