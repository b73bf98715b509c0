"""Mailboxes as an administrator meets them: sign-in, checks, pages, and what is wrong in words."""
