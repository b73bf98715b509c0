"""Signed addresses, Message-IDs and marks in our mails. They identify a ticket or a mail, never a person.

Each contains an id and a mac of it (100 bits), so that nobody can guess or alter one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tickets.platform import crypto

MAC_LENGTH = 20  # base32 characters: 100 bits
REPLY_ADDRESS = re.compile(r"\+t\.([a-z0-9]{14})\.([a-z2-7]{20})@", re.ASCII)
BOUNCE_ADDRESS = re.compile(r"\+b\.([a-z0-9]{14})\.([a-z2-7]{20})@", re.ASCII)
AGENT_ADDRESS = re.compile(r"\+a\.([a-z0-9]{14})\.(\d{1,18})\.([a-z2-7]{20})@", re.ASCII)
MESSAGE_ID = re.compile(r"^<?t\.([a-z0-9]{14})\.([a-z0-9]{14})\.k1\.([a-z2-7]{20})@", re.ASCII)
BODY_REFERENCE = re.compile(r"\bref:([a-z0-9]{14})\.([a-z2-7]{20})\b", re.ASCII)
MENTIONED_NUMBER = re.compile(r"(?<![\w\[&#/.-])#(\d{1,12})(?![\w\]-])", re.ASCII)
SUBJECT_NUMBER = re.compile(r"\[#(\d{1,12})\]", re.ASCII)


def build_reply_address(mailbox: str, participant_id: str) -> str:
    """Return the reply address of a participant, which leads to their ticket: support+t.<id>.<mac>@…."""
    local, _, domain = mailbox.partition("@")
    mac = crypto.mac("reply", participant_id, length=MAC_LENGTH)
    return f"{local}+t.{participant_id}.{mac}@{domain}"


def find_participant_id(addresses: Iterable[str]) -> str:
    """Return the participant's public id in the first genuine reply address, or an empty text."""
    for address in addresses:
        match = REPLY_ADDRESS.search(address.lower())
        if match and crypto.mac_matches("reply", match[1], match[2], length=MAC_LENGTH):
            return match[1]
    return ""


def build_bounce_address(mailbox: str, outbound_id: str) -> str:
    """Return the envelope sender of a mail, to which bounces go: support+b.<id>.<mac>@…."""
    local, _, domain = mailbox.partition("@")
    return f"{local}+b.{outbound_id}.{crypto.mac('bounce', outbound_id, length=MAC_LENGTH)}@{domain}"


def find_bounced_id(addresses: Iterable[str]) -> str:
    """Return the outbound's public id in the first genuine bounce address, or an empty text."""
    for address in addresses:
        match = BOUNCE_ADDRESS.search(address.lower())
        if match and crypto.mac_matches("bounce", match[1], match[2], length=MAC_LENGTH):
            return match[1]
    return ""


def build_agent_address(mailbox: str, outbound_id: str, user_id: int) -> str:
    """Return the address to which one agent may reply to one notification mail: support+a.<id>.<user>…."""
    local, _, domain = mailbox.partition("@")
    mac = crypto.mac("agent", f"{outbound_id}.{user_id}", length=MAC_LENGTH)
    return f"{local}+a.{outbound_id}.{user_id}.{mac}@{domain}"


def find_agent_id(addresses: Iterable[str]) -> tuple[str, int] | None:
    """Return (outbound's public id, user id) of the first agent address; user id 0 if it is forged.

    Return None if no address has the form of an agent address.
    """
    for address in addresses:
        if match := AGENT_ADDRESS.search(address.lower()):
            is_genuine = crypto.mac_matches("agent", f"{match[1]}.{match[2]}", match[3], length=MAC_LENGTH)
            return match[1], int(match[2]) if is_genuine else 0
    return None


def build_message_id(ticket_id: str, outbound_id: str, domain: str) -> str:
    """Return the Message-ID of an outbound message; the arguments are public ids and a domain."""
    mac = crypto.mac("message-id", f"{ticket_id}.{outbound_id}", length=MAC_LENGTH)
    return f"<t.{ticket_id}.{outbound_id}.k1.{mac}@{domain}>"


def build_root_id(ticket_id: str, domain: str) -> str:
    """Return the ticket's constant first reference, by which every mail program groups its mails."""
    mac = crypto.mac("message-id", f"{ticket_id}.{ticket_id}", length=MAC_LENGTH)
    return f"<t.{ticket_id}.{ticket_id}.k1.{mac}@{domain}>"


def parse_message_id(mail_id: str) -> tuple[str, str] | None:
    """Return (ticket's public id, outbound's public id) of a genuine Message-ID of ours, else None."""
    match = MESSAGE_ID.match(mail_id.strip().lower())
    if match and crypto.mac_matches("message-id", f"{match[1]}.{match[2]}", match[3], length=MAC_LENGTH):
        return match[1], match[2]
    return None


def build_body_reference(ticket_id: str) -> str:
    """Return the signed mark at the end of our mails: ref:<id>.<mac>."""
    return f"ref:{ticket_id}.{crypto.mac('body', ticket_id, length=MAC_LENGTH)}"


def find_ticket_id(text: str) -> str:
    """Return the ticket's public id in the first genuine mark in a mail's text, or an empty text."""
    for match in BODY_REFERENCE.finditer(text[:200_000].lower()):
        if crypto.mac_matches("body", match[1], match[2], length=MAC_LENGTH):
            return match[1]
    return ""


def find_tagged_numbers(subject: str) -> list[int]:
    """Return the ticket numbers in tags such as [#1234] of a subject, in order, at most five."""
    return [int(number) for number in SUBJECT_NUMBER.findall(subject[:998])[:5]]


def find_mentioned_numbers(subject: str) -> list[int]:
    """Return the numbers written as "#1234" in a subject, each once, at most five.

    People write them, so they may not be ticket numbers.
    """
    return list(dict.fromkeys(int(number) for number in MENTIONED_NUMBER.findall(subject[:998])))[:5]
