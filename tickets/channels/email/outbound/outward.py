"""Build the mail of an outbox row, the same at each attempt, and send it by the configured server."""

from __future__ import annotations

from datetime import datetime
from email.utils import formataddr, parseaddr
from typing import Any

import css_inline
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from tickets.channels.base import SendResult
from tickets.channels.email.outbound import posting
from tickets.channels.email.outbound.signing import SignedMail, find_signing_key
from tickets.channels.email.reply import REPLY_MARKERS
from tickets.customers import links
from tickets.delivery import tokens
from tickets.models import Company, Identity, MailText, Message, Outbound, Signature, Ticket
from tickets.platform import files, placeholders
from tickets.promises import expectation

AUTOMATIC_HEADERS = {
    "Auto-Submitted": "auto-replied",
    "X-Auto-Response-Suppress": "All",
    "Precedence": "bulk",
}
LOOP_HEADER = "X-Tandem-Loop"
MAX_REFERENCES = 10


def send_outbound(outbound: Outbound, *, now: datetime) -> SendResult:
    """Try once to send an outbox row; a failure is temporary or permanent as the server's reply says."""
    mail = build_mail(outbound, now=now)
    try:
        provider_id = posting.send_mail(mail, outbound.channel, now=now)
    except posting.NotSent as error:
        return SendResult.unsent(error.error)
    return SendResult.sent(provider_id)


def build_mail(outbound: Outbound, *, now: datetime) -> EmailMultiAlternatives:
    """Return the mail of an outbox row: headers, text, HTML with inlined styles, and attachments."""
    language = outbound.ticket.language if outbound.ticket else outbound.payload.get("language", "en")
    with translation.override(language):
        context = _build_context(outbound, language=language, now=now)
        subject = _build_subject(outbound, context)
        text, html = _render_bodies(outbound, context)
    sender = _build_sender(outbound, context["company"])
    mail = SignedMail(
        subject=join_lines(subject),
        body=text,
        from_email=_build_envelope_sender(outbound) or sender,
        to=[outbound.to],
        cc=outbound.cc,
        reply_to=_build_reply_to(outbound),
        headers={"From": sender, **_build_headers(outbound)},
    )
    mail.signing_key = find_signing_key(parseaddr(sender)[1])
    if html:
        mail.attach_alternative(html, "text/html")
    if outbound.message is not None and outbound.kind == Outbound.Kind.REPLY:
        _attach_files(mail, outbound.message)
    return mail


def join_lines(text: str) -> str:
    """Return a text for a header field: one line, in which nothing is read as an encoded word (RFC 2047)."""
    return " ".join(text.replace("=?", "= ?").split())


def _build_context(outbound: Outbound, *, language: str, now: datetime) -> dict[str, Any]:
    company = Company.current()
    context: dict[str, Any] = {
        "outbound": outbound,
        "ticket": outbound.ticket,
        "message": outbound.message,
        "agent": outbound.message.author_user if outbound.message else None,
        "company": company,
        "language": language,
        "public_url": settings.PUBLIC_URL,
        "form_url": settings.PUBLIC_URL + reverse("portal:request"),
        "can_reply": bool(outbound.channel and outbound.channel.address),
        **outbound.payload,
    }
    if outbound.participant is not None and outbound.ticket is not None:
        # The participant's address may have been corrected since: only its present owner may get the link.
        if outbound.participant.address.lower() == outbound.to.lower():
            context["link"] = links.make_request_url(outbound.participant, now=now)
        context["reference"] = tokens.build_body_reference(outbound.ticket.public_id)
        context["customer"] = outbound.participant.customer
        context["promise"] = outbound.ticket.promises.filter(replaced_by=None).order_by("-id").first()
        context["expectation"] = expectation.expect_for_ticket(outbound.ticket, now=now)
    if identity_id := outbound.payload.get("all_requests_of"):
        # Created on sending: it is valid for ten minutes from now, and no valid token is stored in a row.
        proved = Identity.objects.proved().filter(pk=identity_id).first()
        context["link"] = links.make_all_requests_url(proved, now=now) if proved else ""
    if outbound.ticket is not None:
        context["reply_marker"] = REPLY_MARKERS.get(language, REPLY_MARKERS["en"])
    if outbound.message is not None and outbound.kind == Outbound.Kind.REPLY and outbound.ticket is not None:
        context["signature"] = load_signature(outbound.ticket.queue_id, language, outbound, company)
        context["quoted"] = _find_quoted(outbound.message, outbound)
    if outbound.ticket is not None and (own_text := _load_own_text(outbound, language)):
        context["own_words"] = _fill_placeholders(own_text, outbound, context)
    return context


