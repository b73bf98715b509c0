"""Recognise a mail that is only a calendar program's answer to an invitation, sent by a click."""

import re
from collections.abc import Sequence

from tickets.channels.email.parsing.appointments.calendars import CALENDAR_TYPES, Invitation
from tickets.channels.email.parsing.mime import Part

ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE")
CHARACTERS, LINES = 4_000, 60
COMMENT = re.compile(rb"^(?:COMMENT|X-RESPONSE-COMMENT)[;:][^\r\n]*\S", re.IGNORECASE | re.MULTILINE)
EMPTY_COMMENT = re.compile(rb"^(?:COMMENT|X-RESPONSE-COMMENT)[^:\r\n]*:\s*$", re.IGNORECASE | re.MULTILINE)
# The line that calendar programs write. In Google's mails, a person's own note may follow it.
ANSWER_LINE = re.compile(
    r"^[^\n]{0,160}\b(?:accepted|declined|accepté|refusé|décliné|provisoirement|zugesagt"
    r"|abgesagt|angenommen|abgelehnt"
    r"|aceptado|rechazado|accettato|rifiutato"
    r"|geaccepteerd|afgewezen|responded (?:yes|no|maybe))\b[^\n]{0,200}$",
    re.IGNORECASE,
)
OF_EVENT = re.compile(
    r"\b(?:invitation|invited?|event|meeting|appointment|réunion|évènement|événement|rendez-vous|einladung|termin"
    r"|besprechung|invitación|evento|invito|uitnodiging)\b",
    re.IGNORECASE,
)
NOTE = re.compile(
    r"with (?:this|the following) (?:note|message|comment)|avec (?:ce|cette|la) (?:note|remarque|message)"
    r"|mit (?:dieser|folgender) (?:notiz|nachricht)",
    re.IGNORECASE,
)
LABEL = re.compile(
    r"^\W*(?:when|where|who|what|calendar|subject|organi[sz]er|attendees?|location|time|date|quand|où|qui|quoi"
    r"|agenda|objet|lieu|organisateur|participants?|wann|wo|wer|kalender|betreff|ort)\s?[:：]",
    re.IGNORECASE,
)
FOOTER = re.compile(
    r"^\W*(?:invitation from google calendar|invitation (?:de|depuis) google agenda|einladung von google kalender|https?://\S+\s*$)",
    re.IGNORECASE,
)
GOOGLE = re.compile(r"google (?:calendar|agenda|kalender)", re.IGNORECASE)


def is_calendar_answer_only(root: Part, invitations: Sequence[Invitation], text: str) -> bool:
    """Tell whether a mail only says that an appointment was accepted, declined or tentatively accepted.

    It is False if the person added a comment, or proposed another time (COUNTER): both may need an answer.
    """
    answered = [one for one in invitations if one.method == "REPLY"]
    if not answered or len(answered) != len(invitations) or answered[0].answer not in ANSWERS:
        return False
    if any(_has_comment(part) for part in root.walk() if not part.children):
        return False
    return _has_no_personal_text(text, answered[0].summary)


def _has_comment(part: Part) -> bool:
    if part.content_type not in CALENDAR_TYPES:
        return False
    content = part.content([])[:200_000]
    return any(not EMPTY_COMMENT.match(match[0]) for match in COMMENT.finditer(content))


def _has_no_personal_text(text: str, summary: str) -> bool:
    lines = [line.strip() for line in text[:CHARACTERS].split("\n") if line.strip()]
    if not lines:
        return True
    if len(text) > CHARACTERS or len(lines) > LINES or NOTE.search(text):
        return False
    if GOOGLE.search(lines[-1]) or any(FOOTER.match(line) for line in lines):
        return bool(ANSWER_LINE.match(lines[0])) and bool(GOOGLE.search(text))
    return all(_is_program_line(line, summary) for line in lines)


def _is_program_line(line: str, summary: str) -> bool:
    """Tell whether a calendar program wrote this line: the answer, the appointment's name, or a label."""
    about = OF_EVENT.search(line) or (summary and summary.lower() in line.lower())
    if ANSWER_LINE.match(line) and len(line) <= 200 and about and "?" not in line:
        return not re.search(r"[.!;,]\s+\S", line)
    return bool(LABEL.match(line)) or line.lower() == summary.lower()
