"""Convert a parsed mail to a message for intake: its sender, its references, and reasons to refuse it."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from tickets.channels.base import Copied, InboundFile, InboundMessage, Sender
from tickets.channels.email.inbound import forwards
from tickets.channels.email.inbound.colleagues import find_colleagues
from tickets.channels.email.inbound.details import MailDetails, Report
from tickets.channels.email.inbound.senders import MailSender, read_sender
from tickets.channels.email.parsing import ParsedMail
from tickets.customers.mail_addresses import normalise_email, normalise_sender
from tickets.delivery import tokens
from tickets.models import Channel, Inbound
from tickets.models.channels.company_mailboxes import normalise_mailbox

MAX_HOPS = 30
MOST_COPIED = 20
ANOTHER = "another domain"
DISOWNED = ("fail", ANOTHER)  # a person may make a ticket of a refused mail: it then proves nothing
DMARC = re.compile(r"\bdmarc\s*=\s*([a-z]+)\b([^;]*)", re.IGNORECASE)
ALIGNED_WITH = re.compile(r"\bheader\.from\s*=\s*\"?([\w.-]+)", re.IGNORECASE)


def build_inbound_message(parsed: ParsedMail, inbound: Inbound) -> InboundMessage:
    """Return a parsed mail as a message for intake; a refusal has a rule, and a reason for a person.

    An agent's forward becomes the message of the customer whom it is from.
    """
    verdict = dmarc(parsed, inbound.channel)
    message = _message(parsed, inbound, verdict)
    if forwards.may_be_forward(parsed):
        return forwards.read_forward(message, parsed, inbound, verdict)
    return message


def _message(parsed: ParsedMail, inbound: Inbound, verdict: str) -> InboundMessage:
    sender = read_sender(parsed, inbound.channel, inbound.own_mailboxes)
    recipients = _recipients(parsed, inbound)
    agent = None if parsed.is_auto else tokens.find_agent_id(recipients)
    refusal, rule = _refusal(parsed, inbound, sender, verdict, agent)
    proves = parsed.envelope.is_plain and verdict not in DISOWNED and not sender.read_from
    copied = _find_copied(parsed, inbound, sender)
    return InboundMessage(
        sender=_build_sender(parsed, sender, proves=proves),
        subject=parsed.subject,
        text=parsed.text,
        reply_text=parsed.reply_text,
        html=parsed.original_html,
        html_safe=parsed.html,
        sanitiser=parsed.sanitiser_version,
        language=parsed.language,
        files=[
            InboundFile(a.filename, a.content_type, a.content, a.content_id, a.inline)
            for a in parsed.attachments
        ],
        external_id=parsed.message_id,
        is_auto=parsed.is_auto,
        auto_reason=parsed.auto_reason,
        notice=asdict(parsed.notice) if parsed.notice else None,
        wants_acknowledgement=_wants_acknowledgement(parsed, verdict, sender, proves=proves),
        answer_at=sender.answer_at,
        is_genuine=verdict == "pass" and not sender.read_from,
        copied=() if parsed.is_list else copied,
        refusal=str(refusal),
        refusal_rule=rule,
        facts=_facts(parsed, verdict, sender, copied),
        details=MailDetails(
            in_reply_to=parsed.in_reply_to,
            references=parsed.references,
            recipients=recipients,
            agent=agent if not refusal and agent and agent[1] else None,
            report=_report(parsed, recipients),
        ),
    )


def _build_sender(parsed: ParsedMail, sender: MailSender, *, proves: bool) -> Sender:
    """Return the sender as an identity.

    A mail from the address that its domain's policy does not reject (DMARC, `_refusal`) verifies the From. A
    sender that was read from other fields is a claim.
    """
    shown = sender.address if sender.read_from else parsed.from_addr
    return Sender("email", sender.address, name=sender.name, display=shown, is_verified=proves)


def _find_copied(parsed: ParsedMail, inbound: Inbound, sender: MailSender) -> list[Copied]:
    """Return the mail's other recipients, without us, the sender and the mailing list."""
    found: dict[str, str] = {}
    names = dict(reversed([(address.lower(), name) for address, name in parsed.names]))
    known = {sender.address, normalise_sender(parsed.from_addr), sender.answer_at}
    for given in (*parsed.cc, *parsed.to):
        address = normalise_email(given)
        bare = normalise_mailbox(address)
        if not address or address in known or bare in inbound.own_mailboxes:
            continue
        if address not in parsed.envelope.list_addresses:
            found.setdefault(address, names.get(address, "")[:200])
    return [Copied(address, name) for address, name in found.items()][:MOST_COPIED]


