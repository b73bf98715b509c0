"""Recognise the kind of notice that a mail is. In doubt it is none, and opens a ticket like any mail."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tickets.channels.email.parsing.addresses import Mailbox
from tickets.channels.email.parsing.appointments.calendars import Invitation
from tickets.channels.email.parsing.automatic import ABSENT_PERSON, Automatic, one_way_list
from tickets.channels.email.parsing.bounces import (
    PERMANENT,
    STATUS_TYPES,
    TEMPORARY,
    Report,
    parse_field_blocks,
)
from tickets.channels.email.parsing.dates import parse_date
from tickets.channels.email.parsing.headers import Headers
from tickets.channels.email.parsing.mime import Part
from tickets.channels.email.parsing.notices.absence import is_absence_notice, quote_absence, read_absence
from tickets.channels.email.parsing.notices.appointment import is_calendar_answer_only
from tickets.channels.email.parsing.notices.lists import find_list_sign
from tickets.channels.email.parsing.notices.notice import Notice
from tickets.channels.email.parsing.signs import (
    ABSENCE_WORDS,
    ASKED,
    DELAY_SUBJECT,
    POSTMASTERS,
    SENDERS,
    VACATION_TEXT,
)

DELAYED, DONE = ("delayed",), ("delivered", "relayed", "expanded")
DISPOSITIONS = ("displayed", "deleted", "dispatched", "processed", "denied", "failed", "error")
ADDRESSES = 5


def recognise_notice(
    root: Part,
    sender: Mailbox,
    reply_to: tuple[str, ...],
    subject: str,
    text: str,
    judged: Automatic,
    report: Report | None,
    invitations: Sequence[Invitation],
) -> Notice | None:
    """Return the notice in a mail, or None if somebody may have to answer the mail.

    Automatic mails that answer nothing (monitoring, forms, cron) are not notices.
    """
    headers = root.headers
    if report is not None:
        return _read_report(root, report) if judged.is_auto else None
    if judged.is_auto and _is_delay_without_report(sender, subject, text):
        return Notice("delay", "delayed", sign=f"From: {sender.address[:40]} + Subject: {subject[:60]}")
    if is_calendar_answer_only(root, invitations, text):
        return _build_appointment_notice(next(one for one in invitations if one.method == "REPLY"))
    if judged.is_vacation and not judged.is_bounce and _is_automatic_answer(headers, judged, subject, text):
        return _build_absence_notice(judged, subject, text)
    if sign := find_list_sign(headers, sender, reply_to, subject, one_way_list(headers)):
        return Notice("list", quote=subject[:160], sign=sign)
    return None


def _read_report(root: Part, report: Report) -> Notice | None:
    """Return the notice of a read receipt, or of a delivery report without a failed address; else None."""
    if report.is_guess or report.kind not in ("receipt", "delivery"):
        return None
    if report.kind == "receipt":
        moment = parse_date(root.headers, [])
        sign = "Content-Type: multipart/report; disposition-notification"
        return Notice("receipt", _read_disposition(root), moment.isoformat() if moment else "", sign=sign)
    actions = {recipient.action for recipient in report.recipients}
    if not actions or not actions <= {*DELAYED, *DONE} or any(r.kind == "hard" for r in report.recipients):
        return None
    waiting = [recipient for recipient in report.recipients if recipient.action in DELAYED]
    about = tuple(recipient.address for recipient in waiting or report.recipients)[:ADDRESSES]
    action = "delayed" if waiting else (actions.pop() if len(actions) == 1 else "")
    sign = f"Content-Type: multipart/report; delivery-status; {action}"
    return Notice(
        "delay" if waiting else "delivered", action, _find_retry_deadline(root), addresses=about, sign=sign
    )


def _is_delay_without_report(sender: Mailbox, subject: str, text: str) -> bool:
    """Tell whether a mail server says, in words only, that a mail is delayed and that it keeps trying."""
    local = sender.address.rpartition("@")[0] or sender.name
    is_server = SENDERS.match(local) or POSTMASTERS.match(local) or not sender.address
    beginning = text[:4_000]
    if not is_server or PERMANENT.search(beginning):
        return False
    return bool(DELAY_SUBJECT.match(subject) and TEMPORARY.search(beginning))


def _read_disposition(root: Part) -> str:
    """Return the disposition of the mail (RFC 8098: displayed, deleted …), or an empty string."""
    for part in root.walk():
        if part.content_type == "message/disposition-notification":
            for block in parse_field_blocks(part.content([])):
                done = block.text("disposition").partition(";")[2].partition("/")[0].strip()
                if done in DISPOSITIONS:
                    by_itself = block.text("disposition").startswith("automatic-action")
                    return "processed" if by_itself and done == "displayed" else done
    return ""


def _find_retry_deadline(root: Part) -> str:
    """Return until when the server keeps trying, in ISO format: the earliest moment in the report, or ""."""
    found: list[datetime] = []
    for part in root.walk():
        if part.content_type in STATUS_TYPES:
            for block in parse_field_blocks(part.content([])):
                moment = parse_date(Headers([("date", block.get("will-retry-until"))]), [])
                if moment is not None:
                    found.append(moment.astimezone(UTC))
    return min(found).isoformat() if found else ""


def _build_appointment_notice(one: Invitation) -> Notice:
    about = (one.attendee,) if one.attendee else ()
    starts = "" if one.zone else (one.starts[:10] if one.all_day else one.starts)
    return Notice("appointment", one.answer, starts, one.summary[:160], about, sign="METHOD:REPLY")


def _is_automatic_answer(headers: Headers, judged: Automatic, subject: str, text: str) -> bool:
    """Tell whether a program answered in somebody's place. The beginning of the subject alone is not enough.

    Auto-Submitted "auto-replied" and the headers of answering programs are. Otherwise the subject must be an
    absence notice's, and either the mail cites the one that it answers or its text asks nothing.
    """
    if headers.text("auto-submitted").startswith(("auto-replied", "auto-reply", "vacation")):
        return True
    if any(name in headers for name in ABSENT_PERSON):
        return True
    if judged.reason.startswith("Subject:"):  # that judgement has looked at the text already
        return True
    is_cited = "in-reply-to" in headers or "references" in headers
    is_quiet = bool(VACATION_TEXT.search(text)) or not ASKED.search(text)
    return bool(ABSENCE_WORDS.match(subject)) and (is_cited or is_quiet)


def _build_absence_notice(judged: Automatic, subject: str, text: str) -> Notice:
    """Return the notice of an absence, or of another automatic answer."""
    what, day = read_absence(text)
    kind = "absence" if day or is_absence_notice(subject, text) else "answer"
    return Notice(kind, what, day, quote_absence(text), sign=judged.reason)
