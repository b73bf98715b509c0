"""Cases that need a person: a new participant, a forged mail, a bounced reply."""

from __future__ import annotations

from datetime import datetime, timedelta
from email import message_from_string
from email.message import EmailMessage

from helpdesk.demo import channels
from helpdesk.demo.shop import DOMAIN, Shop
from tickets.models import Channel, Outbound, Ticket

BOUNCE = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: {ours}
Subject: Undelivered Mail Returned to Sender
Message-ID: <demo-bounce@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

<{theirs}>: 552 5.2.2 mailbox full

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {theirs}
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 mailbox full

--part
Content-Type: text/rfc822-headers

Message-ID: {mail_id}
To: {theirs}

--part--
"""


def receive_unexpected_mail(shop: Shop, at: datetime) -> None:
    """Let a stranger write into a ticket, a forged mail arrive, and one of our replies come back."""
    tickets = Ticket.objects.active().filter(channel__slug="email", outbounds__kind=Outbound.Kind.REPLY)
    tickets_found = list(tickets.distinct().order_by("-id")[:2])
    if tickets_found:
        _joins(shop, tickets_found[0], at)
    _forged(shop.channels["email", "fr"], at + timedelta(minutes=3))
    if len(tickets_found) > 1:
        _comes_back(shop, tickets_found[1], at + timedelta(minutes=5))


def _joins(shop: Shop, ticket: Ticket, at: datetime) -> None:
    """Let the customer's partner answer from an address that nobody knows: it waits for an agent's yes."""
    channel = shop.channels["email", ticket.language]
    words = {
        "en": "Hello, I am writing for my husband, he is travelling. Thursday suits us.",
        "fr": "Bonjour, j’écris à la place de mon mari, il est en déplacement. Jeudi nous convient.",
    }
    mail = channels.make_mail("Claude Martel", "claude@martel.example", channel.address, at=at)
    mail["Subject"] = f"Re: {ticket.subject}"
    mail["Message-ID"] = "<demo-partner@martel.example>"
    channels.set_reply_headers(mail, ticket)
    mail.set_content(words[ticket.language])
    channels.receive_mail(mail, channel, at=at)


def _forged(channel: Channel, at: datetime) -> None:
    """Let a mail arrive whose own domain disowns it; our mail server has said so."""
    mail = EmailMessage()
    mail["Authentication-Results"] = f"mx.{DOMAIN}; dmarc=fail header.from=bank.example"
    mail["From"] = "Votre banque <service@bank.example>"
    mail["To"] = channel.address
    mail["Subject"] = "Confirmez vos coordonnées bancaires sous 24 heures"
    mail["Message-ID"] = "<demo-forged@bank.example>"
    mail.set_content("Cher client, votre compte sera fermé si vous ne confirmez pas vos coordonnées ici.")
    channels.receive_mail(mail, channel, at=at)


def _comes_back(shop: Shop, ticket: Ticket, at: datetime) -> None:
    """Let the other side refuse our last reply (RFC 3464): it becomes work again for its agent."""
    reply = ticket.outbounds.filter(kind=Outbound.Kind.REPLY).order_by("-id").first()
    if reply is None:
        return
    channel = shop.channels["email", ticket.language]
    report = BOUNCE.format(ours=channel.address, theirs=reply.to, mail_id=reply.mail_id)
    channels.receive_mail(message_from_string(report), channel, at=at)
