"""Configuration pages: Django's ModelAdmin, rights by role, every change in the event log."""

from tickets.admin import channels, content, customers, hours, keys, log, mailboxes, queues

__all__ = ["channels", "content", "customers", "hours", "keys", "log", "mailboxes", "queues"]