def _wants_acknowledgement(parsed: ParsedMail, verdict: str, sender: MailSender, *, proves: bool) -> bool:
    """Tell whether the mail may get an automatic acknowledgement: its sender's address must be proved.

    A contact form's mail gets one too, as on our own pages, if our mail server says that it is genuine.
    """
    if sender.answer_at or not _may_be_acknowledged(parsed, verdict):
        return False
    return proves or (sender.read_from == "form" and verdict == "pass")


def dmarc(parsed: ParsedMail, channel: Channel) -> str:
    """Return "pass", "fail", ANOTHER or "", from the Authentication-Results of our own mail server.

    The channel's option `authserv_id` is that server's name; the results of other servers are ignored, and so
    is a pass for a mail with several senders. ANOTHER means that our server checked another domain.
    """
    ours = str(channel.options.get("authserv_id", "")).strip().lower()
    if not ours:
        return ""
    for header in parsed.envelope.authentication_results:
        server, _separator, results = header.partition(";")
        if (server.strip().lower().split() or [""])[0] == ours:
            found = DMARC.search(results)
            return _read_dmarc_result(parsed, found[1].lower(), found[2]) if found else ""
    return ""


def _read_dmarc_result(parsed: ParsedMail, result: str, said: str) -> str:
    if result == "fail":
        return "fail"
    domain = ALIGNED_WITH.search(said)
    if domain and _in_ascii(domain[1]) != _in_ascii(parsed.from_addr.rpartition("@")[2]):
        return ANOTHER
    return "pass" if result == "pass" and parsed.envelope.is_plain else ""


def _may_be_acknowledged(parsed: ParsedMail, verdict: str) -> bool:
    """Return whether the mail may be acknowledged: a person wrote it, from an ordinary mail address."""
    asks_for_none = parsed.wants_no_answer or parsed.is_list or verdict == "fail"
    return not asks_for_none and bool(normalise_email(parsed.from_addr))


def _in_ascii(domain: str) -> str:
    """Return a domain in its ASCII form (IDNA)."""
    domain = domain.lower().rstrip(".")
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _refusal(
    parsed: ParsedMail, inbound: Inbound, sender: MailSender, verdict: str, agent: tuple[str, int] | None
) -> tuple[Any, str]:
    if parsed.is_bounce:  # delay notices among them: they name no sender, and are believed nothing
        return "", ""
    forged = agent is not None and not agent[1]
    is_proved = verdict == "pass" and not sender.read_from  # the verdict is about the From
    hops = parsed.envelope.received_count > MAX_HOPS or _hops(parsed.envelope.loop) >= 3
    rules = (
        (not sender.address, _("The mail names no sender that could be answered."), "no_sender"),
        (
            verdict == "fail",
            _("The sender's own domain says that this mail is not from it (DMARC)."),
            "dmarc_fail",
        ),
        (
            forged,
            _("The mail claims to be a colleague's answer, but we never made its address."),
            "agent_forged",
        ),
        (agent and not is_proved, _("Nothing proves that a colleague sent this mail."), "agent_unproved"),
        (hops, _("The mail seems to run in a circle between two machines."), "loop"),
    )
    found = next(((why, rule) for applies, why, rule in rules if applies), None)
    if found is None and normalise_mailbox(sender.address) in inbound.own_mailboxes:
        found = _("The mail claims to come from one of our own mailboxes."), "from_own_address"
    return found or ("", "")


