"""Reading mailboxes by IMAP: look what is new, keep it in the ledger, and only then touch it there."""
