"""Read mailboxes by IMAP: list new mails, store them in the ledger, and only then mark or move them there."""
