"""Signed names for outgoing mail: reply addresses, ids, body references. They say which, never who."""

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
    """Return the address whose mail belongs to this participant's ticket: support+t.<id>.<mac>@…."""
    local, _, domain = mailbox.partition("@")
    mac = crypto.mac("reply", participant_id, length=MAC_LENGTH)
    return f"{local}+t.{participant_id}.{mac}@{domain}"


def find_participant_id(addresses: Iterable[str]) -> str:
    """Return the participant id of the first genuine reply address, or an empty text."""
    for address in addresses:
        found = REPLY_ADDRESS.search(address.lower())
        if found and crypto.mac_matches("reply", found[1], found[2], length=MAC_LENGTH):
            return found[1]
    return ""


def build_bounce_address(mailbox: str, outbound_id: str) -> str:
    """Return the sender's address of the envelope, to which a mail comes back: support+b.<id>.<mac>@…."""
    local, _, domain = mailbox.partition("@")
    return f"{local}+b.{outbound_id}.{crypto.mac('bounce', outbound_id, length=MAC_LENGTH)}@{domain}"


def find_bounced_id(addresses: Iterable[str]) -> str:
    """Return the outbound id of the first genuine bounce address, or an empty text."""
    for address in addresses:
        found = BOUNCE_ADDRESS.search(address.lower())
        if found and crypto.mac_matches("bounce", found[1], found[2], length=MAC_LENGTH):
            return found[1]
    return ""


def build_agent_address(mailbox: str, outbound_id: str, user_id: int) -> str:
    """Return the address at which one agent, and nobody else, may answer what one mail told them."""
    local, _, domain = mailbox.partition("@")
    mac = crypto.mac("agent", f"{outbound_id}.{user_id}", length=MAC_LENGTH)
    return f"{local}+a.{outbound_id}.{user_id}.{mac}@{domain}"


def find_agent_id(addresses: Iterable[str]) -> tuple[str, int] | None:
    """Return (outbound id, user id) of the first agent address; the id is 0 where the address is forged.

    None: no address even looks like one.
    """
    for address in addresses:
        if found := AGENT_ADDRESS.search(address.lower()):
            genuine = crypto.mac_matches("agent", f"{found[1]}.{found[2]}", found[3], length=MAC_LENGTH)
            return found[1], int(found[2]) if genuine else 0
    return None


def build_message_id(ticket_id: str, outbound_id: str, domain: str) -> str:
    """Return the Message-ID of an outbound: fixed once, the same on every try."""
    mac = crypto.mac("message-id", f"{ticket_id}.{outbound_id}", length=MAC_LENGTH)
    return f"<t.{ticket_id}.{outbound_id}.k1.{mac}@{domain}>"


def build_root_id(ticket_id: str, domain: str) -> str:
    """Return the ticket's constant first reference, which keeps a thread together in any mail program."""
    mac = crypto.mac("message-id", f"{ticket_id}.{ticket_id}", length=MAC_LENGTH)
    return f"<t.{ticket_id}.{ticket_id}.k1.{mac}@{domain}>"


def parse_message_id(mail_id: str) -> tuple[str, str] | None:
    """Return (ticket public id, outbound public id) of a genuine Message-ID of ours, else None."""
    found = MESSAGE_ID.match(mail_id.strip().lower())
    if found and crypto.mac_matches("message-id", f"{found[1]}.{found[2]}", found[3], length=MAC_LENGTH):
        return found[1], found[2]
    return None


def build_body_reference(ticket_id: str) -> str:
    """Return the signed mark in the foot of our mails: ref:<id>.<mac>."""
    return f"ref:{ticket_id}.{crypto.mac('body', ticket_id, length=MAC_LENGTH)}"


def find_ticket_id(text: str) -> str:
    """Return the ticket public id of the first genuine mark in a text, or an empty text."""
    for found in BODY_REFERENCE.finditer(text[:200_000].lower()):
        if crypto.mac_matches("body", found[1], found[2], length=MAC_LENGTH):
            return found[1]
    return ""


def find_tagged_numbers(subject: str) -> list[int]:
    """Return the numbers of the [#1234] tags, in order; at most five."""
    return [int(number) for number in SUBJECT_NUMBER.findall(subject[:998])[:5]]


def find_mentioned_numbers(subject: str) -> list[int]:
    """Return the numbers that a person wrote as "#1234", each once, at most five; they may mean anything."""
    return list(dict.fromkeys(int(number) for number in MENTIONED_NUMBER.findall(subject[:998])))[:5]
