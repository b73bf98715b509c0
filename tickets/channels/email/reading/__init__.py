"""Parse mails in subprocesses, which are killed after a timeout."""
