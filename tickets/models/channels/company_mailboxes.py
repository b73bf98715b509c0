"""The company's mailboxes: which there are, which one an address is, and which one speaks for a queue."""

from __future__ import annotations

from collections.abc import Iterable

from tickets.models.channels.channel import Channel


def load_mailboxes() -> list[Channel]:
    """Return every mailbox, closed ones too; without the secrets, which are costly to decrypt."""
    return list(Channel.objects.mailboxes().defer("secret", "previous_secret").order_by("id"))


def load_open_mailboxes() -> list[Channel]:
    """Return the mailboxes at which mail is taken in, the oldest first."""
    return [mailbox for mailbox in load_mailboxes() if mailbox.is_active and mailbox.address]


def find_open_mailboxes(addresses: Iterable[str]) -> list[Channel]:
    """Return the open mailboxes among `addresses`, in their order and once each; `+…` parts do not matter."""
    known = {mailbox.address.lower(): mailbox for mailbox in load_open_mailboxes()}
    found = dict.fromkeys(normalise_mailbox(address) for address in addresses)
    return [known[address] for address in found if address in known]


def is_mailbox_address(address: str, mailboxes: Iterable[Channel]) -> bool:
    """Tell whether an address, with or without a part after a plus sign, is one of these mailboxes."""
    bare = normalise_mailbox(address)
    return any(mailbox.address.lower() == bare for mailbox in mailboxes)


def choose_mailbox(
    mailboxes: Iterable[Channel], *, language: str, queue_id: int | None = None
) -> Channel | None:
    """Return which active mailbox speaks: the queue's, else one of the language, else the oldest."""
    return min(
        (mailbox for mailbox in mailboxes if mailbox.is_active),
        key=lambda box: (box.queue_id != queue_id, box.language != language, box.pk),
        default=None,
    )


def normalise_mailbox(address: str) -> str:
    """Return an address in lower case, without angle brackets and the part after a plus sign."""
    local, _, domain = address.strip().strip("<>").lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
