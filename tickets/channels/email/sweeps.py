"""What of email must happen even when no bell rings."""

from tickets.channels.base import Sweep
from tickets.channels.email.inbound import reply_by_mail
from tickets.channels.email.mailboxes import oauth, watching

sweeps = (
    Sweep("tell agents by mail", 10, lambda now: reply_by_mail.tell_due(now=now)),
    Sweep("renew mail sign-ins", 60, lambda now: oauth.renew_due(now=now)),
    Sweep("watch the mailboxes", 60, lambda now: watching.watch(now=now)),
)
