"""Incoming mail: SMTP listener, providers' webhooks, storing in the ledger, and conversion for intake."""
