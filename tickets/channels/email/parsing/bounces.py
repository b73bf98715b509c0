"""Read delivery reports (RFC 3464): the failed addresses, whether permanently, and the original mail."""

import re
from dataclasses import dataclass

from tickets.channels.email.parsing.addresses import clean_address
from tickets.channels.email.parsing.encoding.charsets import Decoder
from tickets.channels.email.parsing.encoding.words import decode_raw, decode_words
from tickets.channels.email.parsing.headers import Headers, split_part
from tickets.channels.email.parsing.mime import Part

RECIPIENTS = 100
STATUS_PARTS = 10
STATUS_TYPES = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/xdelivery-status",
    "text/delivery-status",
)
ORIGINAL_TYPES = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/global-headers",
    "text/rfc822",
)
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[ -])")
# An address alone at the start of a line is the failed one; in running text it may be another.
LISTED = re.compile(
    r"^[\s>*|<\"'-]*(?:(?:intended|failed|final|original)?\s*recipient(?: address)?\s*:|rcpt to:"
    r"|user:?)?[\s<\"']*(?=\S{1,64}@)",
    re.IGNORECASE,
)
ANY_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,200}\.[A-Za-z]{2,24}")
MESSAGE_ID = re.compile(r"^[\s>|]*Message-Id:\s*(<[^<>\s]{3,400}>)", re.IGNORECASE | re.MULTILINE)
# The line at which the text of a report ends and the returned mail begins.
RETURNED = re.compile(
    r"^[\s>*|=_-]*(?:"
    r"-{2,}.{0,40}\b(?:original|unsent|returned|undelivered|message header|copy of|below this line|your "
    r"message)\b"
    r"|(?:the\s+)?(?:original|unsent|returned)\s+message(?:\s+(?:follows|headers?|text|is|as|included"
    r"|attached)|\s*:)"
    r"|(?:message|mail)\s+header\s+follows|below this line is|here is (?:a|the|your) (?:copy|first|original)"
    r"|your message reads\b|received:\s+(?:from|by)\b|return-path:\s*<|your original (?:message|mail))",
    re.IGNORECASE | re.MULTILINE,
)
TEMPORARY = re.compile(
    r"temporar|attempts will continue|postponed|will (?:keep trying|continue to try|be retried|retry)"
    r"|delayed|warning|not yet been delivered|still being tried"
    r"|do not need to resend|try again later|4\.\d\.\d|could not be delivered (?:for|within) \d",
    re.IGNORECASE,
)
PERMANENT = re.compile(
    r"permanent|fatal|given up|giving up|unknown|no such user|does not exist|5\.\d\.\d|\b5\d\d\b",
    re.IGNORECASE,
)
REASONS = {
    "1.0": "unknown address", "1.1": "unknown address", "1.2": "unknown domain", "1.3": "bad address",
    "1.6": "address moved",
    "1.10": "unknown domain", "2.0": "mailbox problem", "2.1": "mailbox disabled", "2.2": "mailbox full",
    "2.3": "message too large", "3.4": "message too large", "4.1": "no answer from the server",
    "4.4": "unknown domain",
    "4.6": "mail loop", "4.7": "tried for too long", "7.0": "refused", "7.1": "refused",
    "7.26": "sender not authenticated",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recipient:
    """The outcome for one address: "hard" (permanent failure), "soft" (temporary) or "done" (delivered)."""

    address: str
    kind: str
    action: str = ""
    status: str = ""
    diagnostic: str = ""
    reason: str = ""

    @property
    def is_final(self) -> bool:
        """Whether this mail will not be tried again, although the address may be valid ("soft")."""
        return self.kind == "hard" or self.action.startswith("fail")


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report, a spam complaint (RFC 5965) or a read receipt (RFC 8098) about a mail of ours."""

    kind: str  # "delivery", "complaint", "receipt"
    recipients: tuple[Recipient, ...] = ()
    original_message_id: str = ""
    original_subject: str = ""
    original_senders: tuple[str, ...] = ()
    is_guess: bool = False  # read out of prose, not from a part that is made for machines

    @property
    def failed(self) -> bool:
        return self.kind == "delivery" and (
            not self.recipients or any(r.kind != "done" for r in self.recipients)
        )


def read_report(root: Part, decoder: Decoder) -> Report | None:
    """Return the report in the machine-readable parts of a mail, or None if it has none."""
    parts = list(root.walk())
    kinds = {part.content_type for part in parts} | {
        f"report/{root.parameters.get('report-type', '').lower()}"
    }
    if "message/feedback-report" in kinds:
        senders = _read_original_senders(parts, decoder)
        return Report("complaint", _read_complained(parts, decoder), *_read_original(parts, decoder), senders)
    if "message/disposition-notification" in kinds or "report/disposition-notification" in kinds:
        refused = _read_refused(parts, decoder)
        return Report("delivery" if refused else "receipt", refused, *_read_original(parts, decoder))
    status_parts = [part for part in parts if part.content_type in STATUS_TYPES][:STATUS_PARTS]
    if not status_parts and "report/delivery-status" not in kinds:
        return None
    recipients: dict[str, Recipient] = {}
    for part in status_parts:
        for recipient in _read_recipients(part, decoder):
            recipients.setdefault(recipient.address.lower(), recipient)
    return Report("delivery", tuple(recipients.values())[:RECIPIENTS], *_read_original(parts, decoder))


def guess_report(text: str, own: set[str], root: Part, decoder: Decoder) -> Report:
    """Return a report read from the text of a mail that is known to be one; `own` addresses are skipped."""
    beginning = text[:20_000]
    returned = RETURNED.search(beginning)
    report_text = beginning[: returned.start()] if returned else beginning[:6_000]
    soft = bool(TEMPORARY.search(report_text)) and not PERMANENT.search(report_text)
    listed = [
        (match, line)
        for line in report_text.split("\n")
        if LISTED.match(line) and (match := ANY_ADDRESS.search(line))
    ]
    results: dict[str, Recipient] = {}
    for match, line in listed or [
        (match, report_text[match.start() :][:300]) for match in ANY_ADDRESS.finditer(report_text)
    ]:
        address = match[0].strip(".'=").partition("=")[2] or match[0].strip(".'=")
        if address.lower() not in own and not _is_machine(address) and len(results) < RECIPIENTS:
            recipient = _build_recipient(address, "delayed" if soft else "failed", "", line)
            results.setdefault(address.lower(), recipient)
    message_id, subject = _read_original(list(root.walk()), decoder)
    if not message_id and (match_id := MESSAGE_ID.search(text, returned.start() if returned else 0)):
        message_id = match_id[1]
    return Report("delivery", tuple(results.values()), message_id.strip("<>"), subject, is_guess=True)


def looks_returned(text: str) -> bool:
    """Return whether a text has an address alone on its line, or a returned mail below it."""
    return bool(RETURNED.search(text)) or any(LISTED.match(line) for line in text.split("\n"))


def parse_field_blocks(data: bytes) -> list[Headers]:
    """Return the blocks of "Name: value" lines of a report part."""
    blocks = re.split(rb"\n[ \t\r]*\n", data[:256_000].replace(b"\r\n", b"\n").strip(b"\n"))
    return [
        headers for block in blocks[: RECIPIENTS + 5] if (headers := split_part(block, 0, len(block), [])[0])
    ]


def _read_recipients(part: Part, decoder: Decoder) -> list[Recipient]:
    results = []
    for block in parse_field_blocks(part.content([])):
        # First the address that we wrote to, before the mail was forwarded.
        names = ("original-recipient", "final-recipient", "x-actual-recipient")
        address = next(filter(None, (_parse_address(block.get(name), decoder) for name in names)), "")
        if address:
            diagnostic = decode_raw(block.get("diagnostic-code")[:2000], decoder).partition(";")[2].strip()
            results.append(_build_recipient(address, block.text("action"), block.text("status"), diagnostic))
    return results


def _build_recipient(address: str, action: str, status: str, diagnostic: str) -> Recipient:
    action = (re.findall(r"[a-z]+", action.lower()) or [""])[0]
    match = STATUS.search(status) or STATUS.search(diagnostic)
    status = match[0] if match else ""
    if action in ("delivered", "relayed", "expanded"):
        kind = "done"
    elif action == "delayed" or (status.startswith("4") and action != "failed"):
        kind = "soft"
    else:
        kind = "hard" if not status.startswith("4") or _is_permanent_code(diagnostic) else "soft"
    reason = REASONS.get(f"{match[2]}.{match[3]}", "") if match else ""
    return Recipient(address, kind, action, status, diagnostic[:500], reason)


def _is_permanent_code(diagnostic: str) -> bool:
    code = REPLY_CODE.search(diagnostic)
    return bool(code and code[1] == "5")


def _parse_address(value: bytes, decoder: Decoder) -> str:
    """Return the address of "rfc822; dana@example.com"."""
    text = decode_raw(value[:1000], decoder)
    text = text.partition(";")[2] or text
    return clean_address(text.strip().strip("<>()\"' "))


def _read_original(parts: list[Part], decoder: Decoder) -> tuple[str, str]:
    """Return the Message-ID (without brackets) and the subject of the mail that a report is about."""
    reports = (*STATUS_TYPES, "message/disposition-notification", "message/feedback-report")
    message_id = subject = ""
    for part in [part for part in parts if part.content_type in (*ORIGINAL_TYPES, *reports)][:STATUS_PARTS]:
        data = part.content([])[:64_000].lstrip(b"\r\n")
        headers, _ = split_part(data, 0, len(data), [])
        name = "original-message-id" if part.content_type in reports else "message-id"
        message_id = message_id or headers.get(name)[:500].decode("utf-8", "replace").strip().strip("<>")
        subject = subject or decode_words(headers.get("subject")[:1000], decoder)
    return message_id, subject


def _read_refused(parts: list[Part], decoder: Decoder) -> tuple[Recipient, ...]:
    """Return the recipients whose mail filter refused a mail by a receipt. Source: RFC 5429 section 2.1."""
    results = []
    for part in [part for part in parts if part.content_type == "message/disposition-notification"]:
        for block in parse_field_blocks(part.content([])):
            disposition = block.text("disposition")
            if "automatic-action" in disposition and "deleted" in disposition:
                address = _parse_address(block.get("final-recipient"), decoder)
                results.append(Recipient(address, "hard", "failed", reason="refused"))
    return tuple(results[:RECIPIENTS])


def _read_complained(parts: list[Part], decoder: Decoder) -> tuple[Recipient, ...]:
    for part in parts:
        if part.content_type == "message/feedback-report":
            for block in parse_field_blocks(part.content([])):
                value = block.get("original-rcpt-to") or block.get("removal-recipient")
                if address := _parse_address(value, decoder):
                    return (Recipient(address, "hard", "complained"),)
    return ()


def _read_original_senders(parts: list[Part], decoder: Decoder) -> tuple[str, ...]:
    """Return the envelope sender of the mail that a complaint is about, which most providers quote."""
    results = []
    for part in [part for part in parts if part.content_type == "message/feedback-report"][:STATUS_PARTS]:
        results += [
            _parse_address(block.get("original-mail-from"), decoder)
            for block in parse_field_blocks(part.content([]))
        ]
    for part in [part for part in parts if part.content_type in ORIGINAL_TYPES][:STATUS_PARTS]:
        data = part.content([])[:64_000].lstrip(b"\r\n")
        headers, _ = split_part(data, 0, len(data), [])
        results.append(_parse_address(headers.get("return-path"), decoder))
    return tuple(filter(None, results))[:RECIPIENTS]


def _is_machine(address: str) -> bool:
    local = address.partition("@")[0].lower()
    return (
        local in ("mailer-daemon", "postmaster", "mailerdaemon", "abuse", "root")
        or len(local) > 50
        or local.startswith("bounce")
    )
