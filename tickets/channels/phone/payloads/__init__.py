"""The payloads of providers, one module per format: `check` verifies the signature, `read` parses it."""
