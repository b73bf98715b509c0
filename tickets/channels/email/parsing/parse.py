"""Parse one mail from its raw bytes. Nothing raises: defects are listed in the result."""

import re
from dataclasses import replace
from typing import Any

from tickets.channels.email.parsing import limits
from tickets.channels.email.parsing.addresses import Mailbox, names_one_author, parse_addresses, parse_sender
from tickets.channels.email.parsing.appointments.calendars import Invitation, read_invitations
from tickets.channels.email.parsing.attachments import place_pictures, read_attachments
from tickets.channels.email.parsing.automatic import LOOP_HEADER, recognise
from tickets.channels.email.parsing.bodies import Bodies, choose_bodies
from tickets.channels.email.parsing.bounces import Recipient, Report, guess_report, read_report
from tickets.channels.email.parsing.content import Content, build_content, read_content
from tickets.channels.email.parsing.dates import parse_date
from tickets.channels.email.parsing.digests import normalise_line_ends, parse_message_ids, read_message_id
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.encoding.transfer import extract_uu_files
from tickets.channels.email.parsing.encoding.words import decode_words
from tickets.channels.email.parsing.headers import Headers
from tickets.channels.email.parsing.html.sanitise import VERSION
from tickets.channels.email.parsing.html.text import html_to_text
from tickets.channels.email.parsing.language import guess_language
from tickets.channels.email.parsing.lists import is_by_program, list_addresses
from tickets.channels.email.parsing.mail import Envelope, ParsedMail
from tickets.channels.email.parsing.mime import Part, Splitter
from tickets.channels.email.parsing.notices.recognise import recognise_notice
from tickets.channels.email.parsing.protection import detect_protection
from tickets.channels.email.parsing.wrapped.tnef import PackedFile, Unpacked, unpack_tnef
from tickets.channels.email.reply import extract_new_text, find_matching_start

TNEF_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
QUOTE_BLOCK = re.compile("<blockquote", re.IGNORECASE)
ANSWER = re.compile(
    r"^\s*(?:re|aw|sv|antw|odp|ynt|vs|rv|réf|回复|答复|返信|resp?)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]",
    re.IGNORECASE,
)


def parse_email(raw: bytes) -> ParsedMail:
    """Parse a raw mail. Never raises; time and memory are bounded by `parsing.limits`."""
    defects: list[str] = []
    try:
        mail = _parse(normalise_line_ends(raw), defects)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the mail; it is shown with the fault named
        mail = _build_fallback(raw, f"could not be read: {type(error).__name__}: {error}"[:300])
        defects = []
    return replace(mail, defects=tuple(dict.fromkeys((*mail.defects, *defects)))[: limits.DEFECTS])


def _parse(raw: bytes, defects: list[str]) -> ParsedMail:
    decoder = Decoder()
    splitter = Splitter(raw, decoder, defects)
    root = splitter.split()
    bodies = choose_bodies(root)
    packed = _unpack_attachments(bodies, decoder, defects)
    content = _read_content(bodies, packed, raw[splitter.body_start :], decoder, defects)
    subject = decode_words(root.headers.get("subject"), decoder)[: limits.SUBJECT_CHARACTERS]
    sender = parse_sender(root.headers, decoder, defects)
    answered = {
        name: tuple(parse_message_ids(root.headers.all(name))) for name in ("in-reply-to", "references")
    }
    new = _find_new_text(content, is_reply=any(answered.values()) or bool(ANSWER.match(subject)))
    invitations = read_invitations(root, decoder, defects)
    files, locations = read_attachments(bodies.attached, decoder, defects, packed)
    content.safe_html, attachments = place_pictures(content.safe_html, files, locations)
    defects.extend(
        f"a text was not in its charset {name!r}" if name else "a text without charset"
        for name in sorted(decoder.repaired)
    )
    return ParsedMail(
        subject=subject,
        from_addr=sender.address,
        from_name=sender.name,
        date=parse_date(root.headers, defects),
        text=content.text,
        reply_text=new,
        attachments=tuple(attachments),
        message_id=read_message_id(root.headers),
        in_reply_to=answered["in-reply-to"][: limits.REFERENCES],
        references=answered["references"][-limits.REFERENCES :],
        envelope=_build_envelope(root.headers, root, decoder, invitations),
        language=guess_language(new or subject),
        protection=detect_protection(root, content.text),
        invitations=invitations,
        **_build_html_fields(content),
        **_build_recipient_fields(root.headers, decoder),
        **_build_automatic_fields(root, sender, subject, content.text, invitations, decoder),
    )