def _find_quoted(message: Message, outbound: Outbound) -> Message | None:
    """Return the customer's message to quote below the reply, or None if others get the reply too.

    A message is quoted only to its own author, and only if it is not held.
    """
    if outbound.cc or outbound.participant is None:
        return None
    earlier = message.ticket.messages.filter(
        kind=Message.Kind.INBOUND,
        is_held=False,
        is_auto=False,
        seq__lt=message.seq,
        channel_slug__in=("email", "web"),
        author_customer=outbound.participant.customer_id,
    )
    return earlier.order_by("-seq").first()


def _load_own_text(outbound: Outbound, language: str) -> str:
    """Return the queue's text for this kind of mail, or else the text for all queues, or an empty text.

    A text with an unknown placeholder is not used, because the placeholder would appear in the mail.
    """
    ticket = outbound.ticket
    if ticket is None or outbound.kind not in MailText.Kind.values:
        return ""
    rows = MailText.objects.filter(kind=outbound.kind, language=language)
    usable = [
        row
        for row in rows.filter(queue=ticket.queue_id) | rows.filter(queue=None)
        if not row.unknown_placeholders
    ]
    texts = {row.queue_id: row.text for row in usable}
    return texts.get(ticket.queue_id) or texts.get(None, "")


def _fill_placeholders(text: str, outbound: Outbound, context: dict[str, Any]) -> str:
    """Fill in the placeholders; the customer's name only in replies.

    Automatic mails go to unverified addresses, and the name is a text that a stranger may have typed.
    """
    ticket, agent = outbound.ticket, context["agent"]
    is_reply = outbound.kind == Outbound.Kind.REPLY
    customer = outbound.participant.customer.name if outbound.participant and is_reply else ""
    values = {
        "customer": customer,
        "agent": agent.short_name if agent else "",
        "queue": ticket.queue.label(context["language"]) if ticket else "",
        "company": str(context["company"]),
        "promise": context["expectation"].sentence if "expectation" in context else "",
        "answer": outbound.message.text if outbound.message and is_reply else "",
    }
    return placeholders.fill_placeholders(text, values)


def load_signature(queue_id: int, language: str, outbound: Outbound, company: Company) -> str:
    """Return the queue's signature, or else the one for all queues, with its placeholders filled in."""
    rows = Signature.objects.filter(language=language, queue_id=queue_id) | Signature.objects.filter(
        language=language, queue=None
    )
    usable = [row for row in rows if not row.unknown_placeholders]
    by_priority = sorted(usable, key=lambda row: row.queue_id is None)
    if not by_priority or outbound.message is None:
        return ""
    agent = outbound.message.author_user
    values = {
        "agent": agent.short_name if agent else "",
        "queue": outbound.ticket.queue.label(language) if outbound.ticket else "",
        "company": company.name,
    }
    return placeholders.fill_placeholders(by_priority[0].text, values)


def _render_bodies(outbound: Outbound, context: dict[str, Any]) -> tuple[str, str]:
    if "text" in outbound.payload:
        html = outbound.payload.get("html", "")
        return outbound.payload["text"], _inline_styles(html) if html else ""
    name = f"{outbound.payload.get('template', f'tickets/mail/{outbound.kind}')}"
    html = render_to_string(f"{name}.html", context)
    return render_to_string(f"{name}.txt", context), _inline_styles(html)


def _inline_styles(html: str) -> str:
    path = finders.find("helpdesk/css/mail.css")
    css = ""
    if isinstance(path, str):
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  (finders give text)
            css = file.read()
    return css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=css, keep_style_tags=True).inline(
        html
    )


