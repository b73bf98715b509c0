"""Models of channels and of what they receive: mailboxes, calls, chats, the ledger, API keys."""