def _unpack_attachments(bodies: Bodies, decoder: Decoder, defects: list[str]) -> list[Unpacked]:
    """Unpack the winmail.dat files of Outlook, and remove them from the attachments.

    One that cannot be unpacked, or would exceed the number of files for one mail, remains an attachment.
    """
    unpacked: list[Unpacked] = []
    files_left = limits.UNPACKED_FILES
    for part in list(bodies.attached):
        if part.content_type not in TNEF_TYPES and part.file_name.lower() != "winmail.dat":
            continue
        inside = unpack_tnef(part.content([]), decoder)
        if inside is None:
            continue
        files_left -= len(inside.files)
        if files_left < 0:
            defects.append("too many files are wrapped in winmail.dat: the rest stays wrapped")
            break
        bodies.attached.remove(part)
        unpacked.append(inside)
    return unpacked


def _read_content(
    bodies: Bodies, packed: list[Unpacked], body: bytes, decoder: Decoder, defects: list[str]
) -> Content:
    """Return the content of a mail; if no part could be read, its body as a text."""
    content = read_content(bodies, decoder, defects)
    for inside in packed:
        if not (content.text or content.html):
            content = build_content(inside.text, inside.html, defects)
    if "begin " in content.text and content.html_text is None:
        content.shown_text, files = extract_uu_files(content.text)
        packed.append(Unpacked([PackedFile(name, "", data) for name, data in files]))
    if not (content.text or content.html or bodies.attached or packed) and body.strip():
        defects.append("no part could be read: the body is shown as it came")
        content.text = decoder.decode(body[: limits.TEXT_CHARACTERS]).replace("\r\n", "\n").strip()
    return content


def _build_html_fields(content: Content) -> dict[str, Any]:
    return {
        "html": content.safe_html,
        "original_html": content.html,
        "sanitiser_version": VERSION if content.html else "",
        "remote_images": content.remote_images,
    }


def _build_recipient_fields(headers: Headers, decoder: Decoder) -> dict[str, Any]:
    fields = ("to", "cc", "reply-to", "x-original-from")
    boxes = {name: parse_addresses(headers.all(name), decoder) for name in fields}
    named = [box for mailboxes in boxes.values() for box in mailboxes if box.address and box.name]
    return {
        "to": _list_addresses(boxes["to"]),
        "cc": _list_addresses(boxes["cc"]),
        "reply_to": _list_addresses(boxes["reply-to"]),
        "names": tuple((box.address, box.name) for box in named),
    }


def _build_automatic_fields(
    root: Part,
    sender: Mailbox,
    subject: str,
    text: str,
    invitations: tuple[Invitation, ...],
    decoder: Decoder,
) -> dict[str, Any]:
    """Return the fields on whether a machine wrote the mail, what it reports, and if nobody has to answer."""
    report = read_report(root, decoder)
    automatic = recognise(root.headers, root, sender, subject, text, report)
    reply_to = _list_addresses(parse_addresses(root.headers.all("reply-to"), decoder))
    notice = recognise_notice(root, sender, reply_to, subject, text, automatic, report, invitations)
    if automatic.is_bounce and (report is None or not report.recipients):
        report = _complete_report(report, text, root.headers, root, decoder)
    return {
        "is_auto": automatic.is_auto or notice is not None,
        "auto_reason": automatic.reason or (notice.sign if notice else ""),
        "wants_no_answer": automatic.wants_no_answer or notice is not None,
        "is_bounce": automatic.is_bounce,
        "is_vacation": automatic.is_vacation,
        "is_list": automatic.is_list,
        "report": report,
        "notice": notice,
    }


