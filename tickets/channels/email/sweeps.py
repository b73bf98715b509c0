"""The email channel's periodic work: mails to agents, renewed sign-ins, and the mailboxes' problems."""

from tickets.channels.base import Sweep
from tickets.channels.email.inbound import reply_by_mail
from tickets.channels.email.mailboxes import monitoring, oauth

sweeps = (
    Sweep("tell agents by mail", 10, lambda now: reply_by_mail.tell_due(now=now)),
    Sweep("renew mail sign-ins", 60, lambda now: oauth.renew_due_tokens(now=now)),
    Sweep("watch the mailboxes", 60, lambda now: monitoring.report_problems(now=now)),
)
