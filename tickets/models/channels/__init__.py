"""Models of channels and of what came in by them: mailboxes, calls, chats, the ledger, API keys."""