def _find_new_text(content: Content, *, is_reply: bool) -> str:
    """Return the new part of the text; if its lines do not show it, the marks in the HTML may."""
    text = content.text if content.shown_text is None else content.shown_text
    if len(text) > limits.REPLY_CHARACTERS:
        return text
    if content.html_text is not None:
        return extract_new_text(text, marks=content.html_text.marks, is_reply=is_reply)
    new = extract_new_text(text, is_reply=is_reply)
    if not (is_reply and content.html and len(content.html) <= limits.REPLY_CHARACTERS):
        return new
    if len(new) == len(text.strip()):
        shown = html_to_text(content.html)
        if shown.names_old_mail:
            return find_matching_start(text, extract_new_text(shown.text, marks=shown.marks)) or new
    elif QUOTE_BLOCK.search(content.html) and (whole := extract_new_text(text, is_reply=False)) != new:
        # A quote at the end without an introduction: the HTML shows whether it is only an indent.
        marks = html_to_text(content.html).marks
        return whole if marks and set(marks.values()) == {"layout"} else new
    return new


def _complete_report(
    report: Report | None, text: str, headers: Headers, root: Part, decoder: Decoder
) -> Report:
    """Complete a report from the mail's text; what the machine-readable part says takes precedence."""
    fields = [value for name in ("from", "to", "cc", "reply-to", "sender") for value in headers.all(name)]
    own = {box.address.lower() for box in parse_addresses(fields, decoder)}
    failed = parse_addresses(headers.all("x-failed-recipients"), decoder)
    guess = guess_report(text, own, root, decoder)
    if failed:
        guess = replace(
            guess, recipients=tuple(Recipient(box.address, "hard", "failed") for box in failed if box.address)
        )
    if report is None:
        return guess
    return replace(
        report,
        recipients=guess.recipients,
        original_message_id=report.original_message_id or guess.original_message_id,
    )


def _build_envelope(
    headers: Headers, root: Part, decoder: Decoder, invitations: tuple[Invitation, ...]
) -> Envelope:
    original_to = [
        value for name in ("x-original-to", "envelope-to", "x-envelope-to") for value in headers.all(name)
    ]
    return_path = headers.all("return-path")
    calendars = (
        part.parameters.get("method", "") for part in root.walk() if part.content_type == "text/calendar"
    )
    methods = filter(None, (*calendars, *(invitation.method for invitation in invitations)))
    return Envelope(
        delivered_to=_list_addresses(parse_addresses(headers.all("delivered-to"), decoder)),
        original_to=_list_addresses(parse_addresses(original_to, decoder)),
        return_path=next(iter(_list_addresses(parse_addresses(return_path[:1], decoder))), "")
        if return_path
        else None,
        sender=next(iter(_list_addresses(parse_addresses(headers.all("sender"), decoder))), ""),
        authors=len(_list_addresses(parse_addresses(headers.all("from"), decoder))),
        is_plain=names_one_author(headers, decoder),
        original_from=next(
            iter(_list_addresses(parse_addresses(headers.all("x-original-from"), decoder))), ""
        ),
        original_sender=next(
            iter(_list_addresses(parse_addresses(headers.all("x-original-sender"), decoder))), ""
        ),
        list_addresses=list_addresses(headers, decoder),
        is_by_program=is_by_program(headers),
        authentication_results=tuple(
            decode_words(value[:4_000], decoder) for value in headers.all("authentication-results")[:20]
        ),
        auto_submitted=headers.text("auto-submitted")[:100],
        loop=decode_words(headers.get(LOOP_HEADER)[:200], decoder),
        list_id=decode_words(headers.get("list-id")[:500], decoder),
        received_count=len(headers.all("received")),
        calendar_method=next(methods, "").upper()[:20],
    )


def _list_addresses(boxes: list[Mailbox]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(box.address for box in boxes if box.address))


def _build_fallback(raw: bytes, defect: str) -> ParsedMail:
    """Return a mail with only the beginning of its raw bytes as text, so that a person sees it."""
    text = raw[: limits.HEADER_BLOCK_BYTES].decode("ascii", "replace").replace("\x00", "")
    return ParsedMail(text=text, reply_text=text, defects=(defect,))
