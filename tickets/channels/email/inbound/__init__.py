"""Mail on its way in: SMTP listener, webhooks of providers, the mailroom, and what a mail means to intake."""