def _build_subject(outbound: Outbound, context: dict[str, Any]) -> str:
    if subject := outbound.payload.get("subject"):
        return str(subject)
    ticket = outbound.ticket
    if ticket is None:
        return render_to_string(f"{outbound.payload['template']}_subject.txt", context)
    if outbound.kind == Outbound.Kind.ACKNOWLEDGEMENT:
        # Nothing that the sender wrote: an attacker's text must not reach an unverified address.
        return _add_number(render_to_string("tickets/mail/ack_subject.txt", context).strip(), ticket)
    if outbound.kind == Outbound.Kind.NOTICE and not _is_verified_address(outbound):
        return _add_number(render_to_string("tickets/mail/news_subject.txt", context).strip(), ticket)
    is_answer = ticket.messages.filter(kind=Message.Kind.INBOUND).exists()
    subject = (
        f"Re: {ticket.subject}"
        if is_answer and not ticket.subject.lower().startswith("re:")
        else ticket.subject
    )
    return _add_number(subject, ticket)


def _add_number(subject: str, ticket: Ticket) -> str:
    """Return a subject with the ticket's number, which threads an answer that has no reference headers."""
    bare = " ".join(tokens.SUBJECT_NUMBER.sub("", subject).split())  # without another ticket's number
    return f"{bare} [#{ticket.pk}]"


def _is_verified_address(outbound: Outbound) -> bool:
    """Return whether the mail goes to a verified address of the customer it is written to.

    It is not enough that another customer has verified the address: anybody may have typed it here.
    """
    if outbound.participant is None:
        return False
    verified = Identity.objects.proved().filter(customer=outbound.participant.customer_id)
    return verified.filter(kind=Identity.Kind.EMAIL, value__iexact=outbound.to).exists()


def _build_sender(outbound: Outbound, company: object) -> str:
    channel = outbound.channel
    address = channel.address if channel and channel.address else parseaddr(settings.MAIL_FROM)[1]
    agent = outbound.message.author_user if outbound.message else None
    name = f"{agent.short_name} ({company})" if agent else str(company)
    return formataddr((join_lines(name), address))


def _build_envelope_sender(outbound: Outbound) -> str:
    """Return the signed envelope sender, to which the mail is returned if it cannot be delivered."""
    channel = outbound.channel
    return (
        tokens.build_bounce_address(channel.address, outbound.public_id)
        if channel and channel.address
        else ""
    )


def _build_reply_to(outbound: Outbound) -> list[str]:
    channel, participant = outbound.channel, outbound.participant
    if channel is not None and channel.address and "agent" in outbound.payload:
        return [tokens.build_agent_address(channel.address, outbound.public_id, outbound.payload["agent"])]
    if channel is None or participant is None or not channel.address:
        return []
    return [tokens.build_reply_address(channel.address, participant.public_id)]


def _build_headers(outbound: Outbound) -> dict[str, str]:
    headers = {"Message-ID": outbound.mail_id}
    if outbound.ticket is not None:
        domain = outbound.mail_id.rpartition("@")[2].rstrip(">")
        references = [
            f"<{mail_id}>"
            for mail_id in outbound.ticket.messages.exclude(mail_id="")
            .filter(is_held=False)
            .order_by("-seq")
            .values_list("mail_id", flat=True)[:MAX_REFERENCES]
        ]
        headers["References"] = " ".join(
            [tokens.build_root_id(outbound.ticket.public_id, domain), *reversed(references)]
        )
        if references:
            headers["In-Reply-To"] = references[0]
    if outbound.kind != Outbound.Kind.REPLY:
        headers |= AUTOMATIC_HEADERS
        headers[LOOP_HEADER] = "1"
    if address := outbound.payload.get("unsubscribe"):
        headers["List-Unsubscribe"] = f"<{address}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    return headers


def _attach_files(mail: EmailMultiAlternatives, message: Message) -> None:
    for attachment in message.attachments.all():
        with files.open_file(attachment.key) as file:
            mail.attach(attachment.name, file.read(), attachment.content_type)
