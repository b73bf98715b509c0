"""What administrators need for mailboxes: settings, sign-in, tests, reconciliation, and problems in words."""