def _hops(loop: str) -> int:
    digits = re.findall(r"\d{1,4}", loop)
    return int(digits[-1]) if digits else 0


def _recipients(parsed: ParsedMail, inbound: Inbound) -> list[str]:
    envelope = parsed.envelope
    return [
        *inbound.envelope.get("recipients", []),
        *envelope.delivered_to,
        *envelope.original_to,
        *parsed.to,
        *parsed.cc,
    ]


def _bounced_ids(parsed: ParsedMail) -> list[str]:
    report = parsed.report
    named = [report.original_message_id] if report and report.original_message_id else []
    return [*named, *parsed.in_reply_to, *reversed(parsed.references)]


def _report(parsed: ParsedMail, recipients: list[str]) -> Report:
    """Return a mail's report about one of ours that bounced or was marked as spam."""
    return Report(
        is_complaint=parsed.report is not None and parsed.report.kind == "complaint",
        is_bounce=parsed.is_bounce and _is_about_ours(parsed, recipients),
        mail_ids=_bounced_ids(parsed),
        addresses=_failed(parsed),
        senders=parsed.report.original_senders if parsed.report else (),
        status=_status(parsed),
    )


def _is_about_ours(parsed: ParsedMail, recipients: list[str]) -> bool:
    """Return whether a bounce is certain to be about a mail of ours, so that it opens no ticket.

    It is if the report is machine-readable, or the mail has the signed envelope address or the Message-ID of
    one of ours. Any other becomes a message that a person reads.
    """
    if parsed.report is not None and not parsed.report.is_guess:
        return True
    if tokens.find_bounced_id(recipients):
        return True
    return any(tokens.parse_message_id(mail_id) for mail_id in _bounced_ids(parsed))


def _failed(parsed: ParsedMail) -> list[str]:
    """Return the recipients that failed permanently, or if there are none, all that failed."""
    recipients = parsed.report.recipients if parsed.report else ()
    for_good = [recipient.address for recipient in recipients if recipient.kind == "hard"]
    return for_good or [recipient.address for recipient in recipients if recipient.kind != "done"]


def _status(parsed: ParsedMail) -> str:
    """Return the worst delivery status in a report: a permanent failure (5.x.x) before a delay (4.x.x)."""
    recipients = parsed.report.recipients if parsed.report else ()
    return max((r.status for r in recipients if r.status), default="")


def _facts(parsed: ParsedMail, verdict: str, sender: MailSender, copied: list[Copied]) -> dict[str, Any]:
    """Return facts about the mail itself that agents may want to know."""
    colleagues = find_colleagues([one.address for one in copied]) if copied else {}
    facts = {
        "to": list(parsed.to)[:20],
        "cc": list(parsed.cc)[:20],
        "reply_to": [a for a in parsed.reply_to if normalise_sender(a) != normalise_sender(parsed.from_addr)][
            :5
        ],
        "copied": [
            {"address": one.address, "name": one.name, "is_colleague": one.address in colleagues}
            for one in copied
        ],
        "read_from": sender.read_from,
        "from": parsed.from_addr if sender.read_from else "",
        "mentions": tokens.find_mentioned_numbers(parsed.subject),
        "is_odd_address": not sender.read_from and not normalise_email(parsed.from_addr),
        "sent_at": parsed.date.isoformat() if parsed.date else "",
        "dmarc": verdict,
        "remote_images": parsed.remote_images,
        "defects": list(parsed.defects)[:20],
        "protection": parsed.protection,
        "invitations": [asdict(one) for one in parsed.invitations],
        "is_list": parsed.is_list,
        "is_vacation": parsed.is_vacation,
    }
    return {key: value for key, value in facts.items() if value}
