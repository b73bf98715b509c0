"""Which kind of notice a mail is, if it is one. In doubt it is none: then it opens a ticket, as any mail."""

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
from tickets.channels.email.parsing.notices.absence import quote_from, read_absence, tells_of_absence
from tickets.channels.email.parsing.notices.appointment import is_only_answer
from tickets.channels.email.parsing.notices.lists import list_sign
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


def notice_in(
    root: Part,
    sender: Mailbox,
    reply_to: tuple[str, ...],
    subject: str,
    text: str,
    judged: Automatic,
    report: Report | None,
    invitations: Sequence[Invitation],
) -> Notice | None:
    """Return what a machine says that nobody has to answer, or None for everything else.

    A mail that a machine generated without being an answer (monitoring, forms, cron) is none.
    """
    headers = root.headers
    if report is not None:
        return _report(root, report) if judged.is_auto else None
    if judged.is_auto and _is_delay_in_prose(sender, subject, text):
        return Notice("delay", "delayed", sign=f"From: {sender.address[:40]} + Subject: {subject[:60]}")
    if is_only_answer(root, invitations, text):
        return _appointment(next(one for one in invitations if one.method == "REPLY"))
    if judged.is_vacation and not judged.is_bounce and _is_answer(headers, judged, subject, text):
        return _absence(judged, subject, text)
    if sign := list_sign(headers, sender, reply_to, subject, one_way_list(headers)):
        return Notice("list", quote=subject[:160], sign=sign)
    return None


def _report(root: Part, report: Report) -> Notice | None:
    """Return a receipt, or a report of which no address has failed."""
    if report.is_guess or report.kind not in ("receipt", "delivery"):
        return None
    if report.kind == "receipt":
        moment = parse_date(root.headers, [])
        sign = "Content-Type: multipart/report; disposition-notification"
        return Notice("receipt", _disposition(root), moment.isoformat() if moment else "", sign=sign)
    actions = {recipient.action for recipient in report.recipients}
    if not actions or not actions <= {*DELAYED, *DONE} or any(r.kind == "hard" for r in report.recipients):
        return None
    waiting = [recipient for recipient in report.recipients if recipient.action in DELAYED]
    about = tuple(recipient.address for recipient in waiting or report.recipients)[:ADDRESSES]
    action = "delayed" if waiting else (actions.pop() if len(actions) == 1 else "")
    sign = f"Content-Type: multipart/report; delivery-status; {action}"
    return Notice(
        "delay" if waiting else "delivered", action, _retried_until(root), addresses=about, sign=sign
    )


def _is_delay_in_prose(sender: Mailbox, subject: str, text: str) -> bool:
    """Tell whether a server says by name, subject and text, without a report, that it goes on trying."""
    local = sender.address.rpartition("@")[0] or sender.name
    is_server = SENDERS.match(local) or POSTMASTERS.match(local) or not sender.address
    told = text[:4_000]
    if not is_server or PERMANENT.search(told):
        return False
    return bool(DELAY_SUBJECT.match(subject) and TEMPORARY.search(told))


def _disposition(root: Part) -> str:
    """Return what became of the mail, in the words of RFC 8098: displayed, deleted …; or an empty text."""
    for part in root.walk():
        if part.content_type == "message/disposition-notification":
            for block in parse_field_blocks(part.content([])):
                done = block.text("disposition").partition(";")[2].partition("/")[0].strip()
                if done in DISPOSITIONS:
                    by_itself = block.text("disposition").startswith("automatic-action")
                    return "processed" if by_itself and done == "displayed" else done
    return ""


def _retried_until(root: Part) -> str:
    """Return until when the server goes on trying: the earliest moment named, as ISO text."""
    found: list[datetime] = []
    for part in root.walk():
        if part.content_type in STATUS_TYPES:
            for block in parse_field_blocks(part.content([])):
                moment = parse_date(Headers([("date", block.get("will-retry-until"))]), [])
                if moment is not None:
                    found.append(moment.astimezone(UTC))
    return min(found).isoformat() if found else ""


def _appointment(one: Invitation) -> Notice:
    about = (one.attendee,) if one.attendee else ()
    starts = "" if one.zone else (one.starts[:10] if one.all_day else one.starts)
    return Notice("appointment", one.answer, starts, one.summary[:160], about, sign="METHOD:REPLY")


def _is_answer(headers: Headers, judged: Automatic, subject: str, text: str) -> bool:
    """Tell whether a machine answered in somebody's place, by more than a subject that begins so.

    `auto-replied` and the headers of programs that answer say it; a mail that was generated says it where its
    subject is a notice's. Without any header the text has to be about nothing else.
    """
    if headers.text("auto-submitted").startswith(("auto-replied", "auto-reply", "vacation")):
        return True
    if any(name in headers for name in ABSENT_PERSON):
        return True
    if judged.reason.startswith("Subject:"):  # judged by all it says
        return True
    is_cited = "in-reply-to" in headers or "references" in headers
    is_quiet = bool(VACATION_TEXT.search(text)) or not ASKED.search(text)
    return bool(ABSENCE_WORDS.match(subject)) and (is_cited or is_quiet)


def _absence(judged: Automatic, subject: str, text: str) -> Notice:
    """Return the notice of somebody's absence, or a machine's answer that tells of none."""
    what, day = read_absence(text)
    kind = "absence" if day or tells_of_absence(subject, text) else "answer"
    return Notice(kind, what, day, quote_from(text), sign=judged.reason)
